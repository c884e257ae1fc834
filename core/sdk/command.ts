/** What the core asks of a connector: one object a call. Amounts are integer minor units. */
import type { JsonObject } from '../base/json.ts';
import type { Money } from '../base/money.ts';
import type { Secret } from '../base/secret.ts';

/** A card as the customer typed it. It lives in memory for one call and is never stored. */
export interface CardInput {
  readonly type: 'card';
  readonly number: Secret;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly cvc: Secret | undefined;
  readonly holder_name: string | undefined;
}

/** A token of the processor's own making (`pm_…`, `tok_…`), bound to one account. */
export interface TokenInput {
  readonly type: 'token';
  readonly token: Secret;
}

/**
 * The customer picks and enters the method with the processor itself: in its script on a page of
 * ours, or on a page of its own. No card data comes near the switch.
 */
export interface HostedInput {
  readonly type: 'hosted';
}

/** QRIS, the national QR standard of Indonesia: any bank's or wallet's app can pay the code. */
export interface QrisInput {
  readonly type: 'qris';
}

export interface GopayInput {
  readonly type: 'gopay';
}

/** A virtual account number at one bank, to which the customer transfers. */
export interface BankTransferInput {
  readonly type: 'bank_transfer';
  /** Out of the method's {@link MethodFacts.banks}: `bca`, `bni` … */
  readonly bank: string;
}

export type MethodInput =
  CardInput | TokenInput | HostedInput | QrisInput | GopayInput | BankTransferInput;

export const methodTypes = [
  'card',
  'token',
  'hosted',
  'qris',
  'gopay',
  'bank_transfer',
] as const satisfies readonly MethodInput['type'][];

export type MethodType = (typeof methodTypes)[number];

export interface Address {
  readonly line1?: string;
  readonly line2?: string;
  readonly city?: string;
  readonly state?: string;
  readonly postal_code?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
}

export interface Party {
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly phone_country_code?: string;
  readonly address?: Address;
}

/** What 3-D Secure wants to know of the payer's browser (EMV 3DS 2.x, field by field). */
export interface BrowserInfo {
  readonly ip_address?: string;
  readonly user_agent?: string;
  readonly accept_header?: string;
  readonly language?: string;
  readonly color_depth?: number;
  readonly screen_height?: number;
  readonly screen_width?: number;
  /** Minutes from UTC, as JavaScript's getTimezoneOffset. */
  readonly time_zone?: number;
  readonly java_enabled?: boolean;
  readonly java_script_enabled?: boolean;
}

/** Everything about a payment that a processor may want besides money and method. */
export interface PaymentDetails {
  readonly description?: string;
  readonly reference?: string;
  readonly statement_descriptor?: string;
  readonly customer?: Party;
  readonly billing?: Party;
  readonly shipping?: Party;
  readonly browser_info?: BrowserInfo;
  readonly order_details?: readonly JsonObject[];
  readonly metadata?: JsonObject;
  readonly authentication_type?: 'three_ds' | 'no_three_ds';
  /** The method will be charged again: with the customer there, or without. */
  readonly setup_future_usage?: 'on_session' | 'off_session';
  /** The merchant charges a saved method and the customer is not there. */
  readonly off_session?: boolean;
}

interface Command {
  /**
   * The operation's id in the switch. A connector sends it as the processor's idempotency key or
   * reference, so that a lost answer can be asked for.
   */
  readonly operationId: string;
}

export interface Authorize extends Command {
  readonly amount: Money;
  /** `automatic`: success means authorized and captured. */
  readonly capture: 'automatic' | 'manual';
  readonly method: MethodInput;
  readonly details: PaymentDetails;
  /** The processor's own id of the customer, where one was made (see {@link Customers}). */
  readonly customerReference: string | undefined;
  /** Where the customer comes back to after a redirect (a page of the switch). */
  readonly returnUrl: string;
  /**
   * True when the merchant has nowhere to send him to: the processor's own page may then be the end
   * of the way. Absent: he comes back to `returnUrl`.
   */
  readonly staysThere?: boolean;
}

export interface Capture<Ref> extends Command {
  readonly amount: Money;
  /** The authorization's ref. */
  readonly of: Ref;
  /** No further capture follows: what is left of the hold may be released. */
  readonly final: boolean;
}

export interface Void<Ref> extends Command {
  readonly amount: Money;
  readonly of: Ref;
  /**
   * released: a hold is given back. cancelled: what still waits for the customer (or a reviewer) is
   * called off by the merchant. expired: the same, because its time is over.
   */
  readonly because: 'released' | 'cancelled' | 'expired';
  readonly reason: string | undefined;
}

export interface Refund<Ref> extends Command {
  readonly amount: Money;
  readonly of: Ref;
  readonly reason: string | undefined;
}

/** A held authorization is let through or turned away. */
export interface Review<Ref> extends Command {
  readonly amount: Money;
  readonly of: Ref;
}

/**
 * "What became of it?" `ref` is missing when the answer was lost; then the operation id finds it.
 */
export interface Sync<Ref> extends Command {
  readonly kind: OperationKind;
  readonly amount: Money;
  readonly ref: Ref | undefined;
  /** The authorization's ref, for captures, voids and refunds. */
  readonly of: Ref | undefined;
  /** For authorizations: how the customer pays; some methods are asked about elsewhere. */
  readonly method: MethodType | undefined;
  /** For authorizations: whether success means captured. */
  readonly capture: 'automatic' | 'manual' | undefined;
  /** When the operation was begun, in milliseconds: where to begin looking for a lost one. */
  readonly begunAtMs: number;
}

/** What the switch can ask a processor to do. */
export type OperationKind = 'authorize' | 'capture' | 'void' | 'refund' | 'approve' | 'reject';
