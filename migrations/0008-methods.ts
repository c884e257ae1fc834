/**
 * Methods kept for later: who a customer is at a processor, what can be charged again, and the
 * set-ups that lead there.
 */
import type { Migration } from '../core/storage/migrate.ts';

export const methods: Migration = {
  name: '0008_methods',
  statements: ({ id, clustered }) => [
    `create table processor_customers (
      merchant_id ${id} not null,
      customer_id ${id} not null references customers (id),
      account_id ${id} not null references accounts (id),
      reference text not null,
      created_at text not null,
      primary key (customer_id, account_id)
    ) ${clustered}`,

    // token: sealed, and gone with the deletion. A card in the switch's own vault has no account.
    // held_for: the authorization that has to succeed before the card is kept.
    // forget_at: its customer was deleted; the processor still has to forget it.
    `create table payment_methods (
      id ${id} not null primary key,
      merchant_id ${id} not null references merchants (id),
      customer_id ${id} references customers (id),
      kind text not null check (kind in ('processor', 'vault')),
      account_id ${id} references accounts (id),
      token text,
      token_digest text not null,
      customer_reference text,
      summary text not null,
      fingerprint text,
      billing text,
      usage text not null check (usage in ('on_session', 'off_session')),
      single_use smallint not null check (single_use in (0, 1)),
      expires_at text,
      used_at text,
      held_for ${id},
      forget_at text,
      forget_tries bigint not null,
      created_at text not null,
      updated_at text not null,
      deleted_at text,
      version bigint not null,
      check ((customer_id is null) = (single_use = 1)),
      check ((expires_at is not null) = (single_use = 1 or held_for is not null)),
      check (kind = 'vault' or (expires_at is null and used_at is null)),
      check (used_at is null or (single_use = 1 and deleted_at is not null)),
      check ((account_id is null) = (kind = 'vault')),
      check ((token is null) = (deleted_at is not null))
    )`,
    `create index payment_methods_customer on payment_methods (merchant_id, customer_id, id)`,
    `create unique index payment_methods_token on payment_methods (account_id, token_digest)
       where deleted_at is null`,
    `create unique index payment_methods_card on payment_methods (customer_id, token_digest)
       where kind = 'vault' and deleted_at is null`,
    `create index payment_methods_expiry on payment_methods (expires_at, id)
       where expires_at is not null and used_at is null`,
    `create index payment_methods_held on payment_methods (held_for) where held_for is not null`,
    `create index payment_methods_forget on payment_methods (forget_at, id)
       where forget_at is not null`,

    `create table setups (
      id ${id} not null primary key,
      merchant_id ${id} not null references merchants (id),
      customer_id ${id} not null references customers (id),
      account_id ${id} not null references accounts (id),
      status text not null check (status in
        ('processing', 'requires_action', 'succeeded', 'failed', 'cancelled')),
      method text not null check (method in ('hosted', 'token')),
      usage text not null check (usage in ('on_session', 'off_session')),
      return_url text not null,
      ref text,
      next_action text,
      last_error text,
      payment_method_id ${id} references payment_methods (id),
      checks bigint not null,
      next_check_at text,
      absent_since text,
      created_at text not null,
      updated_at text not null,
      version bigint not null,
      check ((status = 'succeeded') = (payment_method_id is not null))
    )`,
    `create index setups_merchant on setups (merchant_id, id)`,
    // News of a set-up names it by the processor's handle.
    `create index setups_ref on setups (account_id, ref) where ref is not null`,
    `create index setups_due on setups (next_check_at, id) where next_check_at is not null`,
  ],
};
