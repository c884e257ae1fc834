/**
 * The reasoning of the linter, held against deciding: whatever it claims must be so for every
 * payment that chance comes up with.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { boxesOf, covered } from './boxes.ts';
import { matcherOf, type Condition } from './condition.ts';
import type { PaymentFacts } from './facts.ts';
import { lint, lintInTurns } from './lint.ts';
import { complement, intersect, isEmpty, meet, numbers, unionOf, words } from './sets.ts';
import type { ValueSet } from './sets.ts';
import { account, named, payment, rulesOf } from './spec-world.ts';

// Few values, so that chance makes conditions which meet, touch and contain each other.
const range = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 3 }))
  .map(([from, length]): [number, number] => [from, from + length]);
const wordSet = fc.record({
  kind: fc.constant('words' as const),
  words: fc.uniqueArray(fc.constantFrom('visa', 'amex', 'jcb')).map((list) => new Set(list)),
  except: fc.boolean(),
  absent: fc.boolean(),
});
const numberSet = fc
  .tuple(fc.array(range, { maxLength: 2 }), fc.boolean())
  .map(([parts, absent]): ValueSet => ({ ...numbers(parts), absent }));
const moneySet = fc
  .tuple(fc.dictionary(fc.constantFrom('USD', 'EUR'), range), fc.boolean())
  .map(([by, others]): ValueSet => ({
    kind: 'money',
    by: new Map(Object.entries(by).map(([code, one]) => [code, numbers([one]).ranges])),
    others,
  }));
const test: fc.Arbitrary<Condition> = fc.oneof(
  wordSet.map((set) => ({
    kind: 'test' as const,
    subject: { of: 'card_brand' as const },
    set,
    path: [],
  })),
  numberSet.map((set) => ({
    kind: 'test' as const,
    subject: { of: 'attempt' as const },
    set,
    path: [],
  })),
  moneySet.map((set) => ({
    kind: 'test' as const,
    subject: { of: 'money' as const },
    set,
    path: [],
  })),
);
const condition = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    test,
    fc.record({
      kind: fc.constantFrom('all' as const, 'any' as const),
      of: fc.array(tie('node'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('node') }),
  ),
})).node;
const facts: fc.Arbitrary<PaymentFacts> = fc
  .record({
    amount: fc.integer({ min: 0, max: 9 }),
    currency: fc.constantFrom('USD', 'EUR', 'IDR'),
    attempt: fc.integer({ min: 0, max: 9 }),
    card_brand: fc.option(fc.constantFrom('visa', 'amex', 'diners'), { nil: undefined }),
  })
  .map(({ card_brand, ...rest }) => payment({ ...rest, ...(card_brand && { card_brand }) }));

describe('reasoning about conditions', () => {
  it('never calls a rule unreachable that a payment can reach', () => {
    let claims = 0;
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 3 }),
        condition,
        fc.array(facts, { minLength: 20, maxLength: 20 }),
        (above, below, payments) => {
          const boxes = boxesOf(below);
          const covers = above.map((one) => boxesOf(one));
          const cover = covers.flatMap((one) => one ?? []);
          if (!boxes || !covered(boxes, cover)) return;
          claims += 1;
          const matchers = above.map(matcherOf);
          const reached = payments.filter(
            (one) => matcherOf(below)(one) && !matchers.some((matches) => matches(one)),
          );
          expect(reached).to.deep.equal([]);
        },
      ),
      { numRuns: 1_500, seed: 5 },
    );
    expect(claims, 'claims made').to.be.greaterThan(100);
  });

  it('finds covered exactly what has no part outside', () => {
    const found = { covered: 0, open: 0 };
    fc.assert(
      fc.property(
        fc.array(condition, { minLength: 1, maxLength: 4 }),
        condition,
        (above, below) => {
          const boxes = boxesOf(below);
          const covers = boxesOf({ kind: 'any', of: above });
          // The same question put another way: below, and none of those above.
          const none: Condition = { kind: 'not', of: { kind: 'any', of: above } };
          const outside = boxesOf({ kind: 'all', of: [below, none] });
          if (!boxes || !covers || !outside) return;
          found[outside.length === 0 ? 'covered' : 'open'] += 1;
          expect(covered(boxes, covers)).to.equal(outside.length === 0);
        },
      ),
      { numRuns: 2_000, seed: 8 },
    );
    expect(found.covered).to.be.greaterThan(100);
    expect(found.open).to.be.greaterThan(100);
  });

  it('makes boxes that hold exactly what the condition holds', () => {
    fc.assert(
      fc.property(condition, facts, (one, fact) => {
        const boxes = boxesOf(one);
        if (!boxes) return;
        // A box is a condition again: each of its sets must hold.
        const again: Condition = {
          kind: 'any',
          of: boxes.map((box) => ({
            kind: 'all',
            of: [...box].map(([key, set]) => ({
              kind: 'test',
              subject: { of: key as 'money' },
              set,
              path: [],
            })),
          })),
        };
        expect(matcherOf(again)(fact)).to.equal(matcherOf(one)(fact));
      }),
      { numRuns: 1_000, seed: 6 },
    );
  });

  it('keeps the laws of sets', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(wordSet, wordSet),
          fc.tuple(numberSet, numberSet),
          fc.tuple(moneySet, moneySet),
        ),
        ([a, b]) => {
          expect(isEmpty(intersect(a, complement(a)))).to.equal(true);
          expect(isEmpty(complement(unionOf([a, complement(a)])))).to.equal(true);
          expect(isEmpty(intersect(intersect(a, b), complement(a)))).to.equal(true);
          const both = unionOf([a, b]);
          expect(isEmpty(intersect(a, complement(both)))).to.equal(true);
          expect(isEmpty(intersect(both, intersect(complement(a), complement(b))))).to.equal(true);
          expect(meet(a, b)).to.equal(!isEmpty(intersect(a, b)));
        },
      ),
      { numRuns: 500, seed: 7 },
    );
    expect(() => intersect(words(['a']), numbers([[0, 1]]))).to.throw(TypeError);
  });
});

describe('linting', () => {
  const messages = (conditions: Readonly<Record<string, string>>) =>
    lint(named(conditions)).map(({ level, key, message }) => `${level} ${key}: ${message}`);

  it('finds rules that others cover, across fields, currencies and negations', () => {
    const pairs: readonly [above: string, below: string][] = [
      ['{ card_brand: { not: visa } }', '{ card_brand: [amex, jcb], attempt: 2 }'],
      ['{ card_bin: 4 }', '{ card_bin: { from: 411111, to: 411199 } }'],
      [
        '{ time: { zone: UTC, days: [sat, sun] } }',
        '{ time: { zone: UTC, days: [sun], from: "10:00" } }',
      ],
      ['{ any: [{ attempt: 1 }, { off_session: true }] }', '{ off_session: true, currency: EUR }'],
      ['{ metadata: { plan: [a, b] } }', '{ metadata: { plan: a, other: c } }'],
      ['{ not: { customer: { exists: false } } }', '{ customer: cus_1 }'],
      [
        '{ amount: { currency: USD, gte: 10 } }',
        '{ all: [{ currency: USD }, { amount: { currency: USD, from: 11, to: 12 } }] }',
      ],
    ];
    for (const [above, below] of pairs) {
      expect(messages({ above, below }), below).to.deep.equal([
        'error rules[1]: never reached: "above" above matches all that it matches',
      ]);
      expect(messages({ below, above }), above).to.deep.equal([]);
    }
  });

  it('says nothing of rules that only overlap', () => {
    const pairs: readonly [string, string][] = [
      ['{ card_brand: visa }', '{ currency: USD }'],
      ['{ card_brand: { not: visa, exists: true } }', '{ card_brand: { not: visa } }'],
      ['{ time: { zone: UTC, days: [mon] } }', '{ time: { zone: Asia/Jakarta, days: [mon] } }'],
      ['{ card_bin: "41111100" }', '{ card_bin: 411111 }'],
    ];
    for (const [a, b] of pairs) expect(messages({ a, b }), b).to.deep.equal([]);
  });

  it('looks over 500 rules that all overlap, and finds the one that is covered by two', () => {
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`r${at}`, `{ metadata: { key${at}: gold } }`]),
    );
    const halves = {
      low: '{ amount: { currency: USD, lt: 500 } }',
      high: '{ amount: { currency: USD, gte: 500 } }',
    };
    const last = { last: '{ currency: USD, metadata: { key7: silver } }' };
    expect(messages({ ...many, ...halves, ...last })).to.deep.equal([
      'error rules[502]: never reached: the rules above match together all that it matches',
    ]);
  });

  it('lets others go first in between, and finds the same', async () => {
    const rules = named({ above: '{ attempt: [1, 2] }', below: '{ attempt: 1 }' });
    expect(await lintInTurns(rules)).to.deep.equal(lint(rules));
    expect(lint(rules)).to.have.length(1);
  });

  it('leaves alone what would take too long to look at', () => {
    const wide = Array.from(
      { length: 12 },
      (_, at) => `{ any: [{ metadata: { a${at}: x } }, { metadata: { b${at}: y } }] }`,
    );
    expect(
      messages({ wide: `{ all: [${wide.join(', ')}] }`, next: '{ metadata: { a0: x } }' }),
    ).to.deep.equal([]);
  });

  it('needs no default where the rules leave nothing over', () => {
    const text = (second: string) => `version: 1
rules:
  - { name: a, when: { off_session: true }, use: { strategy: random, accounts: all } }
  - { name: b, when: ${second}, use: { strategy: random, accounts: all } }
`;
    expect(lint(rulesOf(text('{ off_session: { not: true } }')))).to.deep.equal([]);
    expect(lint(rulesOf(text('{ off_session: false }')))).to.have.length(1);
  });

  it('knows accounts by tag and id, when they are given', () => {
    const rules = rulesOf(
      'version: 1\nrules: []\ndefault: { strategy: failover, accounts: [tag:eu, acct_b, gone] }\n',
    );
    const accounts = [account('a', { tags: ['eu'] }), account('b')];
    expect(lint(rules).length).to.equal(0);
    expect(lint(rules, { accounts }).map(({ message }) => message)).to.deep.equal([
      'no account is meant by "gone"',
    ]);
  });
});
