/**
 * What a processor's answer means. A decline is a value; everything that is not an answer is a
 * thrown {@link Fault}. A word missing from a connector's table is a fault too, never a default.
 */
import type { Money } from '../base/money.ts';
import type { Secret } from '../base/secret.ts';
import type { MethodType } from './command.ts';
import type { SavedMethod } from './saved-method.ts';

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
  /** A code to scan; `data` is what it says, `url` a picture of it. */
  | { readonly type: 'show_qr'; readonly data: string; readonly url?: string }
  /** A wallet's app: its deep link, and where there is one a code for those at a desk. */
  | { readonly type: 'open_app'; readonly url: string; readonly qr_url?: string }
  | { readonly type: 'transfer_to'; readonly bank: string; readonly number: string }
  /** The bill payment of a bank that wants two numbers. */
  | {
      readonly type: 'pay_bill';
      readonly bank: string;
      readonly biller_code: string;
      readonly bill_key: string;
    }
  | ConfirmInBrowser<Secret>;

/**
 * The processor's script confirms in the customer's browser. `client_secret` opens this one payment
 * there; the switch stores it sealed and shows it to the merchant and to whoever holds the
 * payment's own client secret, never in events or logs.
 */
export interface ConfirmInBrowser<S> {
  readonly type: 'confirm_in_browser';
  /** The connector's id: which script a page has to load. */
  readonly processor: string;
  /** The processor's public id of what is to be confirmed. */
  readonly reference: string;
  readonly publishable_key: string;
  readonly client_secret: S;
}

/** What the issuer said about the card's data, in the schemes' letters (`M`, `N`, `A`, `Y` …). */
export interface Verification {
  readonly auth_code?: string;
  readonly cvc_check?: string;
  readonly avs_check?: string;
  /** `challenged`, `frictionless` or `none`. */
  readonly authentication?: string;
}

/** How the customer paid in the end, as far as the processor tells. */
export interface Instrument {
  readonly type: MethodType;
  readonly brand?: string;
  readonly bin?: string;
  readonly last4?: string;
  readonly exp_month?: number;
  readonly exp_year?: number;
  readonly bank?: string;
  /** The processor's own word: `bca_va`, `klarna` … */
  readonly processor_type?: string;
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
  readonly instrument?: Instrument;
  /** The method was saved on the way, as `setup_future_usage` asked. */
  readonly saved?: SavedMethod;
}

export interface Pending<Ref> {
  readonly status: 'pending';
  readonly ref: Ref;
  /** Who moves next: the customer (see nextAction), the processor, or someone who reviews. */
  readonly waitingFor: 'customer' | 'processor' | 'review';
  readonly nextAction?: NextAction;
  /** The customer's last try was declined, and he may try again in the same place. */
  readonly lastDecline?: Refusal;
}

/** A "no", in the switch's words and in the processor's. */
export interface Refusal {
  readonly code: DeclineCode;
  readonly advice: Advice;
  /** The processor's own code, shown to the merchant: `05`, `insufficient_funds` … */
  readonly processorCode: string;
  readonly message?: string;
}

export interface Declined<Ref> extends Refusal {
  readonly status: 'declined';
  readonly ref?: Ref;
}

export type Outcome<Ref> = Succeeded<Ref> | Pending<Ref> | Declined<Ref>;
