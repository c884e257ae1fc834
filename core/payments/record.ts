/**
 * Payments and operations as stored. Records keep their column names, so there is no mapping layer
 * that could drift from the schema; JSON columns are text and are read by the functions below.
 */
import type { Advice, DeclineCode, Instrument, Verification } from '../sdk/outcome.ts';
import type { StoredAction } from '../methods/record.ts';
import type { MethodType, OperationKind, PaymentDetails } from '../sdk/command.ts';
import type { FaultKind } from '../sdk/fault.ts';
import type { FailedOver } from '../routing/failover.ts';
import type { Reserved } from '../routing/reserved.ts';
import type { OperationState, PaymentStatus } from './machine.ts';

export interface PaymentRecord {
  readonly merchant_id: string;
  readonly id: string;
  readonly profile_id: string;
  readonly version: number;
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly currency: string;
  readonly amount_authorized: number;
  readonly amount_captured: number;
  readonly amount_hold_pending: number;
  readonly amount_voided: number;
  readonly amount_refunded: number;
  readonly amount_refund_pending: number;
  /** What the processor holds back because of disputes. */
  readonly amount_disputed: number;
  readonly capture_method: 'automatic' | 'manual';
  readonly reference: string | null;
  readonly customer_id: string | null;
  readonly account_id: string | null;
  /** JSON of {@link MethodSummary}. */
  readonly method: string | null;
  /** JSON of {@link StoredDetails}. */
  readonly details: string;
  /** JSON of Verification; set with the authorization, never changed after. */
  readonly verification: string | null;
  /** JSON of what it keeps of its routing decisions (routing/decision-store.ts); null: nothing. */
  readonly routing: string | null;
  /** JSON of {@link StoredAction}. */
  readonly next_action: string | null;
  /** JSON of {@link LastError}. */
  readonly last_error: string | null;
  readonly cancellation_reason: string | null;
  readonly attempts: number;
  readonly event_count: number;
  readonly revision: number;
  readonly authorized_at: string | null;
  readonly captured_at: string | null;
  /** When it lapses by itself; null when it does not (any more). */
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What may be shown and stored of a payment method: never the number, never the CVC. */
export interface MethodSummary {
  /** How it was paid in the end, as far as anybody knows. */
  readonly type: MethodType;
  /** How it was given to us, where that is another thing: entered with the processor, a token. */
  readonly via?: MethodType;
  /** The saved method it was paid with: `pm_…`. */
  readonly id?: string;
  readonly bank?: string;
  /** The processor's own word: `bca_va`, `klarna` … */
  readonly processor_type?: string;
  readonly brand?: string;
  readonly bin?: string;
  readonly last4?: string;
  readonly exp_month?: number;
  readonly exp_year?: number;
  readonly holder_name?: string;
  /** Keyed, per merchant: the same card gives the same word, and the word gives nothing back. */
  readonly fingerprint?: string;
}

/** A payment's own words: what may be updated before confirmation. */
export interface StoredDetails extends Omit<PaymentDetails, 'reference'> {
  readonly return_url?: string;
  /** Gets this payment's events. */
  readonly webhook_url?: string;
  /** In this format. */
  readonly webhook_signer?: string;
}

export type { StoredAction } from '../methods/record.ts';

export interface LastError {
  readonly code: 'declined' | 'not_sent' | 'refused' | 'authentication_required';
  readonly decline_code?: DeclineCode;
  readonly advice?: Advice;
  /** The processor's own code: `05`, `insufficient_funds` … */
  readonly processor_code?: string;
  readonly message: string;
  readonly operation: RecordedKind;
  /** When the switch itself tries the saved method again; absent when it will not. */
  readonly retry_at?: string;
}

/**
 * What an operation is about: what the switch asks a processor to do, and what happens there by
 * itself: a dispute takes captured money away, a reinstatement brings it back.
 */
export const operationKinds = [
  'authorize',
  'capture',
  'void',
  'refund',
  'approve',
  'reject',
  'dispute',
  'reinstatement',
] as const satisfies readonly (OperationKind | 'dispute' | 'reinstatement')[];

export type RecordedKind = (typeof operationKinds)[number];

export interface OperationRecord {
  readonly id: string;
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly account_id: string;
  readonly kind: RecordedKind;
  readonly state: OperationState;
  readonly version: number;
  readonly amount: number;
  readonly currency: string;
  readonly origin: 'merchant' | 'processor' | 'switch';
  /** JSON of the connector's ref, canonical: the processor's handle. */
  readonly ref: string | null;
  /** JSON of {@link OperationResult}. */
  readonly result: string | null;
  /** JSON of {@link OperationDetails}. */
  readonly details: string | null;
  /** How often the processor was asked what became of it, and when it is to be asked again. */
  readonly checks: number;
  readonly next_check_at: string | null;
  /** When the processor first said it knows nothing of it; one such answer proves nothing. */
  readonly absent_since: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What we know of the answer, besides the state. */
export interface OperationResult {
  readonly decline_code?: DeclineCode;
  readonly advice?: Advice;
  readonly processor_code?: string;
  readonly message?: string;
  readonly fault?: FaultKind;
  /** The processor said twice, a grace period apart, that it has never heard of the operation. */
  readonly absent?: boolean;
  /** It succeeded after the payment had been paid by another: not the payment's money. */
  readonly surplus?: boolean;
  readonly waiting_for?: 'customer' | 'processor' | 'review';
  readonly next_action?: StoredAction;
  readonly verification?: Verification;
  readonly instrument?: Instrument;
  /** What the processor said instead, when it spoke of another amount, currency or operation. */
  readonly found?: { amount: number; currency: string; operation: string };
}

/** What was asked, besides the amount. */
export interface OperationDetails {
  readonly capture?: 'automatic' | 'manual';
  /** For authorizations: what the processor was given, where that is not a card. */
  readonly method?: MethodType;
  readonly final?: boolean;
  /** What it holds of shares and limits until it ends. */
  readonly reserved?: Reserved;
  /** For authorizations that another account was asked for before, by the same decision. */
  readonly failover?: FailedOver;
  /** How long the hold lasts, where the account says otherwise than seven days. */
  readonly validity_ms?: number;
  /** How often it was sent again with the same id. */
  readonly resent?: number;
  readonly reason?: string;
  readonly metadata?: Readonly<Record<string, string | number | boolean | null>>;
  /** For approve and reject: the operation under review. */
  readonly subject?: string;
  /** How a wrong answer is undone: by voiding, or by refunding what was already captured. */
  readonly by?: 'void' | 'refund';
  /** It gives surplus money back, beside whatever becomes of the payment. */
  readonly surplus?: boolean;
  /** The payment ends so when this void lands; for `cancelled`, nothing had been authorized. */
  readonly ends?: 'cancelled' | 'expired';
}

/** Reads a JSON column that the switch itself wrote. */
export function stored<T>(column: string): T {
  return JSON.parse(column) as T;
}

export function storedOr<T>(column: string | null, absent: T): T {
  return column === null ? absent : (JSON.parse(column) as T);
}
