/** The plugin's tables. What is only shown, never searched, lies in `details` as JSON. */
import type { PluginMigration } from '#sdk';

export const migrations: readonly PluginMigration[] = [
  {
    name: '0001_sessions_and_links',
    statements: ({ id, clustered }) => [
      `create table checkout_sessions (
        id ${id} not null primary key,
        merchant_id ${id} not null,
        profile_id ${id} not null,
        payment_id ${id} not null,
        link_id ${id},
        status text not null check (status in ('open', 'complete', 'expired')),
        end_reason text check (end_reason in ('time', 'attempts', 'cancelled')),
        details text not null,
        expires_at text not null,
        check_at text,
        completed_at text,
        created_at text not null,
        check ((status = 'open') = (check_at is not null)),
        check ((status = 'expired') = (end_reason is not null))
      ) ${clustered}`,
      'create unique index checkout_sessions_payment on checkout_sessions (payment_id)',
      'create index checkout_sessions_due on checkout_sessions (check_at)',
      'create index checkout_sessions_merchant on checkout_sessions (merchant_id, id)',
      `create table checkout_links (
        id ${id} not null primary key,
        merchant_id ${id} not null,
        profile_id ${id},
        kind text not null check (kind in ('one_time', 'reusable')),
        status text not null check (status in ('active', 'paid', 'inactive', 'expired')),
        session_id ${id},
        details text not null,
        expires_at text,
        created_at text not null
      ) ${clustered}`,
      'create index checkout_links_due on checkout_links (status, expires_at)',
      'create index checkout_links_merchant on checkout_links (merchant_id, id)',
    ],
  },
  {
    name: '0002_mails',
    statements: ({ id, clustered }) => [
      `create table checkout_mails (
        link_id ${id} not null primary key,
        recipient text not null,
        status text not null check (status in ('pending', 'sent', 'failed')),
        attempts integer not null,
        next_at text not null
      ) ${clustered}`,
      "create index checkout_mails_due on checkout_mails (next_at) where status = 'pending'",
    ],
  },
];
