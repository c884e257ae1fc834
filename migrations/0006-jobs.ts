/** What the switch's own jobs need: who works, and what the sandbox's clock was moved by. */
import type { Migration } from '../core/storage/migrate.ts';

export const jobs: Migration = {
  name: '0006_jobs',
  statements: ({ clustered }) => [
    // until_ms is the database's own time: nodes' clocks may differ. fence grows with every owner.
    `create table leases (
      name text not null primary key,
      owner text not null,
      fence bigint not null,
      until_ms bigint not null
    ) ${clustered}`,

    `create table settings (
      name text not null primary key,
      value text not null
    ) ${clustered}`,
  ],
};
