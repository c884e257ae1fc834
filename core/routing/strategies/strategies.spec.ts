/** The six strategies, statistically: shares, turns, ranks, lots; many payments at once. */
import { expect } from 'chai';
import fc from 'fast-check';
import { decide } from '../rules/decide.ts';
import type { AccountView } from '../rules/facts.ts';
import type { Rules } from '../rules/rule.ts';
import { account, noLot, only, payment } from '../rules/spec-world.ts';
import {
  applyChanges,
  counterOf,
  noCounters,
  release,
  reserve,
  settle,
  type StrategyState,
} from './counter.ts';
import { seededRandom } from './random.ts';

/** What a caller with a database would do, in memory; `settled` are the successes of each. */
class Desk {
  state: StrategyState = new Map();
  readonly successes = new Map<string, number>();
  readonly rules: Rules;
  accounts: readonly AccountView[];

  constructor(rules: Rules, accounts: readonly AccountView[]) {
    this.rules = rules;
    this.accounts = accounts;
  }

  /** Decides and reserves; the account that is tried first. */
  begin(random: () => number = noLot): string {
    const { decision, changes } = decide(this.rules, payment(), this.accounts, this.state, random);
    this.state = applyChanges(this.state, changes);
    return decision.order[0] ?? 'nobody';
  }

  end(id: string, succeeded: boolean): void {
    const counters = new Map(this.state.get('default'));
    const counter = counterOf(counters, id);
    counters.set(id, succeeded ? settle(counter) : release(counter));
    this.state = new Map([['default', counters]]);
    if (succeeded) this.successes.set(id, this.successOf(id) + 1);
  }

  successOf(id: string): number {
    return this.successes.get(id) ?? 0;
  }

  get total(): number {
    return [...this.successes.values()].reduce((sum, count) => sum + count, 0);
  }
}

const abc = ['a', 'b', 'c'].map((name) => account(name));
const shares = only(
  '{ strategy: weighted_round_robin, accounts: [a, b, c], weights: { a: 60, b: 30, c: 10 } }',
);
const targets = [600, 300, 100];
const successes = (desk: Desk) => abc.map(({ id }) => desk.successOf(id));

function expectShares(desk: Desk, off: number): void {
  const got = successes(desk);
  for (const [at, target] of targets.entries()) expect(got[at]).to.be.closeTo(target, off);
}

