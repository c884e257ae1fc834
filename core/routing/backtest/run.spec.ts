/** Reading a past by the page: nothing twice, nothing left out, nothing of others. */
import { expect } from 'chai';
import type { Reading } from '../../storage/index.ts';
import { payment } from '../rules/spec-world.ts';
import { runBacktest } from './run.ts';

const rules = `version: 1
rules:
  - { name: large, when: { amount: { currency: USD, gte: 2000 } }, use: { strategy: failover, accounts: b } }
default: { strategy: failover, accounts: a }
`;
const since = '2026-11-21T00:00:00.000Z';
const [mine, yours] = ['prof_mine', 'prof_yours'];

/** Decisions with amounts from 0 up, every fifth of another profile; all of them went to `a`. */
function past(count: number): Reading & { readonly pages: number[] } {
  const rows = Array.from({ length: count }, (_, at) => {
    const facts = payment({ amount: at, profile: at % 5 === 0 ? yours : mine });
    const state = at % 2 === 0 ? 'succeeded' : at % 3 === 0 ? 'failed' : 'declined';
    const id = `op_7zzzzzzzzz${String(at).padStart(16, '0')}`;
    return [id, 'another plan', 'acct_a', '{"acct_b":"not_in_rule"}', JSON.stringify(facts), state];
  });
  const pages: number[] = [];
  return {
    pages,
    rows: async (sql, values) => {
      if (sql.includes('from accounts')) {
        return ['a', 'b'].map((name) => [`acct_${name}`, name, '[]', 1, 0, 'active']);
      }
      const [, after, limit] = values;
      const page = rows.filter(([id]) => String(id) > String(after)).slice(0, Number(limit));
      pages.push(page.length);
      return page;
    },
    close: async () => undefined,
  };
}

describe('a backtest over a database', () => {
  const request = { merchantId: 'mer_1', profileId: undefined, since, rules, file: 'new.yaml' };

  it('reads every page once', async () => {
    const reading = past(4_500);
    const report = await runBacktest(reading, request);
    expect(reading.pages).to.deep.equal([2_000, 2_000, 500]);
    expect(report).to.include({ decisions: 4_500, moved: 2_500 });
    expect(report.names).to.deep.equal({ acct_a: 'a', acct_b: 'b' });
    expect(report.observed).to.deep.equal({ acct_a: { approved: 2_250, total: 3_750 } });
  });

  it('asks once more where the last page was full', async () => {
    const reading = past(4_000);
    expect(await runBacktest(reading, request)).to.include({ decisions: 4_000 });
    expect(reading.pages).to.deep.equal([2_000, 2_000, 0]);
  });

  it('looks at one profile alone for who sees only that', async () => {
    const report = await runBacktest(past(4_500), { ...request, profileId: yours });
    expect(report).to.include({ decisions: 900, moved: 500 });
  });

  it('refuses rules that are wrong', async () => {
    const wrong = runBacktest(past(1), { ...request, rules: 'version: 2\n' });
    const error = await wrong.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.an.instanceOf(Error).with.property('message').that.contains('new.yaml');
  });
});
