/** Processor accounts: a connector with one merchant's (sealed) settings at one processor. */
import type { Migration } from '../core/storage/migrate.ts';

export const accounts: Migration = {
  name: '0002_accounts',
  statements: ({ id }) => [
    `create table accounts (
      id ${id} not null primary key,
      merchant_id ${id} not null references merchants (id),
      connector text not null,
      name text not null,
      status text not null check (status in ('active', 'disabled')),
      priority bigint not null,
      weight bigint not null check (weight >= 0),
      hold_validity_hours bigint not null check (hold_validity_hours > 0),
      settings text not null,
      processor_reference text,
      webhook_state text not null check (webhook_state in
        ('none', 'manual', 'pending', 'registered', 'removing', 'failed')),
      webhook_url text,
      webhook_reference text,
      webhook_secret text,
      webhook_fault text,
      webhook_tries bigint not null,
      webhook_next_try_at text,
      webhook_version bigint not null,
      created_at text not null,
      updated_at text not null,
      deleted_at text,
      version bigint not null
    )`,
    `create index accounts_merchant on accounts (merchant_id, id)`,
    `create index accounts_endpoints_due on accounts (webhook_next_try_at, id)
      where webhook_next_try_at is not null`,
    `create unique index accounts_name on accounts (merchant_id, name) where deleted_at is null`,
  ],
};
