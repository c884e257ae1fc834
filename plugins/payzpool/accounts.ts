/** Payment accounts as the document knows them: by whole numbers. */
import { Problem, type Call, type Host, type Money } from '#sdk';
import type { NativeAccount, NativeList } from './native.ts';

/** Numbers run through all merchants, so that a stranger's is no account of mine. */
const everybody = '';

export interface NumberedAccount {
  readonly number: number;
  readonly account: NativeAccount;
}

/** The caller's own, the oldest first. */
export async function accountsOf(host: Host, call: Call): Promise<readonly NumberedAccount[]> {
  const accounts: NativeAccount[] = [];
  for (let after: string | undefined; ; after = accounts.at(-1)?.id) {
    const query = { limit: 100, starting_after: after };
    const { body } = await call<NativeList<NativeAccount>>('listAccounts', { query });
    accounts.push(...body.data);
    if (!body.has_more) break;
  }
  const numbered: NumberedAccount[] = [];
  for (const account of accounts.toReversed()) {
    numbered.push({
      account,
      number: await host.aliases.number(everybody, 'account', account.id),
    });
  }
  return numbered;
}

/** Throws `forbidden` for a number that is no account of the caller's. */
export async function accountIn(host: Host, call: Call, number: number): Promise<string> {
  const found = (await accountsOf(host, call)).find((one) => one.number === number);
  if (found) return found.account.id;
  throw new Problem('forbidden', 'This payment account does not belong to you', {
    param: 'payment_account_id',
  });
}

interface Explanation {
  readonly decision: {
    readonly order: readonly { readonly account: string }[];
    readonly excluded: readonly Excluded[];
  };
}

interface Excluded {
  readonly account: string;
  readonly name: string | null;
  readonly reason: string;
}

/** The processor's own form where an account of the pool has one, else that of our page. */
const entries = ['hosted', 'card'] as const;

/** Reasons that only say that the card would have to be entered in the other way. */
const gaps = new Set(['method_not_supported', 'method_not_enabled']);

/** A rule with one account: what stands in its way is then its own. */
const alone = (account: string) => ({
  rules: { version: 1, rules: [], default: { strategy: 'failover', accounts: [account] } },
});

/**
 * How the customer will enter the card, so that nobody is sent to a page where he cannot pay.
 * Throws `no_eligible_account`, or `account_unusable` for the one that was picked, with reasons.
 */
export async function entryOf(
  call: Call,
  payment: Money & { readonly metadata: unknown },
  picked: string | undefined,
): Promise<(typeof entries)[number]> {
  const reasons = new Map<string, string>();
  for (const payment_method of entries) {
    const asked = { ...payment, payment_method };
    const body = { payment: asked, ...(picked !== undefined && alone(picked)) };
    const { decision } = (await call<Explanation>('explainRouting', { body })).body;
    const excluded = decision.excluded.filter(({ account }) => (picked ?? account) === account);
    // Those that are merely out of order are tried when there is nobody else.
    const resort = excluded.some(({ reason }) => reason === 'unhealthy');
    if (decision.order.length > 0 || resort) return payment_method;
    for (const { account, name, reason } of excluded) {
      const key = name ?? account;
      if (!gaps.has(reason) || !reasons.has(key)) reasons.set(key, reason);
    }
  }
  const members = { accounts: Object.fromEntries(reasons) };
  if (picked === undefined) {
    throw new Problem('no_eligible_account', 'No payment account can take this payment', {
      members,
    });
  }
  const [reason = 'it is not known'] = reasons.values();
  throw new Problem('account_unusable', `This payment account cannot take it: ${reason}`, {
    param: 'payment_account_id',
    members,
  });
}
