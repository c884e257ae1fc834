/**
 * What native calls answer, as docs/openapi.json has it. Plugins that read these objects name them
 * from here; core/payments/native.spec.ts holds them against the schemas of the answers.
 */
import type { Address, BrowserInfo, MethodType } from './command.ts';
import type { NativeAnswer } from './host.ts';
import type { Advice, DeclineCode } from './outcome.ts';
import type { PublishedEvent } from './plugin.ts';

export interface NativeList<T> {
  readonly object: 'list';
  readonly data: readonly T[];
  /** Older ones follow: `starting_after` the last one here. */
  readonly has_more: boolean;
}

/** All of a list, newest first: `ask` for a page with this much of the query. */
export async function listAll<T extends { readonly id: string }>(
  ask: (page: {
    readonly limit: number;
    readonly starting_after: string | undefined;
  }) => Promise<NativeAnswer<NativeList<T>>>,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (;;) {
    const { body } = await ask({ limit: 100, starting_after: all.at(-1)?.id });
    all.push(...body.data);
    if (!body.has_more) return all;
  }
}

export type NativePaymentStatus =
  | 'created'
  | 'requires_action'
  | 'processing'
  | 'in_review'
  | 'authorized'
  | 'partially_captured'
  | 'captured'
  | 'partially_refunded'
  | 'refunded'
  | 'voided'
  | 'cancelled'
  | 'failed'
  | 'expired';

/** The states that a dialect has one word for, as listPayments takes them: `voided,cancelled`. */
export const statusesBehind = <Word extends string>(
  words: Readonly<Record<NativePaymentStatus, Word>>,
  wanted: Word,
): string =>
  Object.entries(words)
    .filter(([, word]) => word === wanted)
    .map(([status]) => status)
    .join(',');

