/**
 * The checks of the books are themselves checked: each breach is planted behind the switch's back
 * and must be found, by the command, in the metrics, and where it is. An honest book has none.
 */
import Database from 'better-sqlite3';
import { expect } from 'chai';
import { isoTime, minute } from '../../core/base/clock.ts';
import { newId } from '../../core/base/id.ts';
import { createHttpPort } from '../../core/outbound/axios-port.ts';
import { compareWithSimulator } from '../../core/wiring/simulator-books.ts';
import type { TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../support/databases.ts';
import {
  authorized,
  bookedFor,
  breaches,
  captured,
  expectHonestBooks,
  lastOf,
  post,
  simulatorAccounts,
  startStill,
} from './world.ts';

describeOnEachDatabase('the invariants', (database) => {
  let place: DatabasePlace;
  let app: TestSwitch;
  let handle: Database.Database;

  before(async () => {
    place = await database.open();
    app = await startStill(place);
    handle = new Database(place.url === undefined ? `${place.dataDir}/pointsman.db` : ':memory:');
  });
  after(async () => {
    handle?.close();
    await app?.stop();
  });

  /** SQL of our own, past every guard of the code. */
  async function sql(statement: string): Promise<void> {
    if (place.url === undefined) {
      handle.exec(statement);
      return;
    }
    const { db } = app.running;
    await db.rows(db.knex.raw(statement) as never);
  }

  /** Rows that are never changed, changed: the triggers that refuse it are taken away first. */
  async function unlocked(table: string): Promise<void> {
    if (database.name === 'postgres') {
      await sql(`drop trigger if exists ${table}_append_only on ${table}`);
    } else {
      for (const act of ['update', 'delete']) {
        await sql(`drop trigger if exists ${table}_no_${act}`);
      }
    }
  }

  async function metricOf(invariant: string): Promise<number> {
    const { text } = await app.call('/metrics', { key: app.credentials.admin_key });
    const line = `pointsman_invariant_breaches{invariant="${invariant}"} `;
    return Number(text.slice(text.indexOf(line) + line.length).split('\n', 1)[0]);
  }

  /** Plants, looks, pulls it out again and looks again. */
  async function findsPlanted(plant: string[], undo: string[], expected: Record<string, string>) {
    for (const statement of plant) await sql(statement);
    const found = await breaches(app);
    for (const [invariant, where] of Object.entries(expected)) {
      expect(found.filter((breach) => breach.startsWith(`${invariant}: `))).to.satisfy(
        (mine: string[]) => mine.some((breach) => breach.includes(where)),
        `${invariant} in ${JSON.stringify(found)}`,
      );
      expect(await metricOf(invariant), invariant).to.equal(1);
    }
    expect([...new Set(found.map((breach) => breach.split(':')[0]))]).to.have.members(
      Object.keys(expected),
    );
    for (const statement of undo) await sql(statement);
    await expectHonestBooks(app);
    for (const invariant of Object.keys(expected)) {
      expect(await metricOf(invariant), invariant).to.equal(0);
    }
  }

  it('hold in an honest book of every kind of payment', async () => {
    await captured(app);
    const id = await authorized(app);
    await post(app, `/v1/payments/${id}/capture`, { amount: 100 }, 200);
    await post(app, '/v1/refunds', { payment: id, amount: 40 }, 201);
    await post(app, `/v1/payments/${id}/void`, {}, 200);
    await post(app, `/v1/payments/${await authorized(app)}/void`, {}, 200);
    await authorized(app);
    await post(app, '/v1/payments', { amount: 1, currency: 'USD' }, 201);
    await expectHonestBooks(app);
  });

  for (const counter of ['authorized', 'captured', 'refunded', 'voided']) {
    it(`a counter that was bent is found: amount_${counter}`, async () => {
      const id = await authorized(app);
      if (counter !== 'authorized') {
        await post(app, `/v1/payments/${id}/capture`, { amount: 6000 }, 200);
        await post(app, '/v1/refunds', { payment: id, amount: 3000 }, 201);
        await post(app, `/v1/payments/${id}/void`, {}, 200);
      }
      // Downwards: the CHECK constraints let nothing grow past what it is a part of.
      const bent = (sign: string) =>
        `update payments set amount_${counter} = amount_${counter} ${sign} 1 where id = '${id}'`;
      await findsPlanted([bent('-')], [bent('+')], { counters: id });
    });
  }

  it('a ledger entry that is gone is found', async () => {
    await unlocked('ledger_entries');
    const id = await captured(app);
    const own = `select id from operations where payment_id = '${id}'`;
    const where = `operation_id in (${own}) and debit = 'hold'`;
    await findsPlanted(
      [
        `create table kept as select * from ledger_entries where ${where}`,
        `delete from ledger_entries where ${where}`,
      ],
      ['insert into ledger_entries select * from kept', 'drop table kept'],
      { counters: id },
    );
  });

  it('an event that is gone is found', async () => {
    await unlocked('events');
    const id = await captured(app);
    const where = `payment_id = '${id}' and type = 'payment.captured'`;
    await findsPlanted(
      [
        `create table kept as select * from events where ${where}`,
        `delete from events where ${where}`,
      ],
      ['insert into events select * from kept', 'drop table kept'],
      { events: id },
    );
  });

  it('a second approved charge of one payment is found, and that it never was', async () => {
    const id = await captured(app);
    const first = await lastOf(app, id, 'authorize');
    const twin = newId('operation', app.clock.now());
    const { db } = app.running;
    const { ref: _ref, ...row } = first;
    await db.commit([
      { kind: 'insert', table: 'operations', row: { ...row, id: twin, ref: null } },
    ]);
    await findsPlanted([], [`delete from operations where id = '${twin}'`], {
      one_authorization: id,
      simulator: twin,
    });
  });

  it('a charge the simulator has and we know nothing of is found', async () => {
    const [account] = await simulatorAccounts(app);
    const reference = newId('operation', app.clock.now());
    const response = await fetch(`${app.simulatorUrl}/v1/charges`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${account?.apiKey}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        reference,
        amount: 777,
        currency: 'USD',
        capture: true,
        card: { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' },
      }),
    });
    expect(response.status).to.equal(200);
    expect(await breaches(app)).to.deep.equal([
      `simulator: ${reference}: the simulator moved 777, we know nothing of it`,
    ]);
    expect(await metricOf('simulator')).to.equal(1);
    // The minutely comparison finds it while it is new, and does not look further back.
    const http = createHttpPort({ defaultTimeoutMs: 5_000, ceilingMs: 5_000, concurrency: 1 });
    const { db: books, desk } = app.running;
    const lately = (sinceMs: number) =>
      compareWithSimulator({
        db: books,
        accounts: desk.accounts,
        http,
        simulatorUrl: app.simulatorUrl,
        since: isoTime(sinceMs),
      });
    expect((await lately(app.clock.now() - minute)).breaches).to.have.length(1);
    expect((await lately(app.clock.now() + minute)).breaches).to.deep.equal([]);
    http.close();
    // Taken into our books by force, as a wrong row: found by its amount.
    const id = await captured(app);
    const operation = await lastOf(app, id, 'authorize');
    const { ref: _ref, ...row } = operation;
    const { db } = app.running;
    const forged = { ...row, id: reference, ref: null, kind: 'authorize', state: 'failed' };
    await db.commit([{ kind: 'insert', table: 'operations', row: forged }]);
    expect(await breaches(app)).to.deep.equal([
      `simulator: ${reference}: the simulator says captured, we say failed`,
    ]);
  });

  it('an operation we call done and the simulator never saw is found', async () => {
    const id = await authorized(app);
    const before = await breaches(app);
    const [answer] = await bookedFor(app, (await lastOf(app, id, 'authorize')).id);
    expect(answer).to.be.an('object');
    const moved = newId('operation', app.clock.now());
    const rename = (from: string, to: string) =>
      `update operations set id = '${to}' where id = '${from}'`;
    const own = (await lastOf(app, id, 'authorize')).id;
    await sql(rename(own, moved));
    const found = (await breaches(app)).filter((breach) => !before.includes(breach));
    expect(found).to.have.members([
      // Its entries belong to an operation that is not there.
      `counters: ${id}`,
      `simulator: ${own}: the simulator moved 10000, we know nothing of it`,
      `simulator: ${moved}: we say it succeeded, the simulator has never heard of it`,
    ]);
    await sql(rename(moved, own));
    expect(await breaches(app)).to.deep.equal(before);
  });
});
