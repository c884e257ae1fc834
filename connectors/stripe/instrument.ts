/** What Stripe tells about how the customer paid, what the issuer checked, and what was saved. */
import {
  Secret,
  type Instrument,
  type MethodType,
  type SavedMethod,
  type Verification,
} from '#sdk';
import { idOf, innerOf, lookUp, optionalNumberOf, optionalTextOf, type Fields } from './fields.ts';

/** Stripe's method types that are methods of ours, when the switch asked for something wider. */
const methodTypes: Readonly<Record<string, MethodType>> = {
  card: 'card',
  gopay: 'gopay',
  qris: 'qris',
  id_bank_transfer: 'bank_transfer',
};

/** Stripe's word for a check → the schemes' letter; P: not processed. */
const cvcLetters: Readonly<Record<string, string>> = {
  pass: 'M',
  fail: 'N',
  unavailable: 'U',
  unchecked: 'P',
};

/** address and postal code → the schemes' letter. Other pairs say too little to be one. */
const avsLetters: Readonly<Record<string, string>> = {
  'pass pass': 'Y',
  'pass fail': 'A',
  'fail pass': 'Z',
  'fail fail': 'N',
  'unavailable unavailable': 'U',
};

const flows: Readonly<Record<string, string>> = {
  challenge: 'challenged',
  frictionless: 'frictionless',
};

/**
 * @param details `payment_method_details` of a charge or a payment method itself: both name a type
 *   and have an object under that name
 * @param asked how the switch asked to be paid
 */
export function readInstrument(details: Fields, asked: MethodType): Instrument {
  const type = optionalTextOf(details, 'type') ?? 'unknown';
  const inner = innerOf(details, type) ?? {};
  const known = lookUp(methodTypes, type);
  return {
    type: known ?? asked,
    ...(known === undefined && { processor_type: type }),
    ...definedOf({
      brand: optionalTextOf(inner, 'brand'),
      last4: optionalTextOf(inner, 'last4'),
      exp_month: optionalNumberOf(inner, 'exp_month'),
      exp_year: optionalNumberOf(inner, 'exp_year'),
      bank: optionalTextOf(inner, 'bank'),
    }),
  };
}

/**
 * Undefined for everything but cards. A check in a word we do not know is left out: it says nothing
 * about money, and a wrong letter would be worse than none.
 */
export function readVerification(charge: Fields): Verification | undefined {
  const card = innerOf(innerOf(charge, 'payment_method_details') ?? {}, 'card');
  if (!card) return undefined;
  const checks = innerOf(card, 'checks') ?? {};
  const line = optionalTextOf(checks, 'address_line1_check');
  const postal = optionalTextOf(checks, 'address_postal_code_check');
  const flow = optionalTextOf(innerOf(card, 'three_d_secure') ?? {}, 'authentication_flow');
  return definedOf({
    auth_code: optionalTextOf(card, 'authorization_code'),
    cvc_check: lookUp(cvcLetters, optionalTextOf(checks, 'cvc_check')),
    avs_check: lookUp(avsLetters, `${line} ${postal}`),
    authentication: flow === undefined ? 'none' : lookUp(flows, flow),
  });
}

/**
 * The method that an intent saved on the way: there only when that was asked for and Stripe
 * attached it to a customer. Bank redirects leave a direct debit behind, and that is what can be
 * charged again.
 */
export function readSaved(
  intent: Fields,
  charge: Fields | undefined,
  instrument: Instrument | undefined,
): SavedMethod | undefined {
  const customerReference = idOf(intent, 'customer');
  const asked = optionalTextOf(intent, 'setup_future_usage') !== undefined;
  if (!asked || customerReference === undefined || !instrument) return undefined;
  const details = charge && innerOf(charge, 'payment_method_details');
  const inner = details && innerOf(details, optionalTextOf(details, 'type') ?? '');
  const token = (inner && idOf(inner, 'generated_sepa_debit')) ?? idOf(intent, 'payment_method');
  return token === undefined
    ? undefined
    : { token: new Secret(token), customerReference, instrument };
}

function definedOf<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
