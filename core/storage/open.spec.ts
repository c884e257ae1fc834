/**
 * Opening: durable settings or none, one process a file, migrations whole, nothing from the future.
 */
import { expect } from 'chai';
import { describeOnEachDatabase, type DatabasePlace } from '../../test/support/databases.ts';
import {
  leaveNothing,
  merchantRow,
  openStore,
  rawRows,
  storageChild,
} from '../../test/support/storage.ts';
import { migrations } from '../../migrations/index.ts';
import { insert, StorageUnavailable, type Database } from './index.ts';
import type { Migration } from './migrate.ts';

/** The name of the error that an attempt to open ends with; `opened` when it does not. */
async function opening(place: DatabasePlace, more: readonly Migration[] = []): Promise<string> {
  try {
    await (await openStore(place, { migrations: [...migrations, ...more] })).close();
    return 'opened';
  } catch (error) {
    return error instanceof Error ? error.name : 'no error';
  }
}

const tomorrow: Migration = {
  name: '9999_tomorrow',
  statements: () => ['create table tomorrow (id text)'],
};

describeOnEachDatabase('a database', (database) => {
  afterEach(leaveNothing);

  it('keeps what was committed when it is opened again', async () => {
    const place = await database.open();
    const first = await openStore(place);
    await first.commit([insert('merchants', merchantRow('mer_1'))]);
    await first.close();
    const second = await openStore(place);
    expect(await second.find('merchants', { id: 'mer_1' })).to.have.length(1);
    await second.close();
  });

  it('acknowledges nothing before it is on disk, on the second start as on the first', async () => {
    const place = await database.open();
    for (let start = 1; start <= 3; start += 1) {
      const db = await openStore(place);
      if (database.name === 'sqlite') {
        const settings = ['synchronous', 'journal_mode', 'foreign_keys', 'secure_delete'];
        const found = [];
        for (const name of settings) {
          const [row] = await rawRows<Record<string, unknown>>(db, `pragma ${name}`);
          found.push(row?.[name]);
        }
        expect(found).to.deep.equal([2, 'wal', 1, 1]);
      } else {
        const [row] = await rawRows<object>(db, 'show synchronous_commit');
        expect(row).to.deep.equal({ synchronous_commit: 'on' });
      }
      await db.close();
    }
  });

  it('is refused when it would acknowledge a commit before it is on disk', async () => {
    const place = await database.open();
    if (place.url === undefined) {
      const { said, ended } = await storageChild('memory', place);
      await ended;
      expect(said).to.equal('UnsafeSettings');
      return;
    }
    const careless = `${place.url}?options=${encodeURIComponent('-c synchronous_commit=off')}`;
    expect(await opening({ ...place, url: careless })).to.equal('UnsafeSettings');
  });

  it('is refused when a newer pointsman has been there', async () => {
    const place = await database.open();
    expect(await opening(place, [tomorrow])).to.equal('opened');
    expect(await opening(place)).to.equal('NewerDatabase');
    expect(await opening(place, [tomorrow]), 'the newer one, after that').to.equal('opened');
  });

  it('takes in what is new, after what it has', async () => {
    const place = await database.open();
    expect(await opening(place)).to.equal('opened');
    const db = await openStore(place, { migrations: [...migrations, tomorrow] });
    const names = [...migrations, tomorrow].map(({ name }) => name);
    expect(await namesOf(db)).to.deep.equal(names);
    await db.close();
  });

  it('forgets a migration whose process was killed half way, and migrates anew', async () => {
    const place = await database.open();
    const { said, ended } = await storageChild('migrate', place);
    expect(said).to.equal('half way');
    expect(await ended).to.deep.equal([null, 'SIGKILL']);
    const db = await openStore(place);
    const catalogue =
      database.name === 'sqlite'
        ? "select name from sqlite_schema where name = 'half_done'"
        : "select table_name from information_schema.tables where table_name = 'half_done'";
    expect(await rawRows(db, catalogue)).to.deep.equal([]);
    await db.commit([insert('merchants', merchantRow('mer_1'))]);
    await db.close();
  });

  it('is unavailable once it is closed', async () => {
    const db = await openStore(await database.open());
    await db.close();
    const failure = await db.ping().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(StorageUnavailable);
  });

  if (database.name === 'postgres') {
    it('is migrated once when several nodes start at the same moment', async () => {
      const place = await database.open();
      const nodes = await Promise.all([openStore(place), openStore(place), openStore(place)]);
      const [first] = nodes;
      expect(await namesOf(first)).to.deep.equal(migrations.map(({ name }) => name));
      for (const node of nodes) await node.close();
    });
    return;
  }

  it('opens for one process only, and for the next when that one was killed', async () => {
    const place = await database.open();
    const { child, said, ended } = await storageChild('hold', place);
    expect(said).to.equal('holding');
    expect(await opening(place)).to.equal('FileLocked');
    const other = await storageChild('open', place);
    await other.ended;
    expect(other.said).to.equal('FileLocked');

    child.kill('SIGKILL');
    await ended;
    const db = await openStore(place);
    expect(await db.find('merchants', { id: 'mer_held' }), 'committed, then killed').to.have.length(
      1,
    );
    await db.close();
  });

  it('is refused to a second opener of the same process, and free after a close', async () => {
    const place = await database.open();
    const db = await openStore(place);
    expect(await opening(place)).to.equal('FileLocked');
    await db.close();
    expect(await opening(place)).to.equal('opened');
  });
});

async function namesOf(db: Database): Promise<string[]> {
  const rows = await rawRows<{ name: string }>(
    db,
    'select name from schema_migrations order by id',
  );
  return rows.map(({ name }) => name);
}
