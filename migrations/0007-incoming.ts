/** What processors tell by themselves: their webhooks as they came, and disputes. */
import type { Migration } from '../core/storage/migrate.ts';

export const incoming: Migration = {
  name: '0007_incoming',
  statements: ({ id }) => [
    `create table incoming_webhooks (
      id ${id} not null primary key,
      merchant_id ${id} not null,
      account_id ${id} not null,
      delivery_id text not null,
      type text not null,
      subjects text not null,
      body text not null,
      state text not null check (state in ('waiting', 'applied', 'ignored', 'failed')),
      attempts bigint not null,
      next_try_at text,
      detail text,
      payment_id ${id},
      received_at text not null,
      applied_at text,
      version bigint not null
    )`,
    // A processor that tells the same again is answered, and nothing is filed twice.
    `create unique index incoming_webhooks_delivery on incoming_webhooks (account_id, delivery_id)`,
    `create index incoming_webhooks_merchant on incoming_webhooks (merchant_id, id)`,
    `create index incoming_webhooks_due on incoming_webhooks (next_try_at, id)
       where next_try_at is not null`,
    `create index incoming_webhooks_payment on incoming_webhooks (payment_id, id)
       where payment_id is not null`,

    `create table disputes (
      id ${id} not null primary key,
      merchant_id ${id} not null,
      payment_id ${id} not null,
      account_id ${id} not null,
      reference text not null,
      stage text not null check (stage in ('inquiry', 'dispute')),
      status text not null check (status in
        ('needs_response', 'under_review', 'won', 'lost', 'closed')),
      reason text not null,
      processor_reason text not null,
      amount bigint not null check (amount >= 0),
      amount_withdrawn bigint not null check (amount_withdrawn >= 0),
      currency text not null,
      evidence text,
      evidence_due_at text,
      opened_at text not null,
      closed_at text,
      created_at text not null,
      updated_at text not null,
      version bigint not null,
      foreign key (merchant_id, payment_id) references payments (merchant_id, id)
    )`,
    `create unique index disputes_reference on disputes (account_id, reference)`,
    `create index disputes_merchant on disputes (merchant_id, id)`,
    `create index disputes_payment on disputes (payment_id)`,

    // What was signed before an endpoint got another secret may still be on its way.
    `alter table accounts add column webhook_former_secret text`,
    `alter table accounts add column webhook_former_until text`,
  ],
};
