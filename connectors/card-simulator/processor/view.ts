/** How the processor's objects look on the wire. */
import type { Charge, Dispute, Operation } from './model.ts';
import { leftOf } from './rules.ts';

export type View = Readonly<Record<string, unknown>>;

const totalsOf = (charge: Charge) => ({
  amount_authorized: charge.amount_authorized,
  amount_captured: charge.amount_captured,
  amount_refunded: charge.amount_refunded,
  amount_voided: charge.amount_voided,
});

/** `baseUrl` is where a customer's browser reaches the processor. */
export function chargeView(charge: Charge, baseUrl: string): View {
  const waits = charge.status === 'requires_action' && charge.challenge !== undefined;
  return {
    object: 'charge',
    id: charge.id,
    reference: charge.reference,
    amount: charge.amount,
    currency: charge.currency,
    capture: charge.capture,
    status: charge.status,
    decline: charge.decline ?? null,
    ...totalsOf(charge),
    auth_code: charge.auth_code ?? null,
    cvc_check: charge.cvc_check,
    avs_check: charge.avs_check,
    authentication: charge.authentication,
    card: charge.card,
    next_action: waits
      ? { type: 'redirect', url: `${baseUrl}/challenge/${charge.challenge?.token}` }
      : null,
    created_at: charge.created_at,
  };
}

/** Anything but an authorization, with the charge's totals as they are now. */
export function operationView(operation: Operation, charge: Charge): View {
  return {
    object: operation.kind,
    id: operation.id,
    charge: operation.charge,
    charge_status: charge.status,
    charge_reference: charge.reference,
    reference: operation.reference,
    amount: operation.amount,
    currency: operation.currency,
    status: operation.status,
    decline: operation.decline ?? null,
    reason: operation.reason ?? null,
    origin: operation.origin ?? 'api',
    ...totalsOf(charge),
    created_at: operation.created_at,
  };
}

export function disputeView(dispute: Dispute, charge: Charge): View {
  return {
    object: 'dispute',
    id: dispute.id,
    charge: dispute.charge,
    charge_reference: charge.reference,
    amount: dispute.amount,
    currency: dispute.currency,
    amount_withdrawn: dispute.status === 'won' ? 0 : dispute.amount,
    reason: dispute.reason,
    status: dispute.status,
    evidence: dispute.evidence,
    evidence_due_at: dispute.evidence_due_at,
    created_at: dispute.created_at,
    closed_at: dispute.closed_at ?? null,
  };
}

/** A charge and everything that was ever done to it, whoever did it. */
export function historyView(
  charge: Charge,
  operations: readonly Operation[],
  disputes: readonly Dispute[],
  baseUrl: string,
): View {
  return {
    object: 'history',
    charge: chargeView(charge, baseUrl),
    amount_left: charge.status === 'authorized' ? leftOf(charge) : 0,
    expired: charge.expired ?? false,
    operations: operations
      .filter(({ kind }) => kind !== 'authorize')
      .map((operation) => operationView(operation, charge)),
    disputes: disputes.map((dispute) => disputeView(dispute, charge)),
  };
}

/** A line of the open ledger. An authorization shows its charge's present status. */
export function ledgerView(operation: Operation, charge: Charge): View {
  return {
    id: operation.id,
    kind: operation.kind,
    reference: operation.reference,
    merchant: operation.merchant,
    charge: operation.charge,
    amount: operation.amount,
    currency: operation.currency,
    status: operation.kind === 'authorize' ? charge.status : operation.status,
    ...(operation.origin && { origin: operation.origin }),
    created_at: operation.created_at,
  };
}
