/** Everything Stripe has about one payment, in total. */
import { type DisputeState, type FoundRefund, type Inspect, type Inspection } from '#sdk';
import { readCancellation, statusOf } from './answers.ts';
import { accepted, get, pathOf, type StripeContext } from './calls.ts';
import { readDispute } from './disputes.ts';
import {
  flagOf,
  idOf,
  innerOf,
  meaningOf,
  moneyOf,
  optionalTextOf,
  type Fields,
} from './fields.ts';
import { allOf, markOf } from './lists.ts';
import { refundMeanings, refundRef } from './refund.ts';
import { intentIn } from './refs.ts';
import type { StripeRef } from './settings.ts';

export async function inspect(
  context: StripeContext,
  { of }: Inspect<StripeRef>,
): Promise<Inspection<StripeRef>> {
  const id = intentIn(of);
  const path = pathOf('payment_intents', id);
  const intent = accepted(await get(context, path, { expand: ['latest_charge'] }));
  const authorized = authorizedIn(intent);
  const captured = moneyOf(intent, 'amount_received');
  const released = releasedIn(intent);
  if (idOf(intent, 'latest_charge') === undefined) {
    return { authorized, captured, released, refunds: [], disputes: [] };
  }
  const refunds = await allOf(context, '/v1/refunds', { payment_intent: id });
  const disputes = await allOf(context, '/v1/disputes', { payment_intent: id });
  return {
    authorized,
    captured,
    released,
    refunds: refunds.filter((it) => !isRelease(it, intent)).map(readFound),
    disputes: disputes.map((it): DisputeState => readDispute(it)),
  };
}

/** What was ever held or taken; a cancelled intent tells by its charge. */
function authorizedIn(intent: Fields) {
  const whole = moneyOf(intent, 'amount');
  const none = { amount: 0, currency: whole.currency };
  switch (statusOf(intent)) {
    case 'requires_capture':
    case 'succeeded':
      return whole;
    case 'canceled': {
      const charge = innerOf(intent, 'latest_charge');
      return charge && flagOf(charge, 'paid') ? whole : none;
    }
    case 'requires_payment_method':
    case 'requires_confirmation':
    case 'requires_action':
    case 'processing':
      return none;
  }
}

function releasedIn(intent: Fields): Inspection<StripeRef>['released'] {
  const status = statusOf(intent);
  // There is one capture at most, and it gives the rest of the hold back.
  if (status === 'succeeded') return 'captured';
  if (status !== 'canceled') return false;
  return readCancellation(intent).code === 'expired' ? 'expired' : 'voided';
}

/**
 * Stripe books what it lets go of as refunds, too: of a hold that ended, and of the rest after a
 * capture in part. No captured money goes back by them, so no movement of the balance does either.
 */
function isRelease(refund: Fields, intent: Fields): boolean {
  const captured = moneyOf(intent, 'amount_received').amount;
  if (captured === 0 || refund['reason'] === 'expired_uncaptured_charge') return true;
  const rest = moneyOf(intent, 'amount').amount - captured;
  const moved = idOf(refund, 'balance_transaction') !== undefined;
  const ours = markOf(refund, 'pointsman_operation') !== undefined;
  return !moved && !ours && rest > 0 && moneyOf(refund, 'amount').amount === rest;
}

function readFound(fields: Fields): FoundRefund<StripeRef> {
  const reason = optionalTextOf(fields, 'failure_reason') ?? optionalTextOf(fields, 'reason');
  return {
    ref: refundRef(fields),
    operationId: markOf(fields, 'pointsman_operation'),
    amount: moneyOf(fields, 'amount'),
    status: meaningOf(fields, 'status', refundMeanings),
    ...(reason !== undefined && { reason }),
  };
}
