/** Decisions by rules, with what they were made from: to explain them, and to make them again. */
import type { Migration } from '../core/storage/migrate.ts';

export const decisions: Migration = {
  name: '0013_decisions',
  statements: ({ id }) => [
    // One row a decision: a payment that is confirmed again has several, a failover has none of
    // its own. Not clustered on SQLite: rows of many accounts would each spill into another page.
    `create table routing_decisions (
      merchant_id ${id} not null,
      operation_id ${id} not null,
      plan text,
      accounts text not null,
      excluded text not null,
      facts text,
      decision text not null,
      primary key (merchant_id, operation_id)
    )`,
  ],
};
