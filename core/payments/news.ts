/**
 * News from the processor about one authorization. It says where to look; what is booked is what is
 * read there, so repeated, late and reordered news all end in the same books.
 */
import { contextOf } from '../accounts/context.ts';
import type { Inspection } from '../sdk/inspection.ts';
import { askOperation } from './ask.ts';
import { callMsMax } from '../accounts/fault.ts';
import { decideAgain, type Desk } from './desk.ts';
import { bookFound } from './found.ts';
import { accountOf } from './hold.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';
import { operationById, operationsOf, paymentById } from './store.ts';
import { syncAll } from './sync.ts';

export interface Heeded {
  /** False: come back later. Somebody is at the payment, or the processor gave no answer. */
  readonly done: boolean;
  readonly payment: PaymentRecord;
  /** What the processor has in total, where its connector can say. */
  readonly found?: Inspection<unknown>;
}

/** Throws Faults when the processor cannot be asked in full. */
export async function heedNews(desk: Desk, told: OperationRecord): Promise<Heeded> {
  const key = { merchant_id: told.merchant_id, id: told.payment_id };
  const payment = await paymentById(desk.db, key.merchant_id, key.id);
  if (await isBeingCalled(desk, payment)) return { done: false, payment };
  const answered = await askAgain(desk, told);
  const synced = await syncAll(desk, key);
  const authorization = await operationById(desk.db, told.id);
  if (authorization.state !== 'succeeded') return { done: answered, payment: synced };
  const account = await accountOf(desk, authorization);
  const { inspect } = account.connector.operations;
  if (!inspect) return { done: true, payment: synced };
  const found = await inspect(contextOf(account, desk.mode, desk.clock), {
    operationId: authorization.id,
    of: JSON.parse(authorization.ref ?? 'null'),
    amount: { amount: authorization.amount, currency: authorization.currency },
  });
  const done = await bookFound(desk, key, authorization, found);
  return { done, payment: await paymentById(desk.db, key.merchant_id, key.id), found };
}

/**
 * A call is under way, here or on another node: its answer may tell the same, and must not be
 * overtaken. A call that is older died with its process.
 */
async function isBeingCalled(desk: Desk, { id }: PaymentRecord): Promise<boolean> {
  const operations = await operationsOf(desk.db, id);
  const since = desk.clock.now() - callMsMax;
  return operations.some(
    (operation) =>
      operation.state === 'calling' &&
      (desk.engine.isLive(operation) || Date.parse(operation.created_at) > since),
  );
}

/** Also what was given up: a customer may have paid after all. */
async function askAgain(
  desk: Desk,
  { id, merchant_id, payment_id }: OperationRecord,
): Promise<boolean> {
  return decideAgain(async () => {
    // The payment first: an operation that ends in between is seen ended, not the other way round.
    const payment = await paymentById(desk.db, merchant_id, payment_id);
    const operation = await operationById(desk.db, id);
    return operation.state === 'succeeded' || askOperation(desk, payment, operation);
  });
}
