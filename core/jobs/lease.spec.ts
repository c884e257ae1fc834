/**
 * Leases: one holder at a time, taken over when they lapse, and a fence that tells owners apart.
 */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describeOnEachDatabase, type DatabasePlace } from '../../test/support/databases.ts';
import { skipped } from '../../test/support/skipped.ts';
import { openStore } from '../../test/support/storage.ts';
import type { Database } from '../storage/index.ts';
import { Leases } from './lease.ts';

describeOnEachDatabase('a lease', (database) => {
  let place: DatabasePlace;
  let db: Database;

  before(async () => {
    place = await database.open();
    db = await openStore(place);
  });
  after(() => db?.close());

  /** As if its thirty seconds were over: by the database's clock, which no test can move. */
  async function lapse(name: string): Promise<void> {
    const { knex } = db;
    await db.rows(
      knex('leases')
        .where({ name })
        .update({ until_ms: knex.raw('until_ms - 31000') })
        .returning('name'),
    );
  }

  it('belongs to the first who takes it; the others go without', async () => {
    const [one, two] = [new Leases(db), new Leases(db)];
    expect(await one.take('first')).to.deep.equal({ name: 'first', fence: 1 });
    expect(await two.take('first')).to.equal(undefined);
    expect(await two.take('second'), 'another name is another lease').to.include({ fence: 1 });
  });

  it('is renewed by its holder under the same fence', async () => {
    const one = new Leases(db);
    for (let time = 0; time < 3; time += 1) {
      expect(await one.take('renewed')).to.include({ fence: 1 });
    }
  });

  it('that lapsed is taken over under a higher fence, and not given back', async () => {
    const [one, two] = [new Leases(db), new Leases(db)];
    await one.take('lapsed');
    await lapse('lapsed');
    expect(await two.take('lapsed')).to.include({ fence: 2 });
    expect(await one.take('lapsed'), 'the old holder').to.equal(undefined);
    await lapse('lapsed');
    expect(await one.take('lapsed')).to.include({ fence: 3 });
  });

  it('that lapsed and nobody wanted goes on as it was', async () => {
    const one = new Leases(db);
    await one.take('quiet');
    await lapse('quiet');
    expect(await one.take('quiet')).to.include({ fence: 1 });
  });

  it('lasts half a minute: a dead holder is replaced well within a minute', async () => {
    await new Leases(db).take('length');
    const now =
      db.dialect === 'postgres'
        ? '(extract(epoch from clock_timestamp()) * 1000)::bigint'
        : "cast((julianday('now') - 2440587.5) * 86400000 as integer)";
    const [row] = await db.rows<{ left: string }>(
      db
        .knex('leases')
        .where({ name: 'length' })
        .select(db.knex.raw(`until_ms - ${now} as left`)),
    );
    expect(Number(row?.left)).to.be.within(20_000, 30_100);
  });

  it('is won once however many race for it', async () => {
    const other = database.name === 'postgres' ? await openStore(place) : db;
    const runners = Array.from({ length: 12 }, (_, index) => new Leases(index % 2 ? db : other));
    try {
      for (let round = 1; round <= 20; round += 1) {
        const taken = await Promise.all(runners.map((leases) => leases.take('raced')));
        const fences = taken.flatMap((lease) => (lease ? [lease.fence] : []));
        expect(fences, `round ${round}`).to.have.length(1);
        await lapse('raced');
      }
    } finally {
      if (other !== db) await other.close();
    }
  });

  it('of a frozen process is not its own any more when it wakes', async function () {
    if (place.url === undefined) {
      skipped.set('A frozen lease holder on SQLite', 'a second process is refused at the start');
      this.skip();
    }
    const holder = spawn(
      process.execPath,
      [
        ...process.execArgv,
        fileURLToPath(new URL('../../test/recovery/lease-holder.ts', import.meta.url)),
        place.url,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const lines = createInterface(holder.stdout)[Symbol.asyncIterator]();
    const said = async () => String((await lines.next()).value);
    const gone = once(holder, 'exit');
    try {
      expect(await said()).to.equal('fence 1');
      holder.stdin.write('again\n');
      expect(await said()).to.equal('fence 1');
      holder.kill('SIGSTOP');
      await lapse('frozen');
      expect(await new Leases(db).take('frozen')).to.include({ fence: 2 });
      holder.stdin.write('again\n');
      holder.kill('SIGCONT');
      expect(await said()).to.equal('refused');
    } finally {
      holder.kill('SIGCONT');
      holder.stdin.end();
      await gone;
    }
  });
});
