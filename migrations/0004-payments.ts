/**
 * Payments and their operations. The amount rules stand here a second time, as CHECK constraints:
 * a code path that forgets one cannot write a row that breaks it.
 */
import type { Migration } from '../core/storage/migrate.ts';

export const payments: Migration = {
  name: '0004_payments',
  statements: ({ id }) => [
    // *_pending is reserved by operations whose outcome is not known yet: by one capture or void
    // (of the hold), by any number of refunds (of what was captured).
    `create table payments (
      merchant_id ${id} not null,
      id ${id} not null,
      profile_id ${id} not null,
      version bigint not null,
      status text not null check (status in (
        'created', 'requires_action', 'processing', 'in_review', 'authorized', 'partially_captured',
        'captured', 'partially_refunded', 'refunded', 'voided', 'cancelled', 'failed', 'expired')),
      amount bigint not null check (amount > 0),
      currency text not null,
      amount_authorized bigint not null check (amount_authorized >= 0),
      amount_captured bigint not null check (amount_captured >= 0),
      amount_hold_pending bigint not null check (amount_hold_pending >= 0),
      amount_voided bigint not null check (amount_voided >= 0),
      amount_refunded bigint not null check (amount_refunded >= 0),
      amount_refund_pending bigint not null check (amount_refund_pending >= 0),
      amount_disputed bigint not null check (amount_disputed >= 0),
      capture_method text not null check (capture_method in ('automatic', 'manual')),
      reference text,
      customer_id ${id},
      account_id ${id},
      method text,
      details text not null,
      verification text,
      routing text,
      next_action text,
      last_error text,
      cancellation_reason text,
      attempts bigint not null,
      event_count bigint not null,
      revision bigint not null,
      authorized_at text,
      captured_at text,
      expires_at text,
      created_at text not null,
      updated_at text not null,
      primary key (merchant_id, id),
      check (amount_authorized <= amount),
      check (amount_captured + amount_hold_pending + amount_voided <= amount_authorized),
      check (amount_refunded + amount_refund_pending <= amount_captured)
    )`,
    `create unique index payments_reference on payments (merchant_id, reference)
       where reference is not null`,
    `create index payments_customer on payments (merchant_id, customer_id, id)
       where customer_id is not null`,
    // Everything but the settled crowd: lists of the unusual stay fast beside a million captured.
    `create index payments_unusual on payments (merchant_id, status, id)
       where status not in ('captured', 'processing')`,

    // Everything that lapses by itself: unconfirmed payments, uncaptured authorizations.
    `create index payments_expiry on payments (expires_at, id) where expires_at is not null`,

    // What a payment said before it was updated; events point at the revision they were made from.
    `create table payment_revisions (
      payment_id ${id} not null,
      revision bigint not null,
      descriptive text not null,
      primary key (payment_id, revision)
    )`,

    `create table operations (
      id ${id} not null primary key,
      merchant_id ${id} not null,
      payment_id ${id} not null,
      account_id ${id} not null,
      kind text not null check (kind in
        ('authorize', 'capture', 'void', 'refund', 'approve', 'reject', 'dispute',
         'reinstatement')),
      state text not null check (state in
        ('calling', 'pending', 'unknown', 'review', 'succeeded', 'declined', 'failed')),
      version bigint not null,
      amount bigint not null check (amount > 0),
      currency text not null,
      origin text not null check (origin in ('merchant', 'processor', 'switch')),
      ref text,
      result text,
      details text,
      checks bigint not null,
      next_check_at text,
      absent_since text,
      created_at text not null,
      updated_at text not null,
      foreign key (merchant_id, payment_id) references payments (merchant_id, id)
    )`,
    `create index operations_payment on operations (payment_id)`,
    // What the processor calls by one name is booked once. A capture or void may bear the name of
    // the authorization it is about, and be tried again.
    `create unique index operations_ref on operations (account_id, ref, kind)
       where ref is not null and kind not in ('capture', 'void', 'approve', 'reject')`,
    // What has to be asked about, by when; a settled operation leaves the index.
    `create index operations_due on operations (next_check_at, id)
       where next_check_at is not null`,
    `create index operations_refunds on operations (merchant_id, id) where kind = 'refund'`,
  ],
};
