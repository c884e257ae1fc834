/**
 * For lease.spec.ts: a process that takes the lease `frozen` on the Postgres of its argument, once
 * at the start and once for each line it reads, and says what came of it. Ends with its stdin.
 */
import { createInterface } from 'node:readline';
import { openStore } from '../support/storage.ts';
import { Leases } from '../../core/jobs/lease.ts';

const db = await openStore({ dataDir: '', url: process.argv[2] });
const leases = new Leases(db);

async function take(): Promise<void> {
  const lease = await leases.take('frozen');
  console.log(lease ? `fence ${lease.fence}` : 'refused');
}

await take();
for await (const line of createInterface(process.stdin)) {
  if (line === 'again') await take();
}
await db.close();
