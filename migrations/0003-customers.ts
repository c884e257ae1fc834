/**
 * Customers of a merchant. A deleted one keeps its row (payments point at it) and loses its data.
 */
import type { Migration } from '../core/storage/migrate.ts';

export const customers: Migration = {
  name: '0003_customers',
  statements: ({ id }) => [
    `create table customers (
      id ${id} not null primary key,
      merchant_id ${id} not null references merchants (id),
      reference text,
      email text,
      name text,
      phone text,
      phone_country_code text,
      description text,
      address text,
      metadata text,
      created_at text not null,
      updated_at text not null,
      deleted_at text,
      version bigint not null
    )`,
    `create index customers_merchant on customers (merchant_id, id)`,
    `create unique index customers_reference on customers (merchant_id, reference)
       where reference is not null and deleted_at is null`,
  ],
};
