/** Every migration of the core, in order. Forward only; never edited after release. */
import type { Migration } from '../core/storage/migrate.ts';
import { access } from './0001-access.ts';
import { accounts } from './0002-accounts.ts';
import { customers } from './0003-customers.ts';
import { payments } from './0004-payments.ts';
import { books } from './0005-books.ts';
import { jobs } from './0006-jobs.ts';
import { incoming } from './0007-incoming.ts';
import { methods } from './0008-methods.ts';
import { webhooks } from './0009-webhooks.ts';
import { routing } from './0010-routing.ts';
import { plugins } from './0011-plugins.ts';
import { retries } from './0012-retries.ts';
import { decisions } from './0013-decisions.ts';
import { applications } from './0014-applications.ts';

export const migrations: readonly Migration[] = [
  access,
  accounts,
  customers,
  payments,
  books,
  jobs,
  incoming,
  methods,
  webhooks,
  routing,
  plugins,
  retries,
  decisions,
  applications,
];
