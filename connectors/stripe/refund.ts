/** Gives captured money back, in one or several parts. */
import type { DeclineCode, Refund } from '#sdk';
import { refusalIn, type StripeOutcome } from './answers.ts';
import { post, type StripeContext } from './calls.ts';
import {
  idOf,
  lookUp,
  meaningOf,
  moneyOf,
  optionalTextOf,
  textOf,
  wordOf,
  type Fields,
} from './fields.ts';
import { ownMarkOf } from './lists.ts';
import { toStripe } from './money.ts';
import { intentIn } from './refs.ts';
import type { StripeRef } from './settings.ts';

/** Stripe's own reasons; the merchant's other words travel as metadata. */
const reasons: readonly (string | undefined)[] = [
  'duplicate',
  'fraudulent',
  'requested_by_customer',
];

export const refundMeanings: Readonly<Record<string, 'pending' | 'succeeded' | 'failed'>> = {
  pending: 'pending',
  // The customer is asked by mail where the money shall go.
  requires_action: 'pending',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

const failures: Readonly<Record<string, DeclineCode>> = {
  lost_or_stolen_card: 'lost_or_stolen_card',
  expired_or_canceled_card: 'expired_card',
  insufficient_funds: 'insufficient_funds',
  declined: 'do_not_honor',
  merchant_request: 'withdrawn',
};

export async function refund(
  context: StripeContext,
  { operationId, amount, of, reason }: Refund<StripeRef>,
): Promise<StripeOutcome> {
  const known = reasons.includes(reason);
  const answer = await post(context, '/v1/refunds', operationId, {
    payment_intent: intentIn(of),
    amount: toStripe(amount).amount,
    reason: known ? reason : undefined,
    metadata: {
      pointsman_operation: operationId,
      ...(!known && { pointsman_reason: reason }),
    },
  });
  if (answer.accepted) return readRefund(answer.fields);
  return { status: 'declined', ...refusalIn(answer) };
}

/** The ref of a refund: which intent's, and which one. */
export function refundRef(fields: Fields): StripeRef {
  const intent = idOf(fields, 'payment_intent');
  return { ...(intent !== undefined && { intent }), refund: textOf(fields, 'id') };
}

export function readRefund(fields: Fields): StripeOutcome {
  wordOf(fields, 'object', ['refund']);
  const ref = refundRef(fields);
  switch (meaningOf(fields, 'status', refundMeanings)) {
    case 'succeeded':
      return {
        status: 'succeeded',
        operationId: ownMarkOf(fields, 'pointsman_operation'),
        amount: moneyOf(fields, 'amount'),
        ref,
      };
    case 'pending':
      return { status: 'pending', ref, waitingFor: 'processor' };
    case 'failed': {
      const word = optionalTextOf(fields, 'failure_reason') ?? textOf(fields, 'status');
      const code = word === 'canceled' ? 'withdrawn' : (lookUp(failures, word) ?? 'other');
      return { status: 'declined', code, advice: 'never', processorCode: word, ref };
    }
  }
}
