/** Changing a payment's words and amount, as long as it was never confirmed. */
import { commitWithAnswer } from '../access/answer.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import { Conflict } from '../storage/index.ts';
import { setAside } from './confirm.ts';
import { assertCustomer, referenceTaken, type Caller } from './create.ts';
import { decideAgain, now, shown, type Desk, paymentFor } from './desk.ts';
import { detailsOf } from './details.ts';
import { stored, type PaymentRecord, type StoredDetails } from './record.ts';
import type { UpdateBody } from './schema.ts';
import { paymentChange, paymentEvents } from './settle.ts';

export async function updatePayment(
  desk: Desk,
  caller: Caller,
  id: string,
  body: UpdateBody,
): Promise<Reply> {
  const { principal, slot } = caller;
  await assertCustomer(desk, principal.merchantId, body.customer_id);
  return decideAgain(async () => {
    const before = await paymentFor(desk, principal, id);
    if (before.status !== 'created') {
      throw new Problem('payment_state', `a payment that is ${before.status} cannot be changed`, {
        members: { payment_status: before.status },
      });
    }
    const { ms, iso } = now(desk);
    const details = { ...stored<StoredDetails>(before.details), ...detailsOf(body) };
    const after: PaymentRecord = {
      ...before,
      amount: body.amount ?? before.amount,
      currency: body.currency ?? before.currency,
      capture_method: body.capture_method ?? before.capture_method,
      reference: body.reference ?? before.reference,
      customer_id: body.customer_id ?? before.customer_id,
      details: JSON.stringify(details),
      version: before.version + 1,
      revision: before.revision + 1,
      event_count: before.event_count + 1,
      updated_at: iso,
    };
    try {
      return await commitWithAnswer(
        desk,
        slot,
        { status: 200, body: shown(desk, after, principal) },
        [
          paymentChange(before, after),
          setAside(before),
          ...paymentEvents(after, undefined, ['payment.updated'], ms),
        ],
      );
    } catch (error) {
      if (!(error instanceof Conflict) || error.guard !== 'payments_reference') throw error;
      throw await referenceTaken(desk, after);
    }
  });
}
