/**
 * Who takes the payment, looked at when a session is opened: with `choose_account` nobody is sent
 * to a page where he cannot pay, and a processor's own form is ready before the customer comes.
 */
import { Problem, type NativePayment, type Principal } from '#sdk';
import type { Offer, SessionRow } from './record.ts';
import { calledOff } from './session.ts';
import type { CheckoutHost } from './store.ts';

/** The processor's own form where an eligible account has one, else that of our page. */
const entries = ['hosted', 'card'] as const;

export type Entry = (typeof entries)[number];

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

/** Reasons that only say that the card would have to be entered in the other way. */
const gaps = new Set(['method_not_supported', 'method_not_enabled']);

/** A rule with one account: what stands in its way is then its own. */
const alone = (account: string) => ({
  rules: { version: 1, rules: [], default: { strategy: 'failover', accounts: [account] } },
});

/**
 * How the customer will enter the card. Throws `no_eligible_account`, or `account_unusable` for the
 * one that was asked for, with the reason of each in `accounts`.
 */
export async function entryOf(
  host: CheckoutHost,
  { merchantId }: Principal,
  { amount, currency, metadata, account: picked }: Offer,
): Promise<Entry> {
  const principal = host.actFor({ merchantId });
  const reasons = new Map<string, string>();
  for (const payment_method of entries) {
    const payment = { amount, currency, metadata, payment_method };
    const body = { payment, ...(picked !== undefined && alone(picked)) };
    const { decision } = (await host.call<Explanation>('explainRouting', { principal, body })).body;
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
    throw new Problem('no_eligible_account', 'no account can take this payment', { members });
  }
  const [reason = 'it is not known'] = reasons.values();
  throw new Problem('account_unusable', `the account cannot take this payment: ${reason}`, {
    param: 'account',
    members,
  });
}

/**
 * Begins the payment: its account and the form there are the customer's from here on. Once for a
 * payment, however often the request is repeated. What nobody can pay is called off.
 */
export async function makeReady(
  host: CheckoutHost,
  principal: Principal,
  row: SessionRow,
  { account }: Offer,
): Promise<void> {
  const { payment_id } = row;
  try {
    const { body } = await host.call<NativePayment>('confirmPayment', {
      principal,
      idempotencyKey: `ready ${payment_id}`,
      params: { payment_id },
      body: { payment_method: { type: 'hosted' }, account },
    });
    if (body.next_action) return;
    throw new Problem('processor_unreachable', 'the processor did not answer');
  } catch (error) {
    await calledOff(host, row, principal, 'could not be made ready');
    throw error;
  }
}
