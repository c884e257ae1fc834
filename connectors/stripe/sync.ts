/**
 * Asks what became of an operation. What it knows by its handle it reads; what was lost it looks
 * for among the objects of that time, by our mark.
 */
import { Fault, type Sync } from '#sdk';
import { readIntent, statusOf, type StripeOutcome } from './answers.ts';
import { accepted, get, pathOf, type StripeContext } from './calls.ts';
import { readCapture } from './capture.ts';
import type { Fields } from './fields.ts';
import { around, findMarked } from './lists.ts';
import { readRefund } from './refund.ts';
import { intentIn } from './refs.ts';
import type { StripeRef } from './settings.ts';
import { readVoid } from './void.ts';

type Found = StripeOutcome | 'not_found';

export async function sync(context: StripeContext, query: Sync<StripeRef>): Promise<Found> {
  switch (query.kind) {
    case 'authorize':
      return syncAuthorization(context, query);
    case 'capture':
      return syncCapture(context, query);
    case 'void':
      return syncVoid(context, query);
    case 'refund':
      return syncRefund(context, query);
    case 'approve':
    case 'reject':
      throw new Fault('rejected', 'the connector holds nothing for review');
  }
}

const expand = ['latest_charge'];

/** A handle that Stripe denies is a fault: the keys may have become another account's. */
async function readIntentOf(context: StripeContext, ref: StripeRef): Promise<Fields> {
  return accepted(await get(context, pathOf('payment_intents', intentIn(ref)), { expand }));
}

async function syncAuthorization(context: StripeContext, query: Sync<StripeRef>): Promise<Found> {
  const { ref, begunAtMs, operationId, capture = 'automatic', method = 'token' } = query;
  const intent = ref
    ? await readIntentOf(context, ref)
    : await findMarked(
        context,
        '/v1/payment_intents',
        { created: around(begunAtMs), expand: ['data.latest_charge'] },
        { name: 'pointsman_operation', value: operationId },
      );
  return intent ? readIntent(context, intent, { capture, method }) : 'not_found';
}

/**
 * An intent is captured once, and says by which operation. As long as it is held, it was not; when
 * it was captured by another, that is passed on and held for review.
 */
async function syncCapture(context: StripeContext, query: Sync<StripeRef>): Promise<Found> {
  const intent = await readIntentOf(context, subjectOf(query));
  return statusOf(intent) === 'requires_capture' ? 'not_found' : readCapture(intent);
}

async function syncVoid(context: StripeContext, query: Sync<StripeRef>): Promise<Found> {
  const of = subjectOf(query);
  const intent = await readIntentOf(context, of);
  if (statusOf(intent) !== 'canceled') return 'not_found';
  return readVoid(intent, intentIn(of), query.operationId);
}

async function syncRefund(context: StripeContext, query: Sync<StripeRef>): Promise<Found> {
  const { ref, operationId } = query;
  const found = ref?.refund
    ? accepted(await get(context, pathOf('refunds', ref.refund)))
    : await findMarked(
        context,
        '/v1/refunds',
        { payment_intent: intentIn(subjectOf(query)) },
        { name: 'pointsman_operation', value: operationId },
      );
  return found ? readRefund(found) : 'not_found';
}

function subjectOf({ of, ref }: Sync<StripeRef>): StripeRef {
  const subject = of ?? ref;
  if (!subject) throw new Fault('rejected', 'the question names no payment intent');
  return subject;
}
