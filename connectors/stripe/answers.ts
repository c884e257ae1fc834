/** What a PaymentIntent means. A word that is not in a table is a fault, never a default. */
import {
  Fault,
  Secret,
  type Authorize,
  type ConfirmInBrowser,
  type MethodType,
  type NextAction,
  type Outcome,
  type Refusal,
} from '#sdk';
import { rejection, type Answer, type StripeContext } from './calls.ts';
import { readRefusal } from './declines.ts';
import {
  innerOf,
  meaningOf,
  moneyOf,
  optionalTextOf,
  textOf,
  wordOf,
  type Fields,
} from './fields.ts';
import { readInstrument, readSaved, readVerification } from './instrument.ts';
import { ownMarkOf } from './lists.ts';
import type { StripeRef } from './settings.ts';

export type StripeOutcome = Outcome<StripeRef>;

/** What the switch wanted of the intent that the answer is about. */
export interface Asked {
  readonly capture: Authorize['capture'];
  readonly method: MethodType;
}

export const intentStatuses = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'succeeded',
  'canceled',
] as const;

/** Who called an intent off: its time, or somebody. */
const cancellations: Readonly<Record<string, 'expired' | 'withdrawn'>> = {
  automatic: 'expired',
  expired: 'expired',
  abandoned: 'withdrawn',
  duplicate: 'withdrawn',
  failed_invoice: 'withdrawn',
  fraudulent: 'withdrawn',
  requested_by_customer: 'withdrawn',
  void_invoice: 'withdrawn',
};

/** An intent's status; a fault when the answer is not an intent, or in a state nobody knows. */
export function statusOf(intent: Fields): (typeof intentStatuses)[number] {
  wordOf(intent, 'object', ['payment_intent']);
  return wordOf(intent, 'status', intentStatuses);
}

/** An answer about an authorization. `context` is there for what a browser needs to go on. */
export function readIntent(context: StripeContext, intent: Fields, asked: Asked): StripeOutcome {
  const status = statusOf(intent);
  const ref = { intent: textOf(intent, 'id') };
  const hosted = asked.method === 'hosted';
  switch (status) {
    case 'requires_capture':
    case 'succeeded':
      return readSuccess(intent, ref, asked);
    case 'processing':
      return { status: 'pending', ref, waitingFor: 'processor' };
    case 'requires_action': {
      // What a hosted customer has begun, Stripe's script goes on with, whatever it is.
      const nextAction = hosted ? inBrowser(context, intent) : readNextAction(context, intent);
      return { status: 'pending', ref, waitingFor: 'customer', nextAction };
    }
    case 'requires_confirmation':
    case 'requires_payment_method': {
      const error = innerOf(intent, 'last_payment_error');
      if (hosted) return readOffered(context, intent, ref, error);
      if (error && status === 'requires_payment_method') {
        return { status: 'declined', ...readRefusal(error), ref };
      }
      throw new Fault('unintelligible', `a confirmed intent that is ${status}`);
    }
    case 'canceled':
      return { status: 'declined', ...readCancellation(intent), ref };
  }
}

/** The customer picks and pays in the browser, and may try again after a decline. */
function readOffered(
  context: StripeContext,
  intent: Fields,
  ref: StripeRef,
  error: Fields | undefined,
): StripeOutcome {
  return {
    status: 'pending',
    ref,
    waitingFor: 'customer',
    nextAction: inBrowser(context, intent),
    ...(error && { lastDecline: readRefusal(error) }),
  };
}

function readSuccess(intent: Fields, ref: StripeRef, asked: Asked): StripeOutcome {
  const held = intent['status'] === 'requires_capture';
  const manual = wordOf(intent, 'capture_method', captureMethods) === 'manual';
  if (manual !== (asked.capture === 'manual') || (held && !manual)) {
    throw new Fault('unintelligible', 'the answer is about another kind of capture');
  }
  const charge = innerOf(intent, 'latest_charge');
  const details = charge && innerOf(charge, 'payment_method_details');
  const instrument = details && readInstrument(details, asked.method);
  const verification = charge && readVerification(charge);
  const saved = readSaved(intent, charge, instrument);
  // A hold that was captured meanwhile was a hold of the whole amount all the same.
  const name = held ? 'amount_capturable' : manual ? 'amount' : 'amount_received';
  return {
    status: 'succeeded',
    operationId: ownMarkOf(intent, 'pointsman_operation'),
    amount: moneyOf(intent, name),
    ref,
    ...(verification && { verification }),
    ...(instrument && { instrument }),
    ...(saved && { saved }),
  };
}

const captureMethods = ['automatic', 'automatic_async', 'manual'] as const;

/** Why an intent is cancelled, as a refusal. */
export function readCancellation(intent: Fields): Refusal {
  const reason = optionalTextOf(intent, 'cancellation_reason');
  const code =
    reason === undefined ? 'withdrawn' : meaningOf(intent, 'cancellation_reason', cancellations);
  return { code, advice: 'never', processorCode: reason ?? 'canceled' };
}

/** What the customer has to do, of an intent or a set-up. */
export function readNextAction(context: StripeContext, intent: Fields): NextAction {
  const action = innerOf(intent, 'next_action') ?? {};
  const word = wordOf(action, 'type', ['redirect_to_url', 'use_stripe_sdk']);
  if (word === 'use_stripe_sdk') return inBrowser(context, intent);
  const url = textOf(innerOf(action, 'redirect_to_url') ?? {}, 'url');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Fault('unintelligible', 'redirect_to_url.url is not a web address');
  }
  return { type: 'redirect', url };
}

/** Stripe's script takes over in the browser, for an intent or a set-up. */
export function inBrowser({ settings }: StripeContext, intent: Fields): ConfirmInBrowser<Secret> {
  const { publishable_key } = settings;
  if (publishable_key === undefined) {
    throw new Fault('unintelligible', 'use_stripe_sdk for an account without publishable_key');
  }
  return {
    type: 'confirm_in_browser',
    processor: 'stripe',
    reference: textOf(intent, 'id'),
    publishable_key,
    client_secret: new Secret(textOf(intent, 'client_secret')),
  };
}

type Refused = Extract<Answer, { accepted: false }>;

/**
 * The bank's "no": a 402 with a card error, or with the intent that failed. Throws `rejected` for
 * everything else: some 402s are about our request.
 */
export function refusalIn(refused: Refused): Refusal {
  const { status, error } = refused;
  const isNo = error['type'] === 'card_error' || innerOf(error, 'payment_intent') !== undefined;
  if (status !== 402 || !isNo) throw rejection(refused);
  return readRefusal(error);
}

/** A declined authorization; the error carries the intent when there is one. */
export function readDeclined(refused: Refused): StripeOutcome {
  const refusal = refusalIn(refused);
  const intent = innerOf(refused.error, 'payment_intent');
  if (!intent) return { status: 'declined', ...refusal };
  if (!['requires_payment_method', 'canceled'].includes(statusOf(intent))) {
    throw new Fault('unintelligible', 'a decline of an intent that is not declined');
  }
  return { status: 'declined', ...refusal, ref: { intent: textOf(intent, 'id') } };
}
