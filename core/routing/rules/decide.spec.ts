/** Which rule decides, who is passed over and why, and what is said about it. */
import { expect } from 'chai';
import { decide, ruleFor } from './decide.ts';
import type { AccountView } from './facts.ts';
import { account, named, noLot, only, payment, rulesOf } from './spec-world.ts';
import { exclusionText, sentenceOf } from './why.ts';

const decided = (text: string | ReturnType<typeof only>, accounts: AccountView[], facts = {}) =>
  decide(
    typeof text === 'string' ? rulesOf(text) : text,
    payment(facts),
    accounts,
    new Map(),
    noLot,
  ).decision;

describe('a decision', () => {
  it('is made by the first rule that matches, and by the default when none does', () => {
    const rules = named({
      big: '{ amount: { currency: USD, gte: 5000 } }',
      dollar: '{ currency: USD }',
    });
    expect(ruleFor(rules, payment())?.name).to.equal('big');
    expect(ruleFor(rules, payment({ amount: 1 }))?.name).to.equal('dollar');
    expect(ruleFor(rules, payment({ currency: 'EUR' }))?.name).to.equal('default');
  });

  it('names each account’s own obstacle, and the rule’s choice last of all', () => {
    const limits = { excluded: 'limit_reached:daily_amount', usedShare: 1, dayCount: 9 } as const;
    const decision = decided(only('{ strategy: failover, accounts: [a, off, mute, full, ill] }'), [
      account('a'),
      account('off', { active: false, health: 'unhealthy' }),
      account('mute', { capability: 'currency_not_supported' }),
      account('full', { limits }),
      account('ill', { health: 'unhealthy' }),
      account('probe', { health: 'probe' }),
    ]);
    expect(decision.order).to.deep.equal(['acct_a']);
    expect(decision.excluded).to.deep.equal({
      acct_off: 'disabled',
      acct_mute: 'currency_not_supported',
      acct_full: 'limit_reached:daily_amount',
      acct_ill: 'unhealthy',
      acct_probe: 'not_in_rule',
    });
    expect(exclusionText('limit_reached:daily_amount')).to.contain('daily amount');
  });

  it('finds accounts by id, name, tag, group and all, in the order written', () => {
    const accounts = ['a', 'b', 'c', 'd'].map((name) =>
      account(name, { tags: name > 'b' ? ['late'] : [], priority: name === 'd' ? 0 : 1 }),
    );
    const orderOf = (refs: string) =>
      decided(
        `version: 1\ngroups: { pair: [b, a] }\nrules: []\ndefault: { strategy: failover, accounts: ${refs} }\n`,
        accounts,
      )
        .order.map((id) => id.slice(5))
        .join('');
    expect(orderOf('[b, acct_a]')).to.equal('ba');
    expect(orderOf('pair')).to.equal('ba');
    expect(orderOf('[tag:late, a]')).to.equal('dca');
    expect(orderOf('[c, all]')).to.equal('cdab');
  });

  it('is empty, and says why, when nobody can take the payment or no rule matches', () => {
    const nobody = decided(only('{ strategy: random, accounts: b }'), [account('a')]);
    expect([nobody.order, nobody.excluded]).to.deep.equal([[], { acct_a: 'not_in_rule' }]);
    const none = decided('version: 1\nrules: []\n', [account('a')]);
    expect([none.rule, none.plan, none.order]).to.deep.equal([null, null, []]);
    expect(sentenceOf(none)).to.equal(
      'No rule matched, and there is no default; no account can take the payment.',
    );
  });

  it('shows the facts that were looked at on the way, and no others', () => {
    const rules = named({
      first: '{ metadata: { plan: gold } }',
      second: '{ currency: USD, card_brand: { not: amex } }',
      third: '{ customer: cus_1 }',
    });
    const facts = {
      customer: 'cus_1',
      metadata: { plan: 'free', secret: 'x' },
      card_brand: 'visa',
    };
    expect(decided(rules, [account('second')], facts).inputs).to.deep.equal({
      'metadata.plan': 'free',
      amount: 10_000,
      currency: 'USD',
      card_brand: 'visa',
    });
  });

  it('says in a sentence why the first is the first', () => {
    const rules = named({ dollar: '{ currency: USD }' });
    expect(sentenceOf(decided(rules, [account('dollar')]))).to.equal(
      'Rule 1 "dollar" matched first; its strategy is failover; acct_dollar is first because no other account can take it.',
    );
    const share = only(
      '{ strategy: weighted_round_robin, accounts: all, weights: { a: 6, b: 4 } }',
    );
    expect(sentenceOf(decided(share, [account('a'), account('b')]))).to.contain(
      'acct_a is first because it has 0 of 0 payments (0 %), its share is 60 %',
    );
  });

  it('carries what follows a failure', () => {
    const rules = only(
      '{ strategy: failover, accounts: all, failover: { max_attempts: 2 }, retry_later: { max_attempts: 3, within_hours: 72 } }',
    );
    const { failover, retry_later } = decided(rules, [account('a')]);
    expect(failover).to.deep.equal({ max_attempts: 2, soft_declines: true });
    expect(retry_later).to.deep.equal({ max_attempts: 3, within_hours: 72 });
  });
});
