/** Changing a payment's words and amount, as long as it was never confirmed. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import { Conflict } from '../storage/index.ts';
import { advance } from './advance.ts';
import { setAside } from './confirm.ts';
import { assertCustomer, referenceTaken, type Caller } from './create.ts';
import { decideAgain, now, shown, type Desk, paymentFor } from './desk.ts';
import { detailsOf } from './details.ts';
import { stored, type StoredDetails } from './record.ts';
import type { UpdateBody } from './schema.ts';
import { assertWebhook } from './webhook-url.ts';

export async function updatePayment(
  desk: Desk,
  caller: Caller,
  id: string,
  body: UpdateBody,
): Promise<Reply> {
  const { principal, slot } = caller;
  assertWebhook(desk, body);
  await assertCustomer(desk, principal.merchantId, body.customer_id);
  return decideAgain(async () => {
    const before = await paymentFor(desk, principal, id);
    if (before.status !== 'created') {
      throw new Problem('payment_state', `a payment that is ${before.status} cannot be changed`, {
        members: { payment_status: before.status },
      });
    }
    const details = { ...stored<StoredDetails>(before.details), ...detailsOf(body) };
    const { payment, changes } = advance(
      before,
      {
        amount: body.amount ?? before.amount,
        currency: body.currency ?? before.currency,
        capture_method: body.capture_method ?? before.capture_method,
        reference: body.reference ?? before.reference,
        customer_id: body.customer_id ?? before.customer_id,
        details: JSON.stringify(details),
        revision: before.revision + 1,
      },
      now(desk),
      ['payment.updated'],
    );
    try {
      const answer = { status: 200, body: shown(desk, payment, principal) };
      return await commitWithAnswer(desk, slot, answer, [...changes, setAside(before)]);
    } catch (error) {
      if (!(error instanceof Conflict) || error.guard !== 'payments_reference') throw error;
      throw await referenceTaken(desk, payment);
    }
  });
}
