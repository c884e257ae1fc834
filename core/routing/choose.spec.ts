/** Which account takes a payment, in which order, and why the others do not. */
import { expect } from 'chai';
import type { Account } from '../accounts/account.ts';
import type { MethodFacts } from '../sdk/connector.ts';
import { Problem } from '../sdk/problem.ts';
import { Board } from './board.ts';
import { chooseByPriority, chooseNamed, type Wish } from './choose.ts';
import { HealthBook } from './health-book.ts';
import { lineupOf } from './lineup.ts';
import { viewsOf } from './views.ts';
import { ManualClock } from '../base/clock.ts';

const wish: Wish = {
  amount: 10_000,
  currency: 'USD',
  capture: 'automatic',
  method: 'card',
  account: undefined,
};

/** As the switch does where no rules are written. */
function choose(asked: Wish, accounts: readonly Account[]) {
  const health = new HealthBook(new ManualClock(0));
  const views = viewsOf(lineupOf(accounts, false), asked, new Board(), health, 0);
  const decision =
    asked.account === undefined
      ? chooseByPriority(views)
      : chooseNamed(views.find(({ id }) => id === asked.account));
  const byId = new Map(accounts.map((one) => [one.record.id, one]));
  return { decision, accounts: decision.order.flatMap((id) => byId.get(id) ?? []) };
}

const everything: MethodFacts = {
  currencies: 'all',
  capture: ['automatic', 'manual'],
  partialCapture: true,
  multipleCapture: true,
  refund: 'partial',
};

interface Sketch {
  readonly priority?: number;
  readonly status?: 'active' | 'disabled';
  readonly facts?: Partial<MethodFacts> | null;
}

function account(id: string, { priority = 0, status = 'active', facts = {} }: Sketch = {}) {
  const methods = facts === null ? {} : { card: { ...everything, ...facts } };
  return {
    record: { id, priority, status, tags: '[]', limits: null, weight: 1, name: id },
    connector: { methods },
  } as unknown as Account;
}

function refusal(asked: Partial<Wish>, accounts: readonly Account[]): Problem {
  try {
    choose({ ...wish, ...asked }, accounts);
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('an account was chosen');
}

const idsOf = (accounts: readonly Account[]) => accounts.map(({ record }) => record.id);

describe('choosing an account', () => {
  it('tries the lowest priority number first, then the oldest', () => {
    const accounts = [
      account('acct_a', { priority: 10 }),
      account('acct_b', { priority: 1 }),
      account('acct_c', { priority: 1 }),
    ];
    const choice = choose(wish, accounts);
    expect(idsOf(choice.accounts)).to.deep.equal(['acct_b', 'acct_c', 'acct_a']);
    expect(choice.decision).to.deep.equal({
      order: ['acct_b', 'acct_c', 'acct_a'],
      excluded: {},
      why: 'priority',
    });
  });

  it('leaves the list it was given as it was', () => {
    const accounts = [account('acct_a', { priority: 2 }), account('acct_b', { priority: 1 })];
    choose(wish, accounts);
    expect(idsOf(accounts)).to.deep.equal(['acct_a', 'acct_b']);
  });

  const exclusions: readonly [string, Sketch][] = [
    ['disabled', { status: 'disabled' }],
    ['method_not_supported', { facts: null }],
    ['currency_not_supported', { facts: { currencies: ['EUR', 'IDR'] } }],
    ['capture_method_not_supported', { facts: { capture: ['manual'] } }],
  ];
  for (const [reason, sketch] of exclusions) {
    it(`passes an account over that is ${reason}, and writes the reason down`, () => {
      const choice = choose(wish, [account('acct_a', sketch), account('acct_b')]);
      expect(idsOf(choice.accounts)).to.deep.equal(['acct_b']);
      expect(choice.decision.excluded).to.deep.equal({ acct_a: reason });
    });

    it(`refuses when the named account is ${reason}, though another one could`, () => {
      const problem = refusal({ account: 'acct_a' }, [
        account('acct_a', sketch),
        account('acct_b'),
      ]);
      expect(problem.code).to.equal('account_unusable');
      expect(problem.options.param).to.equal('account');
      expect(problem.options.members).to.deep.equal({ accounts: { acct_a: reason } });
    });
  }

  it('takes a currency of the list', () => {
    const accounts = [account('acct_a', { facts: { currencies: ['IDR'] } })];
    expect(idsOf(choose({ ...wish, currency: 'IDR' }, accounts).accounts)).to.have.length(1);
  });

  it('takes the named account and no other, whatever its priority', () => {
    const accounts = [account('acct_a', { priority: 99 }), account('acct_b', { priority: 0 })];
    const choice = choose({ ...wish, account: 'acct_a' }, accounts);
    expect(choice.decision).to.deep.equal({ order: ['acct_a'], excluded: {}, why: 'named' });
  });

  it('says that an account is not there when it is not the merchant’s', () => {
    const problem = refusal({ account: 'acct_z' }, [account('acct_a')]);
    expect([problem.code, problem.options.members]).to.deep.equal(['account_unusable', undefined]);
  });

  it('tells each account’s reason when none can take it', () => {
    const problem = refusal({}, [account('acct_a', { status: 'disabled' })]);
    expect(problem.code).to.equal('no_eligible_account');
    expect(problem.options.members).to.deep.equal({ accounts: { acct_a: 'disabled' } });
  });

  it('says what to do when there is no account at all', () => {
    expect(refusal({}, []).message).to.contain('POST /v1/accounts');
  });
});
