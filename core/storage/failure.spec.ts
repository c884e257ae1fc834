/**
 * When the database cannot: the caller hears so, nothing is half done, and it goes on afterwards.
 */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describeOnEachDatabase, type DatabasePlace } from '../../test/support/databases.ts';
import { skipped } from '../../test/support/skipped.ts';
import {
  leaveNothing,
  merchantRow,
  openStore,
  rawRows,
  storageChild,
} from '../../test/support/storage.ts';
import { InvariantBroken } from '../base/assert.ts';
import { findOne, insert, StorageUnavailable, update, type Database } from './index.ts';

const add = (db: Database, id: string, name = id) =>
  db.commit([insert('merchants', merchantRow(id, { name }))]);

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Prefix of a command that runs in a file system of its own, 6 MB small; undefined: not here. */
function tinyDisk(directory: string): string[] | undefined {
  mkdirSync(directory, { recursive: true });
  const script = 'mount -t tmpfs -o size=6m tmpfs "$1" && cd "$1" && shift && exec "$@"';
  for (const flags of [['--mount'], ['--user', '--map-root-user', '--mount']]) {
    const command = [...flags, 'sh', '-c', script, 'sh', directory];
    if (spawnSync('unshare', [...command, 'true']).status === 0) return ['unshare', ...command];
  }
  return undefined;
}

describeOnEachDatabase('a full disk', (database) => {
  if (database.name === 'postgres') return;
  afterEach(leaveNothing);

  it('refuses commits, keeps what was acknowledged, and takes them again when there is room', async () => {
    // 200 pages of 4 kB: the schema fits, a few hundred kB of rows do not.
    const db = await openStore(await database.open(), { pragmas: ['pragma max_page_count = 200'] });
    let stored = 0;
    let failure: unknown;
    while (failure === undefined) {
      failure = await failureOf(add(db, `mer_${stored}`, 'x'.repeat(10_000)));
      if (failure === undefined) stored += 1;
    }
    expect(failure).to.be.instanceOf(StorageUnavailable);
    expect(stored).to.be.greaterThan(0);
    expect(await db.find('merchants', {})).to.have.length(stored);
    await db.ping();

    await rawRows(db, 'pragma max_page_count = 100000');
    await add(db, 'mer_after', 'x'.repeat(10_000));
    expect(await db.find('merchants', {})).to.have.length(stored + 1);
    await db.close();
  });

  it('fails the change sets of one group that do not fit, and they alone', async () => {
    const db = await openStore(await database.open(), { pragmas: ['pragma max_page_count = 200'] });
    const big = failureOf(add(db, 'mer_big', 'x'.repeat(2_000_000)));
    const small = failureOf(add(db, 'mer_small'));
    expect(await big).to.be.instanceOf(StorageUnavailable);
    expect(await small).to.equal(undefined);
    await db.close();
  });

  it('does not keep the file from being closed and opened again', async () => {
    const place = await database.open();
    const db = await openStore(place, { pragmas: ['pragma max_page_count = 200'] });
    await failureOf(add(db, 'mer_big', 'x'.repeat(2_000_000)));
    await db.close();
    const again = await openStore(place);
    await add(again, 'mer_1');
    await again.close();
  });

  it('is survived by a process of its own on a file system that is really full', async function () {
    const place = await database.open();
    const prefix = tinyDisk(join(place.dataDir, 'tiny'));
    if (prefix === undefined) {
      skipped.set('a really full disk', 'no file system can be mounted here');
      this.skip();
    }
    const { said, ended } = await storageChild('fill', place, prefix);
    await ended;
    expect(JSON.parse(said)).to.deep.equal({ refusal: 'StorageUnavailable', lost: 0 });
  });
});

