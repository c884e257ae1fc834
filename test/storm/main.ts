/**
 * npm run storm: webhooks to a hundred endpoints of which five are as bad as they get, with kill -9
 * in between; before it the same without those five, to compare delays with. Exit codes: 0 nothing
 * was lost, forged or followed and the healthy did not wait, 1 the contrary, 2 wrong arguments,
 * 3 it could not be run.
 */
import { build } from '../chaos/place.ts';
import { createDatabase, startPostgres } from '../support/postgres.ts';
import { readOptions, usage, WrongUsage, type Options } from './options.ts';
import { badKinds, type BadKind } from './receivers.ts';
import { runStorm, type Outcome, type RunOptions } from './run.ts';
import { badText, breachesOf, lineOf } from './sheet.ts';

const bad = Object.keys(badKinds) as BadKind[];

/** How much longer the slowest hundredth of the healthy may wait in a storm (issue 5). */
const ratioMax = 2;

async function main(options: Options): Promise<number> {
  build();
  const { events, endpoints, kills, rate } = options;
  const healthy = endpoints - bad.length;
  const shared = { events, healthy, kills, rate, timeoutMs: 10_000, hurry: false };
  const calm = await onFreshDatabase(options, { ...shared, bad: [] });
  console.log(lineOf('calm', calm));
  const storm = await onFreshDatabase(options, { ...shared, bad });
  console.log(`${lineOf('storm', storm)}\n${badText(storm)}`);

  const ratio = storm.delayMs.p99 / calm.delayMs.p99;
  const breaches = [...breachesOf(calm), ...breachesOf(storm)];
  if (ratio > ratioMax) breaches.push(`p99 is ${ratio.toFixed(2)} times that of the calm`);
  for (const breach of breaches) console.log(`BROKEN: ${breach}`);
  console.log(
    `${breaches.length === 0 ? 'kept' : 'BROKEN'}: ${options.database}, ${events} events to ` +
      `${endpoints} endpoints (${bad.length} bad) at ${rate}/s, ${kills} kills; ` +
      `p99 ${calm.delayMs.p99} → ${storm.delayMs.p99} ms, ratio ${ratio.toFixed(2)}`,
  );
  return breaches.length === 0 ? 0 : 1;
}

async function onFreshDatabase(
  { database }: Options,
  run: Omit<RunOptions, 'databaseUrl'>,
): Promise<Outcome> {
  if (database === 'sqlite') return runStorm({ ...run, databaseUrl: undefined });
  const server = await startPostgres();
  if ('skipped' in server) throw new Error(server.skipped);
  try {
    const { url, drop } = await createDatabase(server.url);
    try {
      return await runStorm({ ...run, databaseUrl: url });
    } finally {
      await drop();
    }
  } finally {
    await server.stop();
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  const wrong = error instanceof WrongUsage;
  console.error(wrong ? `${error.message}\n\n${usage}` : error);
  process.exitCode = wrong ? 2 : 3;
}
