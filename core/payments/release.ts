/** Voids, whoever wants them: the merchant, a cancel, or the end of a payment's time. */
import { capabilityOf } from './capability.ts';
import { advance } from './advance.ts';
import { capturable } from './amounts.ts';
import { now, type Desk } from './desk.ts';
import type { Intent } from './engine.ts';
import { accountOf, holdingAuthorization } from './hold.ts';
import { newOperation } from './operation.ts';
import type { OperationDetails, OperationRecord, PaymentRecord } from './record.ts';
import { operationInsert } from './settle.ts';
import { operationsOf } from './store.ts';

type Wish = Pick<OperationDetails, 'reason' | 'ends'>;
type Begun = Omit<Intent, 'slot' | 'answer'>;

/** Gives back what is left of the hold. */
export async function releaseHold(
  desk: Desk,
  before: PaymentRecord,
  wish: Wish,
  origin: OperationRecord['origin'] = 'merchant',
): Promise<Begun> {
  const { account, authorization } = await holdingAuthorization(desk, before);
  capabilityOf(account, before, 'void');
  const moment = now(desk);
  const amount = capturable(before);
  const { payment, changes } = advance(
    before,
    {
      amount_hold_pending: amount,
      cancellation_reason: wish.reason ?? before.cancellation_reason,
    },
    moment,
  );
  const operation = {
    ...newOperation(payment, 'void', account.record.id, amount, wish, moment.ms),
    origin,
  };
  return {
    payment,
    operation,
    changes: [...changes, operationInsert(operation)],
    account,
    subject: authorization,
  };
}

/**
 * Withdraws what the processor waits for a customer to finish, so that he cannot finish it any
 * more. Undefined when nothing waits (any more).
 */
export async function withdrawChallenge(
  desk: Desk,
  before: PaymentRecord,
  wish: Wish,
  origin: OperationRecord['origin'] = 'merchant',
): Promise<Begun | undefined> {
  const subject = (await operationsOf(desk.db, before.id)).findLast(
    ({ kind, state }) => kind === 'authorize' && state === 'pending',
  );
  if (!subject) return undefined;
  const account = await accountOf(desk, subject);
  capabilityOf(account, before, 'void');
  const moment = now(desk);
  const { payment, changes } = advance(
    before,
    {
      status: 'processing',
      expires_at: null,
      cancellation_reason: wish.reason ?? before.cancellation_reason,
    },
    moment,
  );
  const details = { ...wish, subject: subject.id };
  const { id: accountId } = account.record;
  const operation = {
    ...newOperation(payment, 'void', accountId, payment.amount, details, moment.ms),
    origin,
  };
  return {
    payment,
    operation,
    changes: [...changes, operationInsert(operation)],
    account,
    subject,
  };
}
