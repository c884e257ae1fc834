/**
 * What a processor's answer means. A decline is a value; everything that is not an answer is a
 * thrown {@link Fault}. A word missing from a connector's table is a fault too, never a default.
 */
import type { Money } from '../base/money.ts';

/** The bank's "no" in one vocabulary; the processor's own word travels beside it. */
export const declineCodes = [
  'authentication_failed',
  'authentication_required',
  'call_issuer',
  'card_not_supported',
  'currency_not_supported',
  'do_not_honor',
  'expired',
  'expired_card',
  'fraud_suspected',
  'incorrect_cvc',
  'incorrect_number',
  'insufficient_funds',
  'invalid_amount',
  'limit_exceeded',
  'lost_or_stolen_card',
  'not_permitted',
  'other',
  'processing_error',
  'withdrawn',
] as const;

export type DeclineCode = (typeof declineCodes)[number];

/** What may be done about a decline. Only `other_account` ever lets the switch try elsewhere. */
export const advices = ['never', 'other_account', 'later', 'authenticate', 'fix_input'] as const;

export type Advice = (typeof advices)[number];

/** What the customer has to do before the processor can go on. */
export type NextAction =
  | { readonly type: 'redirect'; readonly url: string }
  | { readonly type: 'show_qr'; readonly data: string; readonly url?: string }
  | { readonly type: 'transfer_to'; readonly bank: string; readonly number: string };

/** What the issuer said about the card's data, in the schemes' letters (`M`, `N`, `A`, `Y` …). */
export interface Verification {
  readonly auth_code?: string;
  readonly cvc_check?: string;
  readonly avs_check?: string;
  /** `challenged`, `frictionless` or `none`. */
  readonly authentication?: string;
}

export interface Succeeded<Ref> {
  readonly status: 'succeeded';
  /**
   * The operation id as the processor echoes it: an answer about another one is held for review.
   */
  readonly operationId: string;
  /** What the processor says it moved; compared with what was asked, to the unit. */
  readonly amount: Money;
  readonly ref: Ref;
  readonly verification?: Verification;
}

export interface Pending<Ref> {
  readonly status: 'pending';
  readonly ref: Ref;
  /** Who moves next: the customer (see nextAction), the processor, or someone who reviews. */
  readonly waitingFor: 'customer' | 'processor' | 'review';
  readonly nextAction?: NextAction;
}

export interface Declined<Ref> {
  readonly status: 'declined';
  readonly code: DeclineCode;
  readonly advice: Advice;
  /** The processor's own code, shown to the merchant: `05`, `insufficient_funds` … */
  readonly processorCode: string;
  readonly message?: string;
  readonly ref?: Ref;
}

export type Outcome<Ref> = Succeeded<Ref> | Pending<Ref> | Declined<Ref>;
