/**
 * The test cards: one table that the processor obeys, the README prints and the switch's tooling
 * lists. Numbers are the public ones card schemes and gateways reserve for testing.
 */

export type Brand =
  'visa' | 'mastercard' | 'amex' | 'discover' | 'jcb' | 'diners' | 'unionpay' | 'unknown';

/** What the issuer does; `challenge…` wants the cardholder's 3-D Secure approval first. */
export type Behaviour =
  'approve' | 'decline' | 'challenge' | 'challenge_then_decline' | 'frictionless' | 'hold';

export interface TestCard {
  readonly number: string;
  readonly brand: Brand;
  readonly behaviour: Behaviour;
  readonly description: string;
  /** The processor's decline code, for cards that decline. */
  readonly code?: string;
}

/** The processor's own decline codes (two characters: as in ISO 8583 field 39) and their text. */
export const declineMessages = {
  '05': 'Do not honor',
  '14': 'Invalid card number',
  '51': 'Insufficient funds',
  '54': 'Expired card',
  '96': 'Processing error',
  N7: 'CVV mismatch',
  fraud: 'Fraud score above 70',
  authentication_failed: 'The cardholder did not authenticate',
  review_rejected: 'Turned away in review',
  withdrawn: 'Withdrawn before it was authorized',
  refund_failed: 'The refund could not be paid out',
} as const;

export type ProcessorDecline = keyof typeof declineMessages;

/** Conformance asks for a score above 70 (gateway seed: "fraud score > 70"). */
export const fraudScore = 85;

const card = (
  number: string,
  brand: Brand,
  behaviour: Behaviour,
  description: string,
  code?: ProcessorDecline,
): TestCard => Object.freeze({ number, brand, behaviour, description, ...(code && { code }) });

export const testCards: readonly TestCard[] = Object.freeze([
  card('4242424242424242', 'visa', 'approve', 'Approved'),
  card('5555555555554444', 'mastercard', 'approve', 'Approved'),
  card('2223003122003222', 'mastercard', 'approve', 'Approved (2-series)'),
  card('378282246310005', 'amex', 'approve', 'Approved, four-digit CVC'),
  card('6011111111111117', 'discover', 'approve', 'Approved'),
  card('3530111333300000', 'jcb', 'approve', 'Approved'),
  card('30569309025904', 'diners', 'approve', 'Approved, fourteen digits'),
  card('6200000000000005', 'unionpay', 'approve', 'Approved'),
  card('4000000000000002', 'visa', 'decline', 'Declined: do not honor', '05'),
  card('4000000000009995', 'visa', 'decline', 'Declined: insufficient funds', '51'),
  card('4000000000000069', 'visa', 'decline', 'Declined: expired card', '54'),
  card('4000000000000127', 'visa', 'decline', 'Declined: CVV mismatch', 'N7'),
  card('4000000000000119', 'visa', 'decline', 'Declined: processing error', '96'),
  card('4000000000000259', 'visa', 'decline', 'Declined: fraud score 85', 'fraud'),
  card('4000000000003220', 'visa', 'challenge', '3-D Secure challenge required'),
  card('4000002760003184', 'visa', 'challenge', '3-D Secure challenge always'),
  card(
    '4000008400001629',
    'visa',
    'challenge_then_decline',
    '3-D Secure challenge, then declined: do not honor',
    '05',
  ),
  card('4000000000003055', 'visa', 'frictionless', 'Authenticated without a challenge'),
  card('4000000000009235', 'visa', 'hold', 'Held for review: approve or reject it'),
]);

const byNumber = new Map(testCards.map((entry) => [entry.number, entry]));

/** What the issuer does with `number`; a number outside the table is approved. */
export function behaviourOf(number: string): Pick<TestCard, 'behaviour' | 'code'> {
  return byNumber.get(number) ?? { behaviour: 'approve' };
}

/** Leading digits → brand, the narrow ranges before the wide ones. */
const ranges: readonly (readonly [RegExp, Brand])[] = [
  [/^4/, 'visa'],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, 'mastercard'],
  [/^3[47]/, 'amex'],
  [/^(6011|64[4-9]|65)/, 'discover'],
  [/^35(2[89]|[3-8])/, 'jcb'],
  [/^3(0[0-5]|095|[689])/, 'diners'],
  [/^(62|81)/, 'unionpay'],
];

export function brandOf(number: string): Brand {
  return ranges.find(([pattern]) => pattern.test(number))?.[1] ?? 'unknown';
}

/** ISO/IEC 7812-1 check digit. `number` holds digits only. */
export function passesLuhn(number: string): boolean {
  let sum = 0;
  for (let place = 0; place < number.length; place += 1) {
    const digit = Number(number[number.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
