/** Beginning the counting anew while many outcomes are unknown: nobody is starved, and once. */
import { expect } from 'chai';
import type { AccountView } from '../rules/facts.ts';
import type { StrategyCounter } from './counter.ts';
import { weightedRoundRobin } from './weighted-round-robin.ts';

const weights = { a: 60, b: 30, c: 10 };

describe('weighted round robin with many unknown outcomes', () => {
  const eligible = Object.entries(weights).map(([id, weight], place) => ({
    account: { id, priority: 0 } as AccountView,
    place,
    weight,
  }));

  it('begins the counting anew once, and each gets its part from then on', () => {
    // What an account that did not answer for a while leaves behind: 900 payments nobody knows of.
    const counters = new Map<string, StrategyCounter>([
      ['a', { account: 'a', settled: 1_800, reserved: 900, turn: 3 }],
      ['b', { account: 'b', settled: 1_900, reserved: 5, turn: 2 }],
      ['c', { account: 'c', settled: 700, reserved: 2, turn: 1 }],
    ]);
    const chosen: Record<string, number> = { a: 0, b: 0, c: 0 };
    let restarts = 0;
    for (let payment = 1; payment <= 1_000; payment += 1) {
      const situation = {
        scope: 'default',
        eligible,
        pool: eligible,
        counters,
        weighted: true,
        catchUp: 100,
        random: () => 0,
      };
      const { order, changes } = weightedRoundRobin(situation);
      if (changes.length > 1) restarts += 1;
      for (const { after } of changes) counters.set(after.account, after);
      const first = order[0]?.account.id ?? '';
      chosen[first] = (chosen[first] ?? 0) + 1;
      const { settled, reserved, ...rest } = counters.get(first) as StrategyCounter;
      counters.set(first, { ...rest, settled: settled + 1, reserved: reserved - 1 });
    }
    expect(restarts).to.equal(1);
    expect(chosen['a']).to.be.closeTo(600, 1);
    expect(chosen['b']).to.be.closeTo(300, 1);
    expect(chosen['c']).to.be.closeTo(100, 1);
  });
});
