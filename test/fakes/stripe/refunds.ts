/** Refunds: of a captured charge, several until it is empty, and not always at once or for good. */
import type { Call, Route } from './call.ts';
import { testCard } from './cards.ts';
import { post } from './ledger.ts';
import { page, wants } from './lists.ts';
import { mergeMetadata, text, whole } from './params.ts';
import { invalid, missing, refused } from './problem.ts';
import type { Charge, Refund } from './types.ts';
import type { Account, World } from './world.ts';

export interface RefundWish {
  /** Default: all that is left. */
  readonly amount?: number | undefined;
  readonly reason?: Refund['reason'] | undefined;
  readonly metadata?: Record<string, string>;
}

/** What of a charge can still be refunded. */
export function refundable(charge: Charge): number {
  return charge.captured ? charge.amount - charge.amount_refunded : 0;
}

function checkRefund(account: Account, charge: Charge, amount: number): void {
  const code = charge.disputed && !disputeAllows(account, charge) ? 'charge_disputed' : undefined;
  if (code) throw refused(`Charge ${charge.id} has been charged back.`, { code });
  if (!charge.captured) {
    throw refused('This PaymentIntent does not have a successful charge to refund.');
  }
  const left = refundable(charge);
  if (left === 0) {
    const message = `Charge ${charge.id} has already been refunded.`;
    throw refused(message, { code: 'charge_already_refunded', charge: charge.id });
  }
  if (amount > left) {
    const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`;
    throw refused(message, { param: 'amount' });
  }
}

function disputeAllows(account: Account, charge: Charge): boolean {
  return account
    .all('dispute')
    .filter((it) => it.charge === charge.id)
    .every((it) => it.is_charge_refundable || it.status === 'won');
}

/** @throws Problem when the charge has not that much left */
export function refund(
  world: World,
  account: Account,
  charge: Charge,
  wish: RefundWish = {},
): Refund {
  const amount = wish.amount ?? refundable(charge);
  checkRefund(account, charge, amount);
  const method = account.find('payment_method', charge.payment_method);
  const kind = testCard(account.cards.get(method?.id ?? '')?.number ?? '')?.refund;
  const made = account.add<Refund>({
    id: world.id('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: { type: kind === 'pending' ? 'pending' : 'refund' },
      type: 'card',
    },
    metadata: wish.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: wish.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: kind === 'pending' ? 'pending' : 'succeeded',
    transfer_reversal: null,
  });
  if (kind === 'pending') made.pending_reason = 'processing';
  const source = { source: made.id, currency: charge.currency, type: 'refund' } as const;
  made.balance_transaction = post(world, account, {
    ...source,
    category: 'refund',
    amount: -amount,
  }).id;
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  world.emit(account, 'refund.created', made);
  world.emit(account, 'charge.refunded', charge);
  return made;
}

export type RefundMove = 'succeeded' | 'failed' | 'canceled' | 'requires_action';

/**
 * What the bank does with a refund later: `pending` succeeds, and one that succeeded may still
 * fail; the money is then back in the balance and can be refunded again.
 */
export function moveRefund(
  world: World,
  account: Account,
  id: string,
  status: RefundMove,
  failureReason = 'expired_or_canceled_card',
): Refund {
  const made = account.get('refund', id);
  const wasOut = made.status !== 'failed' && made.status !== 'canceled';
  made.status = status;
  delete made.pending_reason;
  if ((status === 'failed' || status === 'canceled') && wasOut) {
    const charge = account.get('charge', made.charge ?? '');
    charge.amount_refunded -= made.amount;
    charge.refunded = false;
    const { amount, currency } = made;
    const back = { type: 'refund_failure', category: 'refund_failure', source: id } as const;
    made.failure_balance_transaction = post(world, account, { ...back, amount, currency }).id;
    if (status === 'failed') made.failure_reason = failureReason;
  }
  world.emit(account, status === 'failed' ? 'refund.failed' : 'refund.updated', made);
  world.emit(account, 'charge.refund.updated', made);
  return made;
}

function create({ world, account, params }: Call): Refund {
  const intentId = text(params, 'payment_intent');
  const chargeId = text(params, 'charge');
  if (intentId === undefined && chargeId === undefined) throw missing('payment_intent');
  const intent =
    intentId === undefined ? undefined : account.get('payment_intent', intentId, 'payment_intent');
  const charge = account.find('charge', chargeId ?? intent?.latest_charge);
  if (!charge && chargeId !== undefined) account.get('charge', chargeId, 'charge');
  if (charge?.status !== 'succeeded') {
    throw refused('This PaymentIntent does not have a successful charge to refund.');
  }
  const amount = whole(params, 'amount');
  if (amount !== undefined && amount < 1) {
    throw invalid('Invalid positive integer', { param: 'amount' });
  }
  const reason = text(params, 'reason') as Refund['reason'] | undefined;
  return refund(world, account, charge, { amount, reason, metadata: mergeMetadata({}, params) });
}

function update({ world, account, params, id }: Call): Refund {
  const made = account.get('refund', id);
  made.metadata = mergeMetadata(made.metadata ?? {}, params);
  world.emit(account, 'refund.updated', made);
  return made;
}

function cancel({ world, account, id }: Call): Refund {
  const made = account.get('refund', id);
  if (made.status !== 'requires_action') {
    throw refused(`A refund with status ${made.status} cannot be canceled.`);
  }
  return moveRefund(world, account, id, 'canceled');
}

function listed(call: Call): object {
  const { account, params } = call;
  const all = account
    .all('refund')
    .filter((it) => wants(params, 'charge', it.charge))
    .filter((it) => wants(params, 'payment_intent', it.payment_intent));
  return page(call, '/v1/refunds', all);
}

const base = '/v1/refunds';

export const refundRoutes: readonly Route[] = [
  { method: 'POST', path: base, handle: create },
  { method: 'GET', path: base, handle: listed },
  { method: 'GET', path: `${base}/:id`, handle: ({ account, id }) => account.get('refund', id) },
  { method: 'POST', path: `${base}/:id`, handle: update },
  { method: 'POST', path: `${base}/:id/cancel`, handle: cancel },
];
