/**
 * A decline in the customer's words, and what he can do. Never more than that: that a card counts
 * as stolen is told to the merchant alone.
 */
import type { DeclineCode, NativePayment } from '#sdk';
import type { Complaint } from './form-view.ts';
import type { Texts } from './locales/index.ts';

interface Told {
  readonly text: keyof Texts;
  readonly field?: Complaint['field'];
}

const byDecline: Readonly<Partial<Record<DeclineCode, Told>>> = {
  authentication_failed: { text: 'authentication' },
  authentication_required: { text: 'authentication' },
  expired_card: { text: 'expiredCard', field: 'expiry' },
  incorrect_cvc: { text: 'wrongCvc', field: 'cvc' },
  incorrect_number: { text: 'badNumber', field: 'number' },
  insufficient_funds: { text: 'funds' },
  processing_error: { text: 'later' },
};

/** What the payment's last try came to; undefined before the first. */
export function declineOf({ last_error: error }: NativePayment, texts: Texts) {
  if (!error) return undefined;
  const { text, field } = toldOf(error);
  return { text: texts[text], ...(field && { field }) };
}

function toldOf({
  code,
  decline_code: decline = 'other',
}: NonNullable<NativePayment['last_error']>): Told {
  if (code === 'not_sent' || code === 'refused') return { text: 'unreachable' };
  return byDecline[decline] ?? { text: 'declined' };
}
