/** Merchants, their profiles and keys, and the answers kept for idempotent repeats. */
import type { Migration } from '../core/storage/migrate.ts';

export const access: Migration = {
  name: '0001_access',
  statements: ({ name, id }) => [
    // The guard of every change set on Postgres: a compare-and-swap that matched no row undoes it.
    ...(name === 'postgres'
      ? [
          `create function pointsman_conflict(guard text) returns integer language plpgsql as $$
           begin raise exception using errcode = 'PTM01', message = guard; end $$`,
          `create function pointsman_append_only() returns trigger language plpgsql as $$
           begin raise exception 'rows of this table are never changed'; end $$`,
        ]
      : []),

    `create table merchants (
      id ${id} not null primary key,
      name text not null,
      mode text not null check (mode in ('sandbox', 'live')),
      created_at text not null,
      updated_at text not null,
      version bigint not null
    )`,

    `create table profiles (
      id ${id} not null primary key,
      merchant_id ${id} not null references merchants (id),
      name text not null,
      is_default smallint not null check (is_default in (0, 1)),
      created_at text not null,
      updated_at text not null,
      version bigint not null
    )`,
    `create index profiles_merchant on profiles (merchant_id, id)`,
    `create unique index profiles_one_default on profiles (merchant_id) where is_default = 1`,

    // merchant_id is null for the admin keys of the box's owner.
    `create table api_keys (
      id ${id} not null primary key,
      merchant_id ${id} references merchants (id),
      profile_id ${id} references profiles (id),
      kind text not null check (kind in ('secret', 'public', 'admin')),
      mode text not null check (mode in ('sandbox', 'live')),
      name text not null,
      digest text not null,
      hint text not null,
      scopes text not null,
      created_at text not null,
      expires_at text,
      revoked_at text,
      version bigint not null,
      check ((merchant_id is null) = (kind = 'admin'))
    )`,
    `create unique index api_keys_digest on api_keys (digest)`,
    `create index api_keys_merchant on api_keys (merchant_id, id)`,

    // Not kept inside its key on SQLite: with an answer in it a row is as large as half a page.
    // busy: the first request runs (or died) · open: answered, its outcome still unknown · done.
    `create table idempotency_keys (
      merchant_id ${id} not null,
      key text not null,
      fingerprint text not null,
      state text not null check (state in ('busy', 'open', 'done')),
      owner text not null,
      locked_until text not null,
      payment_id ${id},
      operation_id ${id},
      status bigint,
      body text,
      created_at text not null,
      expires_at text not null,
      primary key (merchant_id, key)
    )`,
    `create index idempotency_keys_expiry on idempotency_keys (expires_at)`,
  ],
};
