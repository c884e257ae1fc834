/** The rule that is found by classes is the rule that is found by asking each. */
import { expect } from 'chai';
import type { PaymentFacts } from './facts.ts';
import { firstMatch, RuleIndex } from './rule-index.ts';
import { named, only, payment } from './spec-world.ts';

/** Values on, just below and far from every bound that the rules below name, and unknown ones. */
const values: { readonly [K in keyof PaymentFacts]?: readonly (PaymentFacts[K] | undefined)[] } = {
  amount: [1, 4_999, 5_000, 9_999, 10_000, 1_000_000],
  currency: ['USD', 'EUR', 'IDR'],
  card_brand: ['visa', 'mastercard', 'amex', 'jcb', undefined],
  card_bin: ['411111', '41111111', '510000', '599999', undefined],
  returning_customer: [true, false, undefined],
  metadata: [{ plan: 'gold' }, { plan: 'silver', score: 7 }, { score: '-0.5' }, undefined],
  attempt: [1, 2, 3],
  at_ms: [Date.UTC(2026, 0, 5, 12), Date.UTC(2026, 0, 5, 21), Date.UTC(2026, 0, 10, 3)],
};

const rules = named({
  night: `{ time: { zone: Asia/Jakarta, from: '22:00', to: '06:00' }, attempt: 1 }`,
  'dollars in the middle': '{ amount: { currency: USD, gte: 5000, lt: 10000 }, card_brand: visa }',
  'gold or back again': '{ any: [{ metadata: { plan: gold } }, { returning_customer: true }] }',
  'no card of these': '{ card_brand: { not: [visa, amex], exists: true }, currency: [EUR, IDR] }',
  'visa again':
    '{ card_brand: [visa, mastercard], card_bin: [4111, { from: 510000, to: 559999 }] }',
  scores: '{ not: { metadata: { score: { lt: 5 } } }, attempt: { gte: 2 } }',
  'large euros': '{ amount: [{ currency: EUR, gt: 9999 }, { currency: USD, gte: 10000 }] }',
});

/** Every payment of the table, in an order that visits all values of each fact early. */
function* payments(): Generator<PaymentFacts> {
  const names = Object.keys(values) as (keyof typeof values)[];
  const total = names.reduce((count, name) => count * (values[name]?.length ?? 1), 1);
  // A step without a common factor with the total comes by every one of them once.
  for (let at = 0; at < total; at += 1) {
    let rest = (at * 7_919) % total;
    const facts: Record<string, unknown> = {};
    for (const name of names) {
      const list = values[name] ?? [];
      const value = list[rest % list.length];
      rest = Math.floor(rest / list.length);
      if (value !== undefined) facts[name] = value;
    }
    yield payment(facts);
  }
}

describe('the index of rules', () => {
  it('finds the rule that asking each would find, for 48,600 kinds of payments', () => {
    const index = new RuleIndex(rules);
    const found = new Map<string, number>();
    for (const one of payments()) {
      const expected = firstMatch(rules, one)?.name ?? 'none';
      if (index.ruleFor(one)?.name !== expected) {
        expect.fail(`${index.ruleFor(one)?.name} instead of ${expected}: ${JSON.stringify(one)}`);
      }
      found.set(expected, (found.get(expected) ?? 0) + 1);
    }
    expect([...found.values()].reduce((sum, count) => sum + count, 0)).to.equal(48_600);
    expect([...found.keys()]).to.have.members([...rules.rules.map(({ name }) => name), 'default']);
  });

  it('knows the default of rules that ask nothing', () => {
    const index = new RuleIndex(only('{ strategy: random, accounts: all }'));
    expect(index.ruleFor(payment())?.name).to.equal('default');
  });
});
