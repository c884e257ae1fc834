/** Captures all or a part of what is held; Stripe releases the rest. */
import { Fault, type Capture } from '#sdk';
import { readCancellation, refusalIn, statusOf, type StripeOutcome } from './answers.ts';
import { codeOf, pathOf, post, type StripeContext } from './calls.ts';
import { readRefusal } from './declines.ts';
import { moneyOf, textOf, type Fields } from './fields.ts';
import { ownMarkOf } from './lists.ts';
import { toStripe } from './money.ts';
import { intentIn } from './refs.ts';
import type { StripeRef } from './settings.ts';

/** The intent's mark for the capture that was carried out. */
const captureMark = 'pointsman_capture';

const expiredCodes = ['charge_expired_for_capture', 'capture_charge_authorization_expired'];

export async function capture(
  context: StripeContext,
  { operationId, amount, of }: Capture<StripeRef>,
): Promise<StripeOutcome> {
  const answer = await post(
    context,
    pathOf('payment_intents', intentIn(of), 'capture'),
    operationId,
    { amount_to_capture: toStripe(amount).amount, metadata: { [captureMark]: operationId } },
  );
  if (answer.accepted) return readCapture(answer.fields);
  const ref = { intent: intentIn(of), act: 'capture' } as const;
  // Too late is an answer of the processor's, and a final one.
  const tooLate = expiredCodes.includes(codeOf(answer) ?? '');
  const refusal = tooLate ? readRefusal(answer.error) : refusalIn(answer);
  return { status: 'declined', ...refusal, ref };
}

/** The intent after a capture of ours. */
export function readCapture(intent: Fields): StripeOutcome {
  const ref = { intent: textOf(intent, 'id'), act: 'capture' } as const;
  const status = statusOf(intent);
  switch (status) {
    case 'succeeded':
      return {
        status: 'succeeded',
        operationId: ownMarkOf(intent, captureMark),
        amount: moneyOf(intent, 'amount_received'),
        ref,
      };
    case 'processing':
      return { status: 'pending', ref, waitingFor: 'processor' };
    case 'canceled':
      return { status: 'declined', ...readCancellation(intent), ref };
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
    case 'requires_capture':
      throw new Fault('unintelligible', `a capture that left the intent ${status}`);
  }
}
