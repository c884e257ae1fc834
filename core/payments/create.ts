/** Creating a payment, with or without charging it at once. */
import { isoTime } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { Problem } from '../sdk/problem.ts';
import type { IdempotencySlot, Principal, Reply } from '../sdk/route.ts';
import { Conflict, insert } from '../storage/index.ts';
import { refuseTaken } from '../methods/index.ts';
import { prepareCharge, routingRows } from './charge.ts';
import type { Intent } from './engine.ts';
import { confirmWindowMs } from './lapse.ts';
import { answerTo, decideAgain, now, shown, type Desk } from './desk.ts';
import { newAuthorization } from './operation.ts';
import { detailsOf } from './details.ts';
import { operationInsert, paymentEvents } from './settle.ts';
import type { PaymentRecord } from './record.ts';
import type { CreateBody } from './schema.ts';
import { paymentByReference } from './store.ts';
import { assertWebhook } from './webhook-url.ts';

export interface Caller {
  readonly principal: Principal;
  readonly requestId: string;
  readonly slot: IdempotencySlot | undefined;
}

export async function createPayment(desk: Desk, caller: Caller, body: CreateBody): Promise<Reply> {
  const payment = await draft(desk, caller.principal, body);
  try {
    return body.confirm
      ? await decideAgain(() => charge(desk, caller, body, payment))
      : await file(desk, caller, payment);
  } catch (error) {
    if (!(error instanceof Conflict) || error.guard !== 'payments_reference') throw error;
    throw await referenceTaken(desk, payment);
  }
}

/** The payment as it will first stand, with everything it refers to checked. */
async function draft(desk: Desk, principal: Principal, body: CreateBody): Promise<PaymentRecord> {
  const { merchantId } = principal;
  const profileId = await profileOf(desk, principal, body.profile_id);
  assertWebhook(desk, body);
  await assertCustomer(desk, merchantId, body.customer_id);
  const { ms, iso } = now(desk);
  return {
    merchant_id: merchantId,
    id: newId('payment', ms),
    profile_id: profileId,
    version: 1,
    status: 'created',
    amount: body.amount,
    currency: body.currency,
    amount_authorized: 0,
    amount_captured: 0,
    amount_hold_pending: 0,
    amount_voided: 0,
    amount_refunded: 0,
    amount_refund_pending: 0,
    amount_disputed: 0,
    capture_method: body.capture_method ?? 'automatic',
    reference: body.reference ?? null,
    customer_id: body.customer_id ?? null,
    account_id: null,
    method: null,
    details: JSON.stringify(detailsOf(body)),
    verification: null,
    routing: null,
    next_action: null,
    last_error: null,
    cancellation_reason: null,
    attempts: 0,
    event_count: 1,
    revision: 1,
    authorized_at: null,
    captured_at: null,
    expires_at: null,
    created_at: iso,
    updated_at: iso,
  };
}

/** Only written down: it will be confirmed later. */
async function file(desk: Desk, caller: Caller, drafted: PaymentRecord): Promise<Reply> {
  const { ms } = now(desk);
  const payment = { ...drafted, expires_at: isoTime(ms + confirmWindowMs) };
  const body = shown(desk, payment, caller.principal);
  return commitWithAnswer(desk, caller.slot, { status: 201, body }, [
    insert('payments', { ...payment }),
    ...paymentEvents(payment, undefined, ['payment.created'], ms),
  ]);
}

/** Written down and charged: the intention is durable before the processor hears of it. */
async function charge(
  desk: Desk,
  caller: Caller,
  body: CreateBody,
  drafted: PaymentRecord,
): Promise<Reply> {
  if (!body.payment_method) {
    throw new Problem('invalid_request', 'confirm needs a payment_method', {
      param: 'payment_method',
    });
  }
  const { columns, ...prepared } = await prepareCharge(
    desk,
    drafted,
    body.payment_method,
    body.account,
  );
  const payment: PaymentRecord = {
    ...drafted,
    ...columns,
    details: prepared.detailsOf(drafted.details),
    status: 'processing',
    attempts: 1,
  };
  const { ms } = now(desk);
  const operation = newAuthorization(
    payment,
    prepared.account,
    prepared.method.type,
    prepared.routed.reserved,
    ms,
  );
  const intent: Intent = {
    payment,
    operation,
    changes: [
      insert('payments', { ...payment }),
      operationInsert(operation),
      ...routingRows(prepared.routed, payment, operation, ms),
      ...paymentEvents(payment, undefined, ['payment.created'], ms),
      ...prepared.spends,
    ],
    ...prepared,
    slot: caller.slot,
    answer: (settled) => answerTo(desk, caller.principal, caller.requestId, 201, settled),
  };
  return desk.engine.perform(intent).catch(refuseTaken);
}

async function profileOf(
  desk: Desk,
  principal: Principal,
  wanted: string | undefined,
): Promise<string> {
  const bound = principal.profileId;
  if (bound !== undefined && wanted !== undefined && wanted !== bound) {
    throw new Problem('forbidden', 'this key works for one profile only', { param: 'profile_id' });
  }
  const profile = await desk.merchants.profile(principal.merchantId, bound ?? wanted);
  if (!profile) {
    throw new Problem('invalid_request', 'there is no such profile', { param: 'profile_id' });
  }
  return profile.id;
}

export async function assertCustomer(
  desk: Desk,
  merchantId: string,
  customerId: string | undefined,
): Promise<void> {
  if (customerId === undefined) return;
  if (await desk.customers.find(merchantId, customerId)) return;
  throw new Problem(
    'customer_unknown',
    'there is no such customer: create it first, or send its details in customer',
    {
      param: 'customer_id',
    },
  );
}

/** The reference outlives any idempotency key: the same order is never charged twice. */
export async function referenceTaken(desk: Desk, payment: PaymentRecord): Promise<Problem> {
  const other = await paymentByReference(desk.db, payment.merchant_id, payment.reference ?? '');
  return new Problem('reference_taken', 'another payment of yours has this reference', {
    param: 'reference',
    members: { payment_id: other?.id ?? null },
  });
}
