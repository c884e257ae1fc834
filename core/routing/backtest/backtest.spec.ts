/** New rules over old decisions: who moves, what to expect of it, and what nobody can know. */
import { expect } from 'chai';
import { decide } from '../rules/decide.ts';
import type { AccountView, PaymentFacts } from '../rules/facts.ts';
import type { Rules } from '../rules/rule.ts';
import { account, only, payment, rulesOf } from '../rules/spec-world.ts';
import { applyChanges, type StrategyState } from '../strategies/counter.ts';
import { seededRandom } from '../strategies/random.ts';
import { decisionColumns } from '../decision-store.ts';
import { Backtest, type BacktestResult } from './backtest.ts';
import type { StoredDecision } from './stored-decision.ts';
import { wilson } from './wilson.ts';

const accounts = [account('a'), account('b', { weight: 2 }), account('c')];
const failover = (list: string) => only(`{ strategy: failover, accounts: ${list} }`);

/** Decisions as the switch would have stored them; `approves` says what became of each. */
function history(
  rules: Rules,
  count: number,
  {
    approves = () => true,
    facts = () => ({}),
    views = accounts,
  }: {
    approves?: (at: number) => boolean | null;
    facts?: (at: number) => Partial<PaymentFacts>;
    views?: readonly AccountView[];
  } = {},
): StoredDecision[] {
  const random = seededRandom('history');
  let state: StrategyState = new Map();
  return Array.from({ length: count }, (_, at) => {
    const one = payment(facts(at));
    const { decision, changes } = decide(rules, one, views, state, random);
    state = applyChanges(state, changes);
    const { plan, accounts: list, excluded } = decisionColumns({ decision, facts: one });
    return { facts: one, plan, accounts: list, excluded, approved: approves(at) };
  });
}

function backtest(decisions: readonly StoredDecision[], rules: Rules): BacktestResult {
  const made = new Backtest(rules, accounts);
  for (const decision of decisions) made.add(decision);
  return made.result();
}

describe('the Wilson interval', () => {
  it('is that of the textbook', () => {
    // Newcombe, Statistics in Medicine 17 (1998), table I: 81/263, 15/148, 0/20, 1/29.
    const cases = [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const;
    for (const [approved, total, low, high] of cases) {
      expect(wilson(approved, total).low).to.be.closeTo(low, 0.0001);
      expect(wilson(approved, total).high).to.be.closeTo(high, 0.0001);
    }
  });

  it('says that it knows nothing when nothing was observed', () => {
    expect(wilson(0, 0)).to.deep.equal({ low: 0, high: 1 });
    expect(wilson(5, 5).high).to.equal(1);
  });
});

describe('a backtest', () => {
  const six = [
    'weighted_round_robin',
    'round_robin',
    'weighted',
    'least_used',
    'failover',
    'random',
  ];
  for (const strategy of six) {
    it(`finds no difference where the rules are the same: ${strategy}`, () => {
      const rules = only(`{ strategy: ${strategy}, accounts: all }`);
      const decisions = history(rules, 300, { approves: (at) => at % 3 > 0 });
      const result = backtest(decisions, rules);
      expect([result.decisions, result.moved, result.moves]).to.deep.equal([300, 0, []]);
      expect(result.expected).to.deep.equal({
        compared: 300,
        before: 200,
        after: 200,
        low: 200,
        high: 200,
      });
      for (const { before, after } of result.accounts) expect(after).to.equal(before);
    });
  }

  it('tells who moves where, and expects of them what was observed there', () => {
    const before = rulesOf(`version: 1
rules:
  - { name: euro, when: { currency: EUR }, use: { strategy: failover, accounts: b } }
default: { strategy: failover, accounts: a }
`);
    const euro = (at: number) => ({ currency: at % 2 === 0 ? 'EUR' : 'USD' });
    const old = history(before, 400, { facts: euro, approves: (at) => at % 4 > 0 });
    // Euros at b: half of 200 approved; at a 80 of 100. All of the dollars at a were.
    const probes = history(failover('[a]'), 100, {
      facts: () => ({ currency: 'EUR' }),
      approves: (at) => at < 80,
    });
    const result = backtest([...old, ...probes], failover('[a]'));
    expect(result.moves).to.deep.equal([{ from: 'acct_b', to: 'acct_a', count: 200 }]);
    expect(result.accounts).to.deep.equal([
      { account: 'acct_a', before: 300, after: 500 },
      { account: 'acct_b', before: 200, after: 0 },
    ]);
    const { low, high } = wilson(80, 100);
    expect(result.expected).to.deep.equal({
      compared: 500,
      before: 380,
      after: 280 + 200 * 0.8,
      low: 280 + 200 * low,
      high: 280 + 200 * high,
    });
    expect(result.noEvidence).to.deep.equal([]);
    expect(result.observed).to.deep.equal({
      acct_a: { approved: 280, total: 300 },
      acct_b: { approved: 100, total: 200 },
    });
  });

  it('expects nothing where fewer than thirty were observed, and says so', () => {
    const at = (observed: number) => {
      const old = [...history(failover('[a]'), 50), ...history(failover('[b]'), observed)];
      return backtest(old, failover('[b]'));
    };
    const unknown = at(29);
    expect(unknown.noEvidence).to.deep.equal([
      { segment: 'acct_b card USD -', count: 50, observed: 29 },
    ]);
    expect(unknown.expected.compared).to.equal(29);
    const known = at(30);
    expect([known.noEvidence, known.expected.compared]).to.deep.equal([[], 80]);
  });

  it('does not send a payment where it could not have gone then', () => {
    const views = [account('a'), account('b', { health: 'unhealthy' }), account('c')];
    const old = history(failover('[a]'), 10, { views });
    const moved = backtest(old, failover('[b, c]'));
    expect(moved.moves).to.deep.equal([{ from: 'acct_a', to: 'acct_c', count: 10 }]);
    const lost = backtest(old, failover('[b]'));
    expect(lost.moves).to.deep.equal([{ from: 'acct_a', to: null, count: 10 }]);
    expect(lost.expected).to.deep.equal({ compared: 10, before: 10, after: 0, low: 0, high: 0 });
  });

  it('keeps the shares of a strategy that counts', () => {
    const old = history(failover('[a]'), 1_000, { approves: (at) => at % 5 > 0 });
    const rules = only(
      '{ strategy: weighted_round_robin, accounts: all, weights: { a: 60, b: 30, c: 10 } }',
    );
    const result = backtest(old, rules);
    const after = result.accounts.map((flow) => flow.after);
    for (const [at, target] of [600, 300, 100].entries()) {
      expect(after[at]).to.be.closeTo(target, 40);
    }
    expect(result.moved).to.equal((after[1] ?? 0) + (after[2] ?? 0));
  });

  it('leaves outcomes out that are not known', () => {
    const old = history(failover('[a]'), 20, { approves: (at) => (at < 5 ? null : true) });
    const result = backtest(old, failover('[a]'));
    expect([result.decisions, result.expected.compared]).to.deep.equal([20, 15]);
    expect(result.observed).to.deep.equal({ acct_a: { approved: 15, total: 15 } });
  });
});
