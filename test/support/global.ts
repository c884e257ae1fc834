/**
 * What every test run shares (mocha's `require`): one Postgres server for all suites, and the list
 * of what was skipped, printed after the totals.
 *
 * POINTSMAN_TEST_DATABASES=sqlite leaves Postgres out; TEST_DATABASE_URL names one to use.
 */
import { startPostgres, type RunningPostgres } from './postgres.ts';
import { skipped } from './skipped.ts';

/** Where the suites find the server (test/support/databases.ts); mocha's workers inherit it. */
const urlVariable = 'POINTSMAN_TEST_POSTGRES';

// A developer's own settings must not reach the tests, least of all a database of theirs.
for (const name of ['DATABASE_URL', 'PORT', ...ownSettings()]) {
  Reflect.deleteProperty(process.env, name);
}

let server: RunningPostgres | undefined;

/** Starts Postgres before the first test. */
export async function mochaGlobalSetup(): Promise<void> {
  const wanted = process.env['POINTSMAN_TEST_DATABASES'] ?? 'sqlite,postgres';
  const started = wanted.includes('postgres')
    ? await startPostgres()
    : { skipped: `POINTSMAN_TEST_DATABASES is ${wanted}` };
  if ('skipped' in started) {
    skipped.set('Postgres suites', started.skipped);
  } else {
    server = started;
    process.env[urlVariable] = started.url;
  }
}

/** Stops it after the last, and tells what did not run. */
export async function mochaGlobalTeardown(): Promise<void> {
  await server?.stop();
  for (const [suites, reason] of skipped) console.log(`SKIPPED ${suites}: ${reason}`);
}

function ownSettings(): string[] {
  return Object.keys(process.env).filter(
    (name) => name.startsWith('POINTSMAN_') && !name.startsWith('POINTSMAN_TEST_'),
  );
}
