/** Disputes: the cardholder's bank takes the money back and the merchant may answer. */
import type { Money } from '../base/money.ts';

export const disputeStatuses = [
  'needs_response',
  'under_review',
  'won',
  'lost',
  /** An inquiry that was closed without a dispute, or one the scheme prevented. */
  'closed',
] as const;

export type DisputeStatus = (typeof disputeStatuses)[number];

export const disputeReasons = [
  'credit_not_processed',
  'duplicate',
  'fraudulent',
  'general',
  'incorrect_account',
  'not_authorized',
  'product_not_received',
  'product_unacceptable',
  'subscription_cancelled',
  'unrecognized',
] as const;

export type DisputeReason = (typeof disputeReasons)[number];

/** A dispute as the processor has it now. */
export interface DisputeState {
  /** The processor's own id of it. */
  readonly reference: string;
  /** An inquiry asks before it takes. */
  readonly stage: 'inquiry' | 'dispute';
  readonly status: DisputeStatus;
  readonly reason: DisputeReason;
  /** The processor's own word or code for the reason. */
  readonly processorReason: string;
  readonly amount: Money;
  /** What the processor holds back because of it at this moment; zero again once it is won. */
  readonly withdrawn: Money;
  /** ISO 8601. */
  readonly evidenceDueAt?: string;
  readonly openedAt: string;
}

/** What a merchant can say, field by field; a connector sends those its processor knows. */
export const evidenceFields = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_email',
  'customer_name',
  'customer_ip_address',
  'duplicate_charge_explanation',
  'duplicate_charge_reference',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_tracking_number',
  'statement',
] as const;

export type EvidenceField = (typeof evidenceFields)[number];

export interface Evidence {
  readonly reference: string;
  /** The idempotency key. */
  readonly submissionId: string;
  readonly fields: { readonly [F in EvidenceField]?: string };
  /** True hands it to the bank, for good; false only keeps it with the processor. */
  readonly submit: boolean;
}
