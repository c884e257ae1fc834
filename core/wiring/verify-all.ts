/** The whole book, checked: every invariant, and the simulator's ledger where there is one. */
import type { Accounts } from '../accounts/account.ts';
import { verifyBooks, type Check } from '../ledger/verify.ts';
import { createHttpPort } from '../outbound/axios-port.ts';
import type { Opened } from './outside.ts';
import { compareWithSimulator } from './simulator-books.ts';

/** A page of the simulator's ledger is a thousand lines. */
const ledgerBytesMax = 16 * 1024 * 1024;

export async function verifyAll(
  { db, metrics, config, simulatorUrl }: Opened,
  accounts: Accounts,
): Promise<readonly Check[]> {
  const checks = await verifyBooks(db);
  if (simulatorUrl !== null) {
    const http = createHttpPort({
      defaultTimeoutMs: config.processors.timeout_ms,
      ceilingMs: 120_000,
      maxResponseBytes: ledgerBytesMax,
      concurrency: 1,
    });
    try {
      checks.push(await compareWithSimulator({ db, accounts, http, simulatorUrl }));
    } finally {
      http.close();
    }
  }
  metrics.checked(checks);
  return checks;
}
