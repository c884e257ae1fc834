/** What plugins share: which of their migrations ran, their objects' other names, their inbox. */
import type { Migration } from '../core/storage/migrate.ts';

export const plugins: Migration = {
  name: '0011_plugins',
  statements: ({ id, clustered }) => [
    `create table plugin_migrations (
      plugin text not null,
      name text not null,
      applied_at text not null,
      primary key (plugin, name)
    ) ${clustered}`,

    // One value, one object, both ways.
    `create table aliases (
      plugin text not null,
      merchant_id ${id} not null,
      kind text not null,
      value ${id} not null,
      object_id ${id} not null,
      primary key (plugin, merchant_id, kind, value)
    ) ${clustered}`,
    `create unique index aliases_object on aliases (plugin, merchant_id, kind, object_id)`,
    `create table alias_numbers (
      plugin text not null,
      merchant_id ${id} not null,
      kind text not null,
      last bigint not null,
      primary key (plugin, merchant_id, kind)
    ) ${clustered}`,

    // Answers in a dialect's own bytes; what they are about is protected by idempotency_keys.
    `create table dialect_answers (
      merchant_id ${id} not null,
      plugin text not null,
      key ${id} not null,
      fingerprint text not null,
      round bigint not null,
      status bigint,
      answer text,
      expires_at text not null,
      created_at text not null,
      primary key (merchant_id, plugin, key)
    )`,
    `create index dialect_answers_expiry on dialect_answers (expires_at)`,

    // Written in the commit of the event, gone once the subscriber has heard it.
    `create table plugin_inbox (
      event_id ${id} not null,
      subscriber text not null,
      merchant_id ${id} not null,
      attempts bigint not null,
      next_at text not null,
      primary key (event_id, subscriber)
    ) ${clustered}`,
    `create index plugin_inbox_due on plugin_inbox (next_at)`,

    `create table plugin_secrets (
      id text not null primary key,
      plugin text not null,
      name text not null,
      sealed text not null
    )`,
  ],
};
