/**
 * What a profile's customers come back to, and which webhook of a processor an event came from:
 * both are asked for by applications that know a payment by their own number.
 */
import type { Migration } from '../core/storage/migrate.ts';

export const applications: Migration = {
  name: '0014_applications',
  statements: ({ id }) => [
    `alter table profiles add column success_redirect_url text`,
    `alter table profiles add column failure_redirect_url text`,
    // incoming_webhooks.id, when the event was written while that webhook was looked into.
    `alter table events add column cause ${id}`,
  ],
};
