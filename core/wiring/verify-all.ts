/** The whole book, checked: every invariant, and the simulator's ledger where there is one. */
import { invariant } from '../base/assert.ts';
import { isoTime, minute, systemClock } from '../base/clock.ts';
import type { Accounts } from '../accounts/account.ts';
import { verifyBooks, type Check } from '../ledger/verify.ts';
import { createHttpPort } from '../outbound/axios-port.ts';
import type { Opened } from './outside.ts';
import { compareWithSimulator } from './simulator-books.ts';

/** A page of the simulator's ledger is a thousand lines. */
const ledgerBytesMax = 16 * 1024 * 1024;

/** The minutely comparison looks back further than a minute, so that nothing falls between two. */
const lookBackMs = 3 * minute;

export async function verifyAll(opened: Opened, accounts: Accounts): Promise<readonly Check[]> {
  const checks = await verifyBooks(opened.db);
  if (opened.simulatorUrl !== null) checks.push(await compare(opened, accounts));
  opened.metrics.checked(checks);
  return checks;
}

/** What the simulator did lately, held against our books. It keeps real time, whatever ours is. */
export function compareRecent(opened: Opened, accounts: Accounts): Promise<Check> {
  return compare(opened, accounts, isoTime(systemClock.now() - lookBackMs));
}

async function compare(
  { db, config, simulatorUrl }: Opened,
  accounts: Accounts,
  since?: string,
): Promise<Check> {
  invariant(simulatorUrl !== null, 'there is a simulator to compare with');
  const http = createHttpPort({
    defaultTimeoutMs: config.processors.timeout_ms,
    ceilingMs: 120_000,
    maxResponseBytes: ledgerBytesMax,
    concurrency: 1,
  });
  const recent = since === undefined ? {} : { since };
  try {
    return await compareWithSimulator({ db, accounts, http, simulatorUrl, ...recent });
  } finally {
    http.close();
  }
}
