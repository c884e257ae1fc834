/** A decision is stored in parts, and is read as it was. */
import { expect } from 'chai';
import type { Decision } from './choose.ts';
import {
  decisionChanges,
  decisionColumns,
  decisionOf,
  firstDecision,
  keptOf,
} from './decision-store.ts';
import { decide } from './rules/decide.ts';
import { account, named, noLot, payment, rulesOf } from './rules/spec-world.ts';

const plain: Decision = { order: ['acct_a'], excluded: { acct_b: 'disabled' }, why: 'priority' };
const later = { max_attempts: 3, within_hours: 72 };
const bare = { decision: plain, facts: undefined };

describe('a stored decision', () => {
  it('by rules is what it was, with the values of what was looked at', () => {
    const rules = named({
      a: '{ amount: { currency: USD, gte: 5000 }, metadata: { plan: gold } }',
      b: '{ card_brand: visa }',
    });
    const facts = payment({ metadata: { plan: 'gold', other: 'kept too' } });
    const accounts = [account('a'), account('b', { active: false }), account('rest')];
    for (const one of [facts, payment({ amount: 1, card_brand: 'visa' })]) {
      const { decision } = decide(rules, one, accounts, new Map(), noLot);
      expect(decisionOf(decisionColumns({ decision, facts: one }))).to.deep.equal(decision);
    }
  });

  it('by nobody, for no one, is what it was', () => {
    const rules = rulesOf(
      'version: 1\nrules:\n  - { name: x, when: { attempt: 9 }, use: { strategy: random, accounts: all } }\n',
    );
    const facts = payment();
    const { decision } = decide(rules, facts, [account('a')], new Map(), noLot);
    expect(decision.rule).to.equal(null);
    expect(decisionOf(decisionColumns({ decision, facts }))).to.deep.equal(decision);
  });

  it('without rules stays with the payment when it is the first, and has a row later', () => {
    const of = { merchant_id: 'mer_1', operation_id: 'op_1' };
    expect(decisionChanges(bare, of, true)).to.deep.equal([]);
    expect(firstDecision(keptOf(bare, null, true))).to.deep.equal(plain);
    expect(decisionChanges(bare, of, false)).to.have.length(1);
    expect(decisionOf(decisionColumns(bare))).to.deep.equal(plain);
  });

  it('leaves the payment its first one, and the latest word about later tries', () => {
    const first = keptOf(bare, null, true);
    const byName = { decision: { ...plain, why: 'named', retry_later: later }, facts: undefined };
    const second = keptOf(byName as typeof bare, first, false);
    expect(firstDecision(second)).to.deep.equal(plain);
    expect(JSON.parse(second ?? '')).to.deep.include({ retry_later: later });
    expect(keptOf(bare, second, false)).to.equal(first);
  });
});
