/** What a merchant does with a transaction over the Core API: look, capture, call off, refund. */
import { core, coreError, coreInvalid, type Answer } from './answers.ts';
import {
  captureDenial,
  changeAnswer,
  lookupAnswer,
  refundAnswer,
  refundedTotal,
  type Change,
} from './bodies.ts';
import type { Engine } from './engine.ts';
import { offUsRefundWindowDays, refundWindowDays, wholeRefundsOnly, type Status } from './facts.ts';
import type { Merchant, RefundEntry, Transaction } from './state.ts';

type Fields = Record<string, unknown>;

const dayMs = 86_400_000;

export function lookUp(merchant: Merchant, id: string): Answer {
  const transaction = merchant.find(id);
  return transaction ? core(lookupAnswer(transaction)) : coreError(404);
}

/** A capture happens once, of at most what was authorised; the rest of the hold falls away. */
export function capture(engine: Engine, merchant: Merchant, body: Fields): Answer {
  const transaction = merchant.transactions.find(({ id }) => id === body['transaction_id']);
  if (!transaction) return coreError(404);
  if (transaction.status !== 'authorize' || transaction.fraud !== 'accept') return coreError(412);
  const amount = (body['gross_amount'] as number | undefined) ?? transaction.grossAmount;
  if (amount > transaction.grossAmount) {
    return coreInvalid(['gross_amount is greater than the authorised amount']);
  }
  if (engine.world.takeNextAnswer('capture_denied', transaction)) {
    return core(captureDenial(transaction, amount));
  }
  transaction.grossAmount = amount;
  engine.move(transaction, 'capture');
  return core(changeAnswer(transaction, 'capture'));
}

/** Which statuses a change may begin from, and where it leads. */
const changes: Readonly<
  Record<Exclude<Change, 'capture'>, { from: readonly Status[]; to: Status | 'same' }>
> = {
  cancel: { from: ['pending', 'authorize', 'capture'], to: 'cancel' },
  expire: { from: ['pending'], to: 'expire' },
  approve: { from: ['authorize', 'capture'], to: 'same' },
  deny: { from: ['authorize', 'capture'], to: 'deny' },
};

export function change(
  engine: Engine,
  merchant: Merchant,
  kind: Exclude<Change, 'capture'>,
  id: string,
): Answer {
  const transaction = merchant.find(id);
  if (!transaction) return coreError(404);
  const { from, to } = changes[kind];
  if (!from.includes(transaction.status)) return coreError(412);
  if (kind === 'approve' || kind === 'deny') {
    if (transaction.fraud !== 'challenge') return coreError(412);
    const next = to === 'same' ? transaction.status : to;
    engine.move(transaction, next, kind === 'approve' ? 'accept' : 'deny');
  } else engine.move(transaction, to === 'same' ? transaction.status : to);
  return core(changeAnswer(transaction, kind));
}

function isWithinWindow({ paymentType, settledAtMs, method }: Transaction, now: number): boolean {
  const offUs = paymentType === 'qris' && method['transaction_type'] === 'off-us';
  const days = offUs ? offUsRefundWindowDays : refundWindowDays[paymentType];
  return days !== undefined && settledAtMs !== undefined && now <= settledAtMs + days * dayMs;
}

/**
 * POST …/refund, and …/refund/online/direct: the latter has the bank's word at once, the former
 * gets it later (a second notification).
 */
export function refund(
  engine: Engine,
  merchant: Merchant,
  id: string,
  body: Fields,
  direct: boolean,
): Answer {
  const { world } = engine;
  const transaction = merchant.find(id);
  if (!transaction) return coreError(404);
  const key = (body['refund_key'] as string | undefined) ?? world.newId();
  if (transaction.refunds.some((entry) => entry.key === key)) {
    return coreError(406, 'Duplicate refund ID');
  }
  const now = world.now();
  const isOpen = ['settlement', 'partial_refund'].includes(transaction.status);
  if (!isOpen || !isWithinWindow(transaction, now)) return coreError(412);
  const rest = transaction.grossAmount - refundedTotal(transaction);
  const amount = (body['amount'] as number | undefined) ?? rest;
  const isPart = amount < transaction.grossAmount;
  if (amount > rest || (isPart && wholeRefundsOnly.includes(transaction.paymentType))) {
    return coreError(414);
  }
  if (world.takeNextAnswer('refund_without_funds', transaction)) {
    return coreError(414, 'Refund request is rejected, merchant has insufficient funds');
  }
  const entry: RefundEntry = {
    chargebackId: world.nextChargebackId(),
    amount,
    key,
    reason: (body['reason'] as string | undefined) ?? '',
    method: 'online',
    createdAtMs: now,
    confirmedAtMs: direct ? now : undefined,
  };
  if (world.takeNextAnswer('refund_denied', transaction)) {
    return core(refundAnswer(transaction, entry, 'Refund denied by the bank', '202'));
  }
  addRefund(engine, transaction, entry);
  const by = direct ? ' by the bank' : '';
  return core(refundAnswer(transaction, entry, `Success, refund request is approved${by}`, '200'));
}

export function addRefund(engine: Engine, transaction: Transaction, entry: RefundEntry): void {
  transaction.refunds.push(entry);
  const isAll = refundedTotal(transaction) === transaction.grossAmount;
  engine.move(transaction, isAll ? 'refund' : 'partial_refund');
}