describe('weighted round robin', () => {
  it('gives 60/30/10 of a thousand successes, each within one, at every moment on the way', () => {
    const desk = new Desk(shares, abc);
    for (let done = 1; done <= 1_000; done += 1) {
      desk.end(desk.begin(), true);
      for (const [at, target] of targets.entries()) {
        expect(Math.abs((successes(desk)[at] ?? 0) - (target * done) / 1_000)).to.be.below(1);
      }
    }
    expectShares(desk, 1);
  });

  it('counts successes only: an account that fails three of four still gets its share', () => {
    const random = seededRandom('failures');
    const desk = new Desk(shares, abc);
    while (desk.total < 1_000) {
      const id = desk.begin();
      desk.end(id, random() < (id === 'acct_a' ? 0.25 : 0.9));
    }
    expectShares(desk, 1);
  });

  it('is not skewed by payments that are decided while others are on their way', () => {
    const random = seededRandom('interleaved');
    const desk = new Desk(shares, abc);
    const onTheWay: string[] = [];
    let begun = 0;
    // Fifty at once, ending in any order, the slow account last: without reservations it would be
    // chosen fifty times in a row.
    while (desk.total < 1_000) {
      if (onTheWay.length < 50 && begun < 1_000) {
        onTheWay.push(desk.begin());
        begun += 1;
      } else {
        const fast = onTheWay.findIndex((id) => id !== 'acct_c' || random() < 0.05);
        const [id] = onTheWay.splice(Math.max(fast, 0), 1);
        desk.end(String(id), true);
      }
    }
    expectShares(desk, 1);
  });

  it('returns to the shares after failures among payments on their way', () => {
    const random = seededRandom('interleaved failures');
    const desk = new Desk(shares, abc);
    const onTheWay: string[] = [];
    while (desk.total < 1_000) {
      // The number on the way falls to one towards the end, so that failures are made good.
      const width = Math.min(20, 1_000 - desk.total);
      while (onTheWay.length < width) onTheWay.push(desk.begin());
      const [id] = onTheWay.splice(Math.floor(random() * onTheWay.length), 1);
      desk.end(String(id), random() < 0.8);
    }
    expectShares(desk, 1);
  });

  it('never leaves anyone a whole payment off, for any weights', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 2, maxLength: 9 }),
        (weights) => {
          const accounts = weights.map((weight, at) => account(`x${at}`, { weight }));
          // Equal weights are as good as none; those take turns and are tested below.
          if (new Set(weights).size === 1) return;
          const desk = new Desk(
            only('{ strategy: weighted_round_robin, accounts: all }'),
            accounts,
          );
          const sum = weights.reduce((a, b) => a + b, 0);
          for (let done = 1; done <= 150; done += 1) {
            desk.end(desk.begin(), true);
            for (const { id, weight } of accounts) {
              expect(Math.abs(desk.successOf(id) - (weight * done) / sum)).to.be.below(1);
            }
          }
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it('takes turns when nobody has set a weight', () => {
    const desk = new Desk(only('{ strategy: weighted_round_robin, accounts: all }'), abc);
    const order = Array.from({ length: 6 }, () => desk.begin().slice(5)).join('');
    expect(order).to.equal('abcabc');
  });

  it('leaves an account of weight 0 for when no other is there', () => {
    const rules = only('{ strategy: weighted_round_robin, accounts: all, weights: { a: 1 } }');
    const { decision } = decide(rules, payment(), abc, new Map(), noLot);
    expect(decision.order).to.deep.equal(['acct_a', 'acct_b', 'acct_c']);
    const others = abc.slice(1);
    expect(decide(rules, payment(), others, new Map(), noLot).decision.order[0]).to.equal('acct_b');
  });

  it('lets an account catch up a little, and after a long absence begins anew', () => {
    const away = (payments: number): number => {
      const desk = new Desk(shares, [abc[0]!, abc[1]!]);
      for (let done = 0; done < payments; done += 1) desk.end(desk.begin(), true);
      desk.accounts = abc;
      for (let done = 0; done < 100; done += 1) desk.end(desk.begin(), true);
      return desk.successOf('acct_c');
    };
    // 180 payments cost it 18, which it gets back; 9,000 cost it 900, which it does not.
    expect(away(180)).to.be.closeTo(28, 1);
    expect(away(9_000)).to.be.closeTo(10, 1);
  });

  it('gives an account that is out of order nothing, and the others their shares of the rest', () => {
    const ill = abc.map((one) => (one.name === 'b' ? account('b', { health: 'unhealthy' }) : one));
    const desk = new Desk(shares, ill);
    for (let done = 0; done < 700; done += 1) desk.end(desk.begin(), true);
    expect(successes(desk)).to.deep.equal([600, 0, 100]);
  });
});

describe('strategy counters', () => {
  it('refuse a decision that was made on counters of before', () => {
    const { changes } = decide(shares, payment(), abc, new Map(), noLot);
    const state = applyChanges(new Map(), changes);
    expect(() => applyChanges(state, changes)).to.throw(RangeError, 'meanwhile');
  });

  it('go back to where they were when a payment fails, and never below nothing', () => {
    const { after } = reserve('default', noCounters, 'acct_a');
    expect(after).to.deep.equal({ account: 'acct_a', settled: 0, reserved: 1, turn: 1 });
    expect(release(release(after)).reserved).to.equal(0);
    expect(settle(after)).to.deep.include({ settled: 1, reserved: 0 });
  });
});

describe('round robin', () => {
  const rules = only('{ strategy: round_robin, accounts: [b, a, c] }');
  const turns = (desk: Desk, count: number) =>
    Array.from({ length: count }, () => desk.begin().slice(5)).join('');

  it('goes round in the order of the list, and goes on where it was after a restart', () => {
    const desk = new Desk(rules, abc);
    expect(turns(desk, 4)).to.equal('bacb');
    const restarted = new Desk(rules, abc);
    restarted.state = new Map(
      JSON.parse(
        JSON.stringify([...desk.state].map(([scope, counters]) => [scope, [...counters]])),
      ).map(([scope, counters]: [string, []]) => [scope, new Map(counters)]),
    );
    expect(turns(restarted, 3)).to.equal('acb');
  });

  it('steps over who cannot, without losing its place', () => {
    const desk = new Desk(rules, abc);
    turns(desk, 1);
    desk.accounts = abc.map((one) => (one.name === 'a' ? account('a', { active: false }) : one));
    expect(turns(desk, 3)).to.equal('cbc');
    desk.accounts = abc;
    expect(turns(desk, 3)).to.equal('bac');
  });
});

