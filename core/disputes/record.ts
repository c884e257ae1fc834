/** Disputes as stored: what the processor said last, and what the merchant answered. */
import type { DisputeReason, DisputeState, DisputeStatus } from '../sdk/dispute.ts';

export interface DisputeRecord {
  readonly id: string;
  readonly merchant_id: string;
  readonly payment_id: string;
  readonly account_id: string;
  /** The processor's own id. */
  readonly reference: string;
  readonly stage: DisputeState['stage'];
  readonly status: DisputeStatus;
  readonly reason: DisputeReason;
  readonly processor_reason: string;
  readonly amount: number;
  /** What the processor holds back because of it now. */
  readonly amount_withdrawn: number;
  readonly currency: string;
  /** JSON of the evidence fields the merchant gave, submitted or not. */
  readonly evidence: string | null;
  readonly evidence_due_at: string | null;
  readonly opened_at: string;
  readonly closed_at: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly version: number;
}

/** Statuses after which nobody is heard any more. */
export const closedStatuses: ReadonlySet<DisputeStatus> = new Set(['won', 'lost', 'closed']);
