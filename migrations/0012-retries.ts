/** Payments without their customer that are tried again later: when, how often, and until when. */
import type { Migration } from '../core/storage/migrate.ts';

export const retries: Migration = {
  name: '0012_retries',
  statements: ({ id, clustered }) => [
    // Gone once the payment has ended. `version` is the claim: one node tries, once.
    `create table payment_retries (
      payment_id ${id} not null primary key,
      merchant_id ${id} not null,
      attempts bigint not null,
      due_at text not null,
      until_at text not null,
      version bigint not null
    ) ${clustered}`,
    `create index payment_retries_due on payment_retries (due_at, payment_id)`,
  ],
};
