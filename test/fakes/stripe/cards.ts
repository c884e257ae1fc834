/**
 * Stripe's public test cards and what its sandbox does with each (Stripe docs, testing). A number
 * that is not here is a live card to the sandbox, and declined as one.
 */

export interface Refusal {
  readonly code: string;
  readonly decline_code?: string;
  readonly advice_code?: 'confirm_card_data' | 'do_not_try_again' | 'try_again_later';
  readonly network_decline_code?: string;
  readonly message: string;
  /** Stopped by Radar before the bank saw it. */
  readonly blocked?: true;
}

export interface TestCard {
  readonly number: string;
  readonly brand: string;
  readonly country: string;
  readonly funding: 'credit' | 'debit';
  readonly refusal?: Refusal;
  /**
   * When the bank wants the customer: on every payment; unless the card was set up for off-session
   * use; only with the customer present (it counts as set up); only when the merchant asks.
   */
  readonly challenge?: 'always' | 'unless_set_up' | 'on_session' | 'when_asked';
  /** `refusal` comes after the challenge was passed. */
  readonly refusedAfter?: true;
  /** Attaching it to a customer already fails. */
  readonly refusedOnAttach?: true;
  readonly refund?: 'pending' | 'fails';
  readonly dispute?: { readonly reason: string; readonly inquiry?: true };
  readonly risk?: 'elevated';
  /** Goes straight to the available balance. */
  readonly available?: true;
}

const declined = 'Your card was declined.';

function decline(decline_code: string, more: Partial<Refusal> = {}): Refusal {
  return { code: 'card_declined', decline_code, message: declined, ...more };
}

const again = { advice_code: 'try_again_later' } as const;
const never = { advice_code: 'do_not_try_again' } as const;
const generic = decline('generic_decline', { ...again, network_decline_code: '01' });
const funds = decline('insufficient_funds', {
  ...again,
  network_decline_code: '51',
  message: 'Your card has insufficient funds.',
});
const block = decline('fraudulent', { ...never, blocked: true });

function card(number: string, more: Partial<TestCard> = {}): TestCard {
  return { number, brand: 'visa', country: 'US', funding: 'credit', ...more };
}

const cards: readonly TestCard[] = [
  card('4242424242424242'),
  card('4000056655665556', { funding: 'debit' }),
  card('5555555555554444', { brand: 'mastercard' }),
  card('378282246310005', { brand: 'amex' }),
  card('3566002020360505', { brand: 'jcb', country: 'JP' }),
  card('4000003600000006', { country: 'AU' }),
  card('4000001240000000', { country: 'CA' }),
  card('4000002760000016', { country: 'DE' }),
  card('4000002500000003', { country: 'FR' }),
  card('4000008260000000', { country: 'GB' }),
  card('4000000000000002', { refusal: generic }),
  card('4000000000009995', { refusal: funds }),
  card('4000000000009987', { refusal: decline('lost_card', never) }),
  card('4000000000009979', { refusal: decline('stolen_card', never) }),
  card('4000000000006975', { refusal: decline('card_velocity_exceeded', again) }),
  card('4000000000000069', {
    refusal: {
      code: 'expired_card',
      decline_code: 'expired_card',
      advice_code: 'do_not_try_again',
      message: 'Your card has expired.',
    },
  }),
  card('4000000000000127', {
    refusal: {
      code: 'incorrect_cvc',
      decline_code: 'incorrect_cvc',
      advice_code: 'confirm_card_data',
      message: "Your card's security code is incorrect.",
    },
  }),
  card('4000000000000119', {
    refusal: {
      code: 'processing_error',
      decline_code: 'processing_error',
      advice_code: 'try_again_later',
      message: 'An error occurred while processing your card. Try again in a little bit.',
    },
  }),
  card('4000000000000341', { refusal: generic }),
  card('4100000000000019', { refusal: block }),
  card('4000000000004954', { refusal: block }),
  card('4000000000009235', { risk: 'elevated' }),
  card('4000002500003155', { challenge: 'unless_set_up' }),
  card('4000002760003184', { challenge: 'always' }),
  card('4000003800000446', { challenge: 'on_session' }),
  card('4000000000003220', { challenge: 'always' }),
  card('4000000000003055', { challenge: 'when_asked' }),
  card('4000008260003178', { challenge: 'always', refusal: funds, refusedAfter: true }),
  card('4000008400001629', { challenge: 'always', refusal: generic, refusedAfter: true }),
  // The 3-D Secure lookup fails, so that nobody is asked.
  card('4000008400001280', { refusal: generic }),
  card('4000000000000259', { dispute: { reason: 'fraudulent' } }),
  card('4000000000002685', { dispute: { reason: 'product_not_received' } }),
  card('4000000000001976', { dispute: { reason: 'fraudulent', inquiry: true } }),
  card('4000000000007726', { refund: 'pending' }),
  card('4000000000005126', { refund: 'fails' }),
  card('4000000000000077', { available: true }),
];

