/** A draft beside the live rules: which payments it decides, and what is noted of both. */
import { expect } from 'chai';
import { account, only, payment } from './rules/spec-world.ts';
import { decide } from './rules/decide.ts';
import type { Rules } from './rules/rule.ts';
import { draftDecision, isDrafted } from './shadow.ts';
import type { ActiveRules, Draft } from './source.ts';
import { breachOf, type DraftFigures } from './source-guard.ts';

const live = only('{ strategy: failover, accounts: [a, b] }');
const other = only('{ strategy: failover, accounts: [b, a] }');

const draftOf = (rules: Rules, percent: number): Draft => ({
  rules,
  percent,
  guard: undefined,
  sinceMs: 0,
});

const ids = Array.from({ length: 20_000 }, (_, at) => `pay_${at}`);

describe('a draft', () => {
  it('decides its percentage of the payments, always the same ones', () => {
    for (const percent of [1, 5, 50]) {
      const drafted = ids.filter((id) => isDrafted(draftOf(other, percent), id));
      // Four standard deviations of a binomial of 20,000.
      const spread = 4 * Math.sqrt(ids.length * (percent / 100) * (1 - percent / 100));
      expect(Math.abs(drafted.length - (ids.length * percent) / 100)).to.be.lessThan(spread);
      const more = draftOf(other, percent + 1);
      for (const id of drafted) expect(isDrafted(more, id), id).to.equal(true);
    }
  });

  it('of 0 percent decides none, of 100 all', () => {
    expect(ids.some((id) => isDrafted(draftOf(other, 0), id))).to.equal(false);
    expect(ids.every((id) => isDrafted(draftOf(other, 100), id))).to.equal(true);
  });

  const accounts = [account('a'), account('b')];
  const decideBy = (random: () => number) => (rules: Rules) =>
    decide(rules, payment(), accounts, new Map(), random);

  function decided(active: Pick<ActiveRules, 'live' | 'draft'>, random: () => number = () => 0) {
    return draftDecision({ source: 'merchant', ...active }, 'pay_1', decideBy(random));
  }

  it('is noted and not used at 0 percent', () => {
    const { decided: used, rules, shadow } = decided({ live, draft: draftOf(other, 0) });
    expect(used.decision.order[0]).to.equal('acct_a');
    expect(rules).to.equal(live);
    expect(shadow).to.deep.equal({
      draftHash: other.version,
      liveAccount: 'acct_a',
      draftAccount: 'acct_b',
      used: false,
    });
  });

  it('is used at 100 percent, under its own version', () => {
    const { decided: used, shadow } = decided({ live, draft: draftOf(other, 100) });
    expect(used.decision).to.deep.include({
      order: ['acct_b', 'acct_a'],
      version: other.version,
    });
    expect(shadow?.used).to.equal(true);
  });

  it('that finds nobody where the live rules do costs no payment', () => {
    const nobody = only('{ strategy: failover, accounts: [elsewhere] }');
    const { decided: used, shadow } = decided({ live, draft: draftOf(nobody, 100) });
    expect(used.decision.order[0]).to.equal('acct_a');
    expect(shadow).to.include({ liveAccount: 'acct_a', draftAccount: null, used: false });
  });

  it('that chooses by the same plan chooses the same, even by lot', () => {
    const drawn = only('{ strategy: random, accounts: all }');
    const renamed = only('{ strategy: random, accounts: all, failover: { max_attempts: 1 } }');
    expect(renamed.version).not.to.equal(drawn.version);
    let at = 0;
    const random = () => (at += 0.37) % 1;
    for (let round = 0; round < 50; round += 1) {
      const { decided: used, shadow } = decided(
        { live: drawn, draft: draftOf(renamed, 100) },
        random,
      );
      expect(shadow?.draftAccount).to.equal(shadow?.liveAccount);
      expect(used.decision.order[0]).to.equal(shadow?.liveAccount);
      expect(used.decision.failover?.max_attempts).to.equal(1);
    }
  });

  it('costs nothing where there is none', () => {
    let asked = 0;
    const { shadow } = draftDecision({ live, source: 'file' }, 'pay_1', (rules) => {
      asked += 1;
      return decideBy(() => 0)(rules);
    });
    expect([asked, shadow]).to.deep.equal([1, undefined]);
  });
});

describe('the guard of a draft', () => {
  const figures = (
    draft: readonly [approved: number, declined: number],
    usual: readonly [approved: number, declined: number] = [900, 100],
  ): DraftFigures => {
    const side = ([approved, declined]: readonly [number, number]) => ({
      decisions: approved + declined,
      approved,
      declined,
    });
    return { decisions: 0, same: 0, moved: 0, live: side(usual), draft: side(draft) };
  };

  it('holds a rate that is reached, and gives up below it', () => {
    const guard = { min_approval_rate: 0.8, min_decisions: 100 };
    expect(breachOf(guard, figures([80, 20]))).to.equal(undefined);
    expect(breachOf(guard, figures([79, 21]))).to.equal(
      '79 % of 100 payments were approved, fewer than 80 %',
    );
  });

  it('waits until enough payments have ended', () => {
    const guard = { min_approval_rate: 0.8, min_decisions: 100 };
    expect(breachOf(guard, figures([0, 99]))).to.equal(undefined);
    expect(breachOf(guard, figures([0, 0]))).to.equal(undefined);
  });

  it('compares with the live rules, when those have as many', () => {
    const guard = { drop_percent: 10, min_decisions: 100 };
    expect(breachOf(guard, figures([80, 20]))).to.equal(undefined);
    expect(breachOf(guard, figures([79, 21]))).to.match(/more than 10 points below the 90 %/);
    expect(breachOf(guard, figures([10, 90], [99, 0]))).to.equal(undefined);
  });
});
