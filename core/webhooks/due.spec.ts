/** What is due, and what looking for it costs when one lane has a backlog. */
import { expect } from 'chai';
import type { Database, Select } from '../storage/index.ts';
import { describeOnEachDatabase, type TestDatabase } from '../../test/support/databases.ts';
import { leaveNothing, openStore } from '../../test/support/storage.ts';
import { dueDeliveries, earliestDue, type Taken } from './due.ts';

const merchantOf = (letter: string) => `mer_${letter.repeat(26)}`;
const [busy, quiet] = [merchantOf('a'), merchantOf('b')];
const nobody: Taken = { ids: [], lanes: [], merchants: [] };
const at = (minute: string) => `2026-11-21T10:${minute}:00.000Z`;

/** `count` deliveries of one lane, their numbers from `from` on, all due at one moment. */
function filed(lane: string, from: number, count: number, due: string): string {
  const of = lane.slice(0, 30);
  const end = `${due.slice(0, 8)}28T10:00:00.000Z`;
  return (
    `with recursive n (i) as (select ${from} union all select i + 1 from n ` +
    `where i + 1 < ${from + count}) ` +
    'insert into webhook_deliveries (id, merchant_id, event_id, event_type, target, lane, url, ' +
    'signer, state, attempts, round, round_started_at, next_attempt_at, expires_at, created_at, ' +
    `version) select ${idText}, '${of}', ${idText}, 'ping', 't', '${lane}', 'https://a.example/', ` +
    `'standard', 'pending', 0, 0, '${due}', '${due}', '${end}', '${due}', 1 from n`
  );
}

/** `del_`, then 26 digits: numbers as ids. */
const idText = `'del_000000000000000000' || substr(cast(100000000 + i as text), 2)`;
const idOf = (number: number) => `del_${String(number).padStart(26, '0')}`;

const backlog = `${busy} we_backlog`;
const lanes = ['we_1', 'we_2', 'https://a.example'].map((name) => `${busy} ${name}`);
const other = `${quiet} we_other`;

/** A backlog that is older than all else, three lanes with little, and another merchant's. */
const filing = [
  filed(backlog, 0, 20_000, at('00')),
  ...lanes.map((lane, n) => filed(lane, 30_000 + 10 * n, 6, at(`1${n}`))),
  filed(other, 40_000, 1, at('30')),
];

async function opened(database: TestDatabase): Promise<Database> {
  return openStore(await database.open(), { pragmas: filing });
}

describeOnEachDatabase('what is due', (database) => {
  let db: Database;
  before(async () => {
    db = await opened(database);
  });
  after(leaveNothing);

  const found = async (now: string, lanesMax: number, taken: Taken = nobody) =>
    (await dueDeliveries(db, now, lanesMax, taken)).map(({ id }) => id);
  const from = (first: number, count: number) =>
    Array.from({ length: count }, (_, n) => idOf(first + n));

  it('is the longest due of every lane, as many as have places in it', async () => {
    expect(await found(at('05'), 64)).to.deep.equal(from(0, 4));
    expect(await found(at('20'), 64)).to.deep.equal([
      ...from(0, 4),
      ...from(30_000, 4),
      ...from(30_010, 4),
      ...from(30_020, 4),
      // Not yet: the other merchant's.
    ]);
    expect(await found(at('30'), 64)).to.include(idOf(40_000));
    expect(await found('2026-11-21T09:59:59.999Z', 64)).to.deep.equal([]);
  });

  it('is looked for in the lanes that are longest due, when those are too many', async () => {
    expect(await found(at('30'), 2)).to.deep.equal([...from(0, 4), ...from(30_000, 4)]);
  });

  it('passes over full lanes, and all lanes of full merchants', async () => {
    const past = await found(at('30'), 64, { ...nobody, lanes: [backlog, ...lanes.slice(1)] });
    expect(past).to.deep.equal([...from(30_000, 4), idOf(40_000)]);
    const others = await found(at('30'), 64, { ...nobody, merchants: [busy] });
    expect(others).to.deep.equal([idOf(40_000)]);
  });

  it('says when the next is due, without those that are passed over', async () => {
    expect(await earliestDue(db, nobody)).to.equal(at('00'));
    expect(await earliestDue(db, { ...nobody, lanes: [backlog] })).to.equal(at('10'));
    const ids = from(30_000, 6);
    expect(await earliestDue(db, { ...nobody, ids, lanes: [backlog] })).to.equal(at('11'));
    expect(await earliestDue(db, { ...nobody, merchants: [busy] })).to.equal(at('30'));
    expect(await earliestDue(db, { ...nobody, merchants: [busy, quiet] })).to.equal(undefined);
  });

  it('costs the others nothing where one lane has twenty thousand of them', async () => {
    const asked: Select[] = [];
    const watched = { ...db, knex: db.knex, rows: <T>(query: Select) => watch<T>(query) };
    const watch = <T>(query: Select) => {
      asked.push(query.clone());
      return db.rows<T>(query);
    };
    const taken = { ids: from(0, 4), lanes: [backlog], merchants: [quiet] };
    for (const one of [nobody, taken]) {
      await dueDeliveries(watched, at('30'), 64, one);
      await earliestDue(watched, one);
    }
    expect(asked).to.have.length(6);
    for (const query of asked) await expectNoScan(db, query);
  });
});

/** Says what reading `query` costs: rows that were looked at on Postgres, the plan on SQLite. */
async function expectNoScan(db: Database, query: Select): Promise<void> {
  const { sql, bindings } = query.toSQL();
  if (db.dialect === 'postgres') {
    const { rows } = await db.knex.raw(`explain (analyze, format json) ${sql}`, [...bindings]);
    expect(rowsSeen(rows[0]['QUERY PLAN'][0].Plan), sql).to.be.within(1, 300);
    return;
  }
  // A statement for `rows` like any other, which a query builder would not make.
  const explaining = { toSQL: () => ({ sql: `explain query plan ${sql}`, bindings }) };
  const plan = await db.rows<{ detail: string }>(explaining as unknown as Select);
  const looks = plan
    .map(({ detail }) => detail)
    .filter((one) => /(webhook_deliveries|\bd)\b/.test(one));
  expect(looks).not.to.deep.equal([]);
  // Only what was found is put in order, never a lane.
  const sorts = plan.filter(({ detail }) => detail === 'USE TEMP B-TREE FOR ORDER BY');
  expect(sorts.length, sql).to.be.at.most(1);
  const seek = /^SEARCH .* USING COVERING INDEX webhook_deliveries_due( \(lane[=>]\?.*)?$/;
  const byId = /^SEARCH .* USING INDEX \S+ \(id=\?\)$/;
  for (const look of looks) expect(seek.test(look) || byId.test(look), look).to.equal(true);
}

interface PlanNode {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** Rows of deliveries, over all loops, also those that were looked at and thrown away. */
function rowsSeen(node: PlanNode): number {
  const removed = node['Rows Removed by Filter'] ?? 0;
  const seen = (node['Actual Rows'] + removed) * node['Actual Loops'];
  const own = node['Relation Name'] === 'webhook_deliveries' ? seen : 0;
  return (node.Plans ?? []).reduce((sum, one) => sum + rowsSeen(one), own);
}
