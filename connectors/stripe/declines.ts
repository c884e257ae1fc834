/**
 * Stripe's decline codes in the switch's vocabulary (Stripe docs, decline codes; the grouping by
 * what may help is ours). `advice_code`, the issuer's own advice, wins over the table.
 */
import type { Advice, DeclineCode, Refusal } from '#sdk';
import { lookUp, optionalTextOf, type Fields } from './fields.ts';

/** code and advice → Stripe's words, both `decline_code`s and error `code`s. */
const groups: readonly (readonly [DeclineCode, Advice, string])[] = [
  ['processing_error', 'other_account', 'processing_error issuer_not_available'],
  ['processing_error', 'later', 'reenter_transaction approve_with_id try_again_later'],
  ['processing_error', 'later', 'payment_intent_payment_attempt_failed'],
  ['fraud_suspected', 'never', 'fraudulent merchant_blacklist partner_high_risk_customer'],
  ['fraud_suspected', 'never', 'highest_risk_level elevated_risk_level rule'],
  ['card_not_supported', 'other_account', 'card_not_supported'],
  ['currency_not_supported', 'other_account', 'currency_not_supported'],
  ['not_permitted', 'other_account', 'service_not_allowed transaction_not_allowed not_permitted'],
  ['card_not_supported', 'never', 'testmode_decline'],
  ['not_permitted', 'never', 'restricted_card compliance_violation invalid_authorization'],
  ['not_permitted', 'never', 'invalid_billing_agreement'],
  ['other', 'never', 'duplicate_transaction invalid_account new_account_information_available'],
  ['other', 'never', 'invalid_customer_account do_not_try_again'],
  ['do_not_honor', 'later', 'generic_decline do_not_honor no_action_taken security_violation'],
  ['do_not_honor', 'later', 'card_declined partner_generic_decline'],
  ['call_issuer', 'later', 'call_issuer'],
  ['insufficient_funds', 'later', 'insufficient_funds'],
  ['limit_exceeded', 'later', 'card_velocity_exceeded withdrawal_count_limit_exceeded'],
  ['limit_exceeded', 'later', 'card_decline_rate_limit_exceeded payment_limit_exceeded'],
  ['invalid_amount', 'later', 'invalid_amount'],
  ['incorrect_cvc', 'fix_input', 'incorrect_cvc invalid_cvc'],
  ['incorrect_number', 'fix_input', 'incorrect_number invalid_number'],
  ['expired_card', 'fix_input', 'expired_card invalid_expiry_month invalid_expiry_year'],
  ['other', 'fix_input', 'incorrect_zip incorrect_address incorrect_pin invalid_pin'],
  ['other', 'fix_input', 'pin_try_exceeded offline_pin_required online_or_offline_pin_required'],
  ['authentication_required', 'authenticate', 'authentication_required'],
  ['authentication_required', 'authenticate', 'authentication_not_handled'],
  ['authentication_required', 'authenticate', 'mobile_device_authentication_required'],
  ['authentication_failed', 'authenticate', 'payment_intent_authentication_failure'],
  ['authentication_failed', 'authenticate', 'setup_intent_authentication_failure'],
  ['expired', 'never', 'payment_intent_payment_attempt_expired setup_attempt_expired'],
  ['expired', 'never', 'charge_expired_for_capture capture_charge_authorization_expired'],
  ['lost_or_stolen_card', 'never', 'lost_card stolen_card pickup_card lost_or_stolen_card'],
  ['withdrawn', 'never', 'revocation_of_authorization revocation_of_all_authorizations'],
  ['withdrawn', 'never', 'stop_payment_order'],
];

const meanings = new Map(
  groups.flatMap(([code, advice, words]) =>
    words.split(' ').map((word) => [word, { code, advice }] as const),
  ),
);

const issuerAdvice: Readonly<Record<string, Advice>> = {
  confirm_card_data: 'fix_input',
  do_not_try_again: 'never',
  try_again_later: 'later',
};

/** Told to the customer, they would warn a thief: Stripe wants them shown as any other decline. */
const hidden: readonly DeclineCode[] = ['fraud_suspected', 'lost_or_stolen_card', 'not_permitted'];

/**
 * A "no" is a "no" whatever its reason: an unknown code is not a fault, and never tried again.
 *
 * @param error Stripe's `error`, `last_payment_error` or `last_setup_error`
 */
export function readRefusal(error: Fields): Refusal {
  const word = optionalTextOf(error, 'decline_code') ?? optionalTextOf(error, 'code');
  const { code, advice } = meanings.get(word ?? '') ?? { code: 'other', advice: 'never' };
  const message = messageOf(error, code);
  return {
    code,
    advice: lookUp(issuerAdvice, optionalTextOf(error, 'advice_code')) ?? advice,
    processorCode: word ?? optionalTextOf(error, 'type') ?? 'declined',
    ...(message !== undefined && { message }),
  };
}

/** Only a card error's message is written for customers; others speak to developers. */
function messageOf(error: Fields, code: DeclineCode): string | undefined {
  if (hidden.includes(code)) return 'The card was declined.';
  const message = optionalTextOf(error, 'message');
  return error['type'] === 'card_error' ? message?.slice(0, 300) : undefined;
}