/** Amounts in minor units; times as ISO 8601 in UTC with milliseconds. */
export interface NativePayment {
  readonly id: string;
  readonly object: 'payment';
  readonly status: NativePaymentStatus;
  readonly amount: number;
  readonly currency: string;
  readonly amount_authorized: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly amount_voided: number;
  readonly amount_disputed: number;
  readonly amount_capturable: number;
  readonly amount_refundable: number;
  readonly capture_method: 'automatic' | 'manual';
  readonly reference: string | null;
  readonly description: string | null;
  readonly metadata: NativeMetadata;
  readonly merchant_id: string;
  readonly profile_id: string;
  readonly account: string | null;
  readonly customer_id: string | null;
  readonly customer: NativeParty | null;
  readonly billing: NativeParty | null;
  readonly shipping: NativeParty | null;
  readonly order_details: readonly NativeOrderLine[] | null;
  readonly statement_descriptor: string | null;
  readonly return_url: string | null;
  readonly webhook_url: string | null;
  readonly webhook_signer: string | null;
  readonly authentication_type: string | null;
  readonly setup_future_usage: string | null;
  readonly off_session: boolean;
  readonly browser_info: BrowserInfo | null;
  readonly payment_method: NativeMethod | null;
  readonly verification: NativeVerification | null;
  readonly next_action: NativeAction | null;
  readonly last_error: NativePaymentError | null;
  readonly cancellation_reason: string | null;
  /** Authorizations tried. */
  readonly attempts: number;
  /** For the browser, while the payment can be confirmed. */
  readonly client_secret?: string;
  readonly authorized_at: string | null;
  readonly captured_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What a browser with the client secret is shown. */
export type NativePublicPayment = Pick<
  NativePayment,
  | 'id'
  | 'object'
  | 'status'
  | 'amount'
  | 'currency'
  | 'description'
  | 'return_url'
  | 'payment_method'
  | 'next_action'
  | 'last_error'
  | 'created_at'
>;

export type NativeMetadata = Readonly<Record<string, unknown>>;

export interface NativeParty {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly phone_country_code?: string;
  readonly address?: Address;
}

export interface NativeOrderLine {
  readonly name: string;
  readonly quantity: number;
  readonly unit_amount?: number;
  readonly tax_amount?: number;
  readonly discount_amount?: number;
  readonly sku?: string;
  readonly category?: string;
  readonly url?: string;
}

export interface NativeMethod {
  readonly type: MethodType;
  /** How it was given to us, where that is another thing. */
  readonly via?: MethodType;
  /** The saved method it was paid with. */
  readonly id?: string;
  readonly bank?: string;
  readonly processor_type?: string;
  readonly brand?: string;
  readonly bin?: string;
  readonly last4?: string;
  readonly exp_month?: number;
  readonly exp_year?: number;
  readonly holder_name?: string;
  readonly fingerprint?: string;
}

export interface NativeVerification {
  readonly auth_code?: string;
  readonly cvc_check?: string;
  readonly avs_check?: string;
  readonly authentication?: string;
}

/** What the customer has to do; which members are there depends on `type`. */
export interface NativeAction {
  readonly type:
    'redirect' | 'show_qr' | 'open_app' | 'transfer_to' | 'pay_bill' | 'confirm_in_browser';
  readonly url?: string;
  readonly qr_url?: string;
  readonly data?: string;
  readonly bank?: string;
  readonly number?: string;
  readonly biller_code?: string;
  readonly bill_key?: string;
  /** Whose script has to be loaded. */
  readonly processor?: string;
  /** The processor's public id of what is confirmed. */
  readonly reference?: string;
  readonly publishable_key?: string;
  /** For the script; not in lists and events. */
  readonly client_secret?: string;
}

export interface NativePaymentError {
  readonly code: 'declined' | 'not_sent' | 'refused' | 'authentication_required';
  readonly decline_code?: DeclineCode;
  readonly advice?: Advice;
  /** The processor's own word. */
  readonly processor_code?: string;
  readonly message: string;
  readonly operation:
    | 'authorize'
    | 'capture'
    | 'void'
    | 'refund'
    | 'approve'
    | 'reject'
    | 'dispute'
    | 'reinstatement';
  /** When the switch tries the saved method again by itself. */
  readonly retry_at?: string;
}

export interface NativeRefund {
  readonly id: string;
  readonly object: 'refund';
  readonly payment: string;
  readonly status: 'processing' | 'in_review' | 'succeeded' | 'failed';
  readonly amount: number;
  readonly currency: string;
  readonly reason: string | null;
  readonly metadata: NativeMetadata;
  readonly account: string;
  readonly origin: 'merchant' | 'processor' | 'switch';
  readonly failure: {
    readonly code: string;
    readonly processor_code: string | null;
    readonly message: string;
  } | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** `data.object` is the payment, refund or customer as it stood then. */
export interface NativeEvent extends PublishedEvent {
  readonly object: 'event';
  /** Its place in the payment's own story, from 1. */
  readonly sequence: number | null;
}

/** A merchant's account at a processor. */
export interface NativeAccount {
  readonly id: string;
  readonly object: 'account';
  readonly connector: string;
  readonly name: string;
  readonly status: 'active' | 'disabled';
  readonly priority: number;
  readonly weight: number;
  readonly hold_validity_hours: number;
  readonly tags: readonly string[];
  readonly limits: NativeLimits | null;
  /** Secrets are masked; null when the connector is not installed any more. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  readonly webhook: {
    readonly state: 'none' | 'manual' | 'pending' | 'registered' | 'removing' | 'failed';
    readonly url: string | null;
    readonly detail: string | null;
  };
  readonly created_at: string;
  readonly updated_at: string;
}

export interface NativeLimits {
  readonly time_zone: string;
  readonly daily_count?: number;
  readonly monthly_count?: number;
  /** By currency. */
  readonly amounts?: Readonly<Record<string, NativeAmountLimits>>;
}

export interface NativeAmountLimits {
  readonly payment_min?: number;
  readonly payment_max?: number;
  readonly daily?: number;
  readonly monthly?: number;
}
