/** A dispute as the native API shows it. */
import { storedOr } from '../payments/record.ts';
import type { DisputeRecord } from './record.ts';

export function presentDispute(dispute: DisputeRecord) {
  return {
    id: dispute.id,
    object: 'dispute' as const,
    payment: dispute.payment_id,
    account: dispute.account_id,
    stage: dispute.stage,
    status: dispute.status,
    reason: dispute.reason,
    processor_reason: dispute.processor_reason,
    reference: dispute.reference,
    amount: dispute.amount,
    amount_withdrawn: dispute.amount_withdrawn,
    currency: dispute.currency,
    evidence: storedOr<Readonly<Record<string, string>>>(dispute.evidence, {}),
    evidence_due_at: dispute.evidence_due_at,
    opened_at: dispute.opened_at,
    closed_at: dispute.closed_at,
    created_at: dispute.created_at,
    updated_at: dispute.updated_at,
  };
}
