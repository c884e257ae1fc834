/** The issuer's answer in two characters (ISO 8583, field 39), whatever the processor's words. */
import type { DeclineCode, NativePayment, NativePublicPayment } from '#sdk';
import { statusOf, wasApproved } from './status.ts';

const codes: Readonly<Record<DeclineCode, string>> = {
  authentication_failed: '63',
  authentication_required: '1A',
  call_issuer: '01',
  card_not_supported: '57',
  currency_not_supported: '57',
  do_not_honor: '05',
  expired: '68',
  expired_card: '54',
  fraud_suspected: '59',
  incorrect_cvc: 'N7',
  incorrect_number: '14',
  insufficient_funds: '51',
  invalid_amount: '13',
  limit_exceeded: '61',
  lost_or_stolen_card: '41',
  not_permitted: '57',
  other: '05',
  processing_error: '96',
  withdrawn: '17',
};

/** What the authorization was answered; nothing while nobody has answered it. */
export function responseOf({
  status,
  last_error: error,
  authorized_at: at,
}: NativePublicPayment & Partial<NativePayment>) {
  if (at || wasApproved(statusOf(status))) {
    return { fraud_decision: 'approve', response_code: '00', response_message: 'Approved' };
  }
  if (error === null || error.operation !== 'authorize') return {};
  const { decline_code = 'other', processor_code: own = '', message } = error;
  return {
    ...(decline_code === 'fraud_suspected' && { fraud_decision: 'decline' }),
    // The issuer's own, where the processor passes it on.
    response_code: /^[0-9A-Z]{2}$/.test(own) ? own : codes[decline_code],
    response_message: message,
  };
}