describeOnEachDatabase('a server', (database) => {
  if (database.name === 'sqlite') return;

  let place: DatabasePlace;
  let db: Database;
  let admin: pg.Client;
  beforeEach(async () => {
    place = await database.open();
    db = await openStore(place);
    admin = await connect(new URL('/postgres', place.url).href);
  });
  afterEach(async () => {
    await admin.end();
    await leaveNothing();
  });

  async function connect(url: string | undefined): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  const name = () => new URL(place.url ?? '').pathname.slice(1);

  const endSessions = (which = 'true') =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and ${which}`,
      [name()],
    );

  /** Every session of the pool may be dead, and is found so by being used once: five at most. */
  async function soon(work: () => Promise<void>): Promise<void> {
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const failure = await failureOf(work());
      if (failure === undefined) return;
      expect(failure).to.be.instanceOf(StorageUnavailable);
    }
    await work();
  }

  /** Resolves once a session of this database waits for a lock. */
  async function somebodyWaits(): Promise<void> {
    for (;;) {
      const { rowCount } = await admin.query(
        "select 1 from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
        [name()],
      );
      if (rowCount !== 0) return;
    }
  }

  it('that answers with more than 2^53 is an error, never a rounded amount', async () => {
    const safe = await rawRows(db, 'select 9007199254740991::bigint as amount');
    expect(safe).to.deep.equal([{ amount: Number.MAX_SAFE_INTEGER }]);
    const failure = await failureOf(rawRows(db, 'select 9007199254740993::bigint as amount'));
    expect(failure).to.be.instanceOf(InvariantBroken);
    await db.ping();
  });

  it('that breaks a deadlock is asked again, and the change set lands', async () => {
    await add(db, 'mer_a');
    await add(db, 'mer_b');
    const other = await connect(place.url);
    // The commit's session notices first (after 1 s), so that it is the one to be broken off.
    await other.query("set deadlock_timeout = '60s'; begin");
    await other.query("update merchants set name = 'theirs' where id = 'mer_b'");
    const rename = (id: string) =>
      update('merchants', { name: 'ours', version: 2 }, { id, version: 1 }, 'merchant_version');
    const commit = db.commit([rename('mer_a'), rename('mer_b')]);
    await somebodyWaits();
    await other.query("update merchants set name = 'theirs' where id = 'mer_a'");
    await other.query('commit');
    await commit;
    const rows = await db.find<{ name: string }>('merchants', {});
    expect(rows.map((row) => row.name)).to.deep.equal(['ours', 'ours']);
    await other.end();
  });

  it('that ends a session in the middle of a commit leaves it undone, and goes on', async () => {
    await add(db, 'mer_a');
    const other = await connect(place.url);
    await other.query("begin; update merchants set name = 'theirs' where id = 'mer_a'");
    const change = update('merchants', { name: 'ours' }, { id: 'mer_a' }, 'merchant_version');
    const failing = failureOf(db.commit([insert('merchants', merchantRow('mer_b')), change]));
    await somebodyWaits();
    await endSessions("wait_event_type = 'Lock'");
    await other.end();
    expect(await failing).to.be.instanceOf(StorageUnavailable);

    await soon(() => add(db, 'mer_c'));
    expect(await findOne(db, 'merchants', { id: 'mer_b' })).to.equal(undefined);
  });

  it('that ended idle sessions is connected to anew', async () => {
    await Promise.all([db.ping(), db.ping(), db.ping()]);
    await endSessions();
    await soon(() => add(db, 'mer_a'));
    expect(await db.find('merchants', { id: 'mer_a' })).to.have.length(1);
  });

  it('that is gone is unavailable to reads and writes alike, until it is back', async () => {
    await add(db, 'mer_a');
    const away = `${name()}_away`;
    const here = name();
    await admin.query(`alter database ${here} allow_connections false`);
    await endSessions();
    await admin.query(`alter database ${here} rename to ${away}`);
    for (const work of [() => add(db, 'mer_b'), () => db.find('merchants', {}), () => db.ping()]) {
      expect(await failureOf(work())).to.be.instanceOf(StorageUnavailable);
    }
    await admin.query(`alter database ${away} rename to ${here}`);
    await admin.query(`alter database ${here} allow_connections true`);
    await soon(() => add(db, 'mer_c'));
    expect(await db.find('merchants', {})).to.have.length(2);
  });

  it('that breaks off a read says so as it does of a write', async () => {
    const other = await connect(place.url);
    await other.query('begin; lock table merchants');
    const reading = failureOf(db.find('merchants', {}));
    await somebodyWaits();
    await endSessions("wait_event_type = 'Lock'");
    expect(await reading).to.be.instanceOf(StorageUnavailable);
    await other.end();
  });
});