const byNumber = new Map(cards.map((it) => [it.number, it]));

/** The payment method ids that stand for a test card (`tok_visa` likewise, without `pm_card`). */
const aliases: Readonly<Record<string, string>> = {
  visa: '4242424242424242',
  visa_debit: '4000056655665556',
  mastercard: '5555555555554444',
  amex: '378282246310005',
  jcb: '3566002020360505',
  au: '4000003600000006',
  ca: '4000001240000000',
  de: '4000002760000016',
  fr: '4000002500000003',
  gb: '4000008260000000',
  visa_chargeDeclined: '4000000000000002',
  visa_chargeDeclinedInsufficientFunds: '4000000000009995',
  visa_chargeDeclinedLostCard: '4000000000009987',
  visa_chargeDeclinedStolenCard: '4000000000009979',
  visa_chargeDeclinedVelocityLimitExceeded: '4000000000006975',
  chargeDeclined: '4000000000000002',
  chargeDeclinedInsufficientFunds: '4000000000009995',
  chargeDeclinedExpiredCard: '4000000000000069',
  chargeDeclinedIncorrectCvc: '4000000000000127',
  chargeDeclinedProcessingError: '4000000000000119',
  chargeCustomerFail: '4000000000000341',
  authenticationRequired: '4000002760003184',
  authenticationRequiredOnSetup: '4000002500003155',
  authenticationRequiredSetupForOffSession: '4000003800000446',
  authenticationRequiredChargeDeclinedInsufficientFunds: '4000008260003178',
  threeDSecure2Required: '4000000000003220',
  threeDSecureRequiredChargeDeclined: '4000008400001629',
  threeDSecureOptional: '4000000000003055',
  radarBlock: '4100000000000019',
  createDispute: '4000000000000259',
  createDisputeProductNotReceived: '4000000000002685',
  createDisputeInquiry: '4000000000001976',
  pendingRefund: '4000000000007726',
  refundFail: '4000000000005126',
  bypassPending: '4000000000000077',
};

/** The number behind `pm_card_visa` or `tok_visa`; undefined for an id that is no such name. */
export function numberOfAlias(id: string): string | undefined {
  const name = /^(?:pm_card|tok)_(\w+)$/.exec(id)?.[1];
  return name !== undefined && Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}

export function testCard(number: string): TestCard | undefined {
  return byNumber.get(number);
}

/** What the error says of a refusal: everything but what only the fake knows. */
export function told(refusal: Refusal): Omit<Refusal, 'blocked'> {
  return Object.fromEntries(
    Object.entries(refusal).filter(([name]) => name !== 'blocked'),
  ) as unknown as Omit<Refusal, 'blocked'>;
}

/** The bank's answer when it wants the customer and the customer is not there. */
export const authenticationRequired: Refusal = {
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
};

export function passesLuhn(number: string): boolean {
  const digits = number.split('').reverse().map(Number);
  const sum = digits.reduce((total, digit, at) => {
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return /^\d{12,19}$/.test(number) && sum % 10 === 0;
}