describe('the strategies that rank', () => {
  const orderOf = (use: string, accounts: readonly AccountView[]) =>
    decide(only(use), payment(), accounts, new Map(), noLot)
      .decision.order.map((id) => id.slice(5))
      .join('');
  const stats = (approved: number, total: number) => ({ stats: { approved, total } });
  const limits = (usedShare: number, dayCount = 0) => ({
    limits: { excluded: undefined, usedShare, dayCount },
  });

  it('weighted: by priority, then by success rate; a falling rate demotes', () => {
    const use = '{ strategy: weighted, accounts: all }';
    const c = account('c', { priority: 1, ...stats(1_000, 1_000) });
    const a = (approved: number) => account('a', stats(approved, 1_000));
    expect(orderOf(use, [a(900), account('b', stats(850, 1_000)), c])).to.equal('abc');
    expect(orderOf(use, [a(800), account('b', stats(850, 1_000)), c])).to.equal('bac');
  });

  it('weighted: one decline condemns nobody, and one who is new is in the middle', () => {
    const use = '{ strategy: weighted, accounts: all }';
    const [good, bad] = [account('a', stats(500, 1_000)), account('c', stats(400, 1_000))];
    expect(orderOf(use, [good, account('b', stats(0, 1)), bad])).to.equal('abc');
    expect(orderOf(use, [good, account('b'), bad])).to.equal('abc');
    expect(orderOf(use, [good, account('b', stats(0, 50)), bad])).to.equal('acb');
  });

  it('least used: by the fullest limit, without limits by the payments of the day', () => {
    const use = '{ strategy: least_used, accounts: all }';
    const accounts = [
      account('a', limits(0.9)),
      account('b', limits(0.2)),
      account('c', limits(0.5)),
    ];
    expect(orderOf(use, accounts)).to.equal('bca');
    expect(orderOf(use, [account('a', limits(0, 5)), account('b', limits(0, 4))])).to.equal('ba');
  });

  it('failover: the first of the list until it cannot, and again when it can', () => {
    const use = '{ strategy: failover, accounts: [b, a] }';
    const b = (more: Partial<AccountView>) => [account('a'), account('b', more)];
    expect(orderOf(use, b({}))).to.equal('ba');
    expect(orderOf(use, b({ health: 'unhealthy' }))).to.equal('a');
    const full = { excluded: 'limit_reached:daily_count', usedShare: 1, dayCount: 9 } as const;
    expect(orderOf(use, b({ limits: full }))).to.equal('a');
    expect(orderOf(use, b({ health: 'probe' }))).to.equal('ba');
  });

  it('random: every account equally often, by the chi-square of 12,000 payments', () => {
    const accounts = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => account(name));
    const desk = new Desk(only('{ strategy: random, accounts: all }'), accounts);
    const random = seededRandom('chi-square');
    const counts = new Map<string, number>();
    for (let done = 0; done < 12_000; done += 1) {
      const id = desk.begin(random);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const chiSquare = accounts.reduce(
      (sum, { id }) => sum + ((counts.get(id) ?? 0) - 2_000) ** 2 / 2_000,
      0,
    );
    // Five degrees of freedom: above 20.5 in one of a thousand fair draws.
    expect(chiSquare).to.be.below(20.5);
  });

  it('random: the same seed draws the same', () => {
    const rules = only('{ strategy: random, accounts: all }');
    const drawn = (seed: string) =>
      decide(rules, payment(), abc, new Map(), seededRandom(seed)).decision.order.join();
    expect(drawn('pay_1')).to.equal(drawn('pay_1'));
    expect(new Set(Array.from({ length: 60 }, (_, at) => drawn(`pay_${at}`))).size).to.equal(6);
  });
});
