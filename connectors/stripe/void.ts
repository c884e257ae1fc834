/** Cancels the intent: a hold is released, a customer can finish nothing more. */
import { Fault, type Void } from '#sdk';
import { statusOf, type StripeOutcome } from './answers.ts';
import { accepted, codeOf, get, pathOf, post, rejection, type StripeContext } from './calls.ts';
import { moneyOf, textOf, type Fields } from './fields.ts';
import { intentIn } from './refs.ts';
import type { StripeRef } from './settings.ts';

/** Words of Stripe's that a merchant may give as the reason; anything else he says is for us. */
const reasons: readonly (string | undefined)[] = [
  'duplicate',
  'fraudulent',
  'requested_by_customer',
  'abandoned',
];

const reasonOf = {
  released: 'requested_by_customer',
  cancelled: 'requested_by_customer',
  expired: 'abandoned',
} as const;

export async function release(
  context: StripeContext,
  { operationId, of, because, reason }: Void<StripeRef>,
): Promise<StripeOutcome> {
  const intent = intentIn(of);
  const answer = await post(context, pathOf('payment_intents', intent, 'cancel'), operationId, {
    cancellation_reason: reasons.includes(reason) ? reason : reasonOf[because],
  });
  if (answer.accepted) return readVoid(answer.fields, intent, operationId);
  if (codeOf(answer) !== 'payment_intent_unexpected_state') throw rejection(answer);
  // What Stripe let go by itself meanwhile is as released as if we had cancelled it.
  const now = accepted(await get(context, pathOf('payment_intents', intent)));
  if (statusOf(now) !== 'canceled') throw rejection(answer);
  return readVoid(now, intent, operationId);
}

/**
 * Stripe takes no metadata with a cancellation, so there is no operation id to echo: the intent's
 * own id is what ties the answer to the question.
 */
export function readVoid(fields: Fields, intent: string, operationId: string): StripeOutcome {
  const status = statusOf(fields);
  if (status !== 'canceled' || textOf(fields, 'id') !== intent) {
    throw new Fault('unintelligible', `a cancellation that left the intent ${status}, or another`);
  }
  const ref = { intent, act: 'void' } as const;
  return { status: 'succeeded', operationId, amount: moneyOf(fields, 'amount'), ref };
}
