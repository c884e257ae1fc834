/** Which rules decide: precedence, and how soon a change is noticed on this node and on others. */
import { expect } from 'chai';
import { openBench, type Bench } from '../access/fixture.spec.ts';
import type { Accounts } from '../accounts/account.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { only } from './rules/spec-world.ts';
import { builtInRules, RulesSource } from './source.ts';
import {
  activeRecord,
  dropRules,
  promoteDraft,
  setDraft,
  setRules,
  withdrawDraft,
} from './source-verbs.ts';

const merchantId = 'mer_1';
const text = (strategy: string) =>
  `version: 1\nrules: []\ndefault: { strategy: ${strategy}, accounts: all }\n`;

describeOnEachDatabase('the source of the rules', (database) => {
  let bench: Bench;
  let nowMs: number;

  beforeEach(async () => {
    bench = await openBench(await database.open());
    nowMs = 0;
  });
  afterEach(() => (bench as Bench | undefined)?.db.close());

  /** A node of its own on the same database. */
  function node() {
    const accounts = { list: () => Promise.resolve([]) } as unknown as Accounts;
    const source = new RulesSource(bench.db, () => nowMs);
    return { db: bench.db, clock: bench.clock, accounts, source };
  }
  const strategyOf = async ({ source }: ReturnType<typeof node>) =>
    (await source.rulesFor(merchantId))?.live.fallback?.use.strategy;

  it('is the merchant’s own, else the box’s, else nothing', async () => {
    const one = node();
    expect(await strategyOf(one)).to.equal(undefined);
    one.source.setBox(only('{ strategy: failover, accounts: all }'));
    expect(await strategyOf(one)).to.equal('failover');
    await setRules(one, merchantId, text('random'));
    expect(await strategyOf(one)).to.equal('random');
    expect((await one.source.rulesFor('mer_2'))?.source).to.equal('file');
    await dropRules(one, merchantId);
    expect(await strategyOf(one)).to.equal('failover');
    one.source.setBox(undefined);
    expect(await strategyOf(one)).to.equal(undefined);
  });

  it('asks the database once for payments that come together', async () => {
    let finds = 0;
    const db = Object.create(bench.db) as typeof bench.db;
    db.find = (table, where) => {
      finds += 1;
      return bench.db.find(table, where);
    };
    const source = new RulesSource(db, () => nowMs);
    await Promise.all(Array.from({ length: 50 }, () => source.rulesFor(merchantId)));
    await source.rulesFor(merchantId);
    expect(finds).to.equal(1);
  });

  it('notices a change of another node within two seconds on Postgres, its own at once', async () => {
    const [one, other] = [node(), node()];
    expect(await strategyOf(other)).to.equal(undefined);
    await setRules(one, merchantId, text('random'));
    expect(await strategyOf(one)).to.equal('random');
    if (database.name === 'sqlite') return;
    expect(await strategyOf(other)).to.equal(undefined);
    nowMs = 2_000;
    expect(await strategyOf(other)).to.equal('random');
  });

  it('does not keep what was read before a change', async () => {
    const one = node();
    const reading = one.source.rulesFor(merchantId);
    await setRules(one, merchantId, text('random'));
    await reading;
    expect(await strategyOf(one)).to.equal('random');
  });

  it('has a draft beside the built-in rules, the box’s and one’s own', async () => {
    const one = node();
    await setDraft(one, merchantId, { rules: text('random'), percent: 5 });
    const first = await one.source.rulesFor(merchantId);
    expect(first).to.include({ live: builtInRules, source: 'built_in' });
    expect(first?.draft).to.include({ percent: 5, guard: undefined });
    one.source.setBox(only('{ strategy: failover, accounts: all }'));
    expect((await one.source.rulesFor(merchantId))?.source).to.equal('file');
    const version = first?.draft?.rules.version ?? '';
    await promoteDraft(one, merchantId, version, []);
    const promoted = await one.source.rulesFor(merchantId);
    expect([promoted?.live.version, promoted?.draft]).to.deep.equal([version, undefined]);
  });

  it('lets one of two changes at once win, and tells the other', async () => {
    const [one, other] = [node(), node()];
    await setRules(one, merchantId, text('failover'));
    const results = await Promise.allSettled([
      setRules(one, merchantId, text('random')),
      setRules(other, merchantId, text('round_robin')),
    ]);
    const refused = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as { code: string }] : [],
    );
    for (const { code } of refused) expect(code).to.equal('concurrent_change');
    expect(refused.length).to.be.lessThan(2);
  });

  it('withdraws only the draft that was looked at', async () => {
    const one = node();
    await setDraft(one, merchantId, { rules: text('random'), percent: 5 });
    const before = await activeRecord(one, merchantId);
    if (!before) return expect.fail('the draft is stored');
    await setDraft(one, merchantId, { rules: text('round_robin'), percent: 5 });
    const figures = { draft_rate: 0, live_rate: 1, draft_ended: 100 };
    const withdrawal = { version: 'x', percent: 5, reason: 'bad', ...figures };
    expect(await withdrawDraft(one, before, withdrawal)).to.equal(false);
    expect((await one.source.rulesFor(merchantId))?.draft?.percent).to.equal(5);
  });
});
