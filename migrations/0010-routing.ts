/** What routing remembers: turns and shares, the use of limits, and the versions of the rules. */
import type { Migration } from '../core/storage/migrate.ts';

export const routing: Migration = {
  name: '0010_routing',
  statements: ({ id, clustered }) => [
    `alter table accounts add column tags text not null default '[]'`,
    `alter table accounts add column limits text`,

    `create table routing_counters (
      merchant_id ${id} not null,
      scope text not null,
      account_id ${id} not null,
      settled bigint not null default 0,
      reserved bigint not null default 0,
      turn bigint not null default 0,
      primary key (merchant_id, scope, account_id)
    ) ${clustered}`,

    // used is settled and reserved together: the bound of a limit stands on one column.
    `create table account_usage (
      account_id ${id} not null,
      span text not null,
      currency text not null,
      used_count bigint not null default 0,
      settled_count bigint not null default 0,
      used_amount bigint not null default 0,
      settled_amount bigint not null default 0,
      primary key (account_id, span, currency)
    ) ${clustered}`,

    // '' is the box's own rules, from its file; a merchant's own stand before them.
    `create table routing_rules (
      merchant_id ${id} not null,
      hash text not null,
      source text not null,
      text text not null,
      created_at text not null,
      primary key (merchant_id, hash)
    )`,
    `create table routing_active (
      merchant_id ${id} not null primary key,
      hash text not null,
      draft_hash text,
      draft_percent bigint not null default 0,
      draft_guard text,
      updated_at text not null,
      version bigint not null
    )`,
    // Decisions of a draft beside the live rules: recorded, not used.
    `create table routing_shadows (
      operation_id ${id} not null primary key,
      merchant_id ${id} not null,
      payment_id ${id} not null,
      draft_hash text not null,
      live_account ${id},
      draft_account ${id},
      used bigint not null,
      created_at text not null
    )`,
    `create index routing_shadows_draft on routing_shadows (merchant_id, draft_hash, operation_id)`,
  ],
};
