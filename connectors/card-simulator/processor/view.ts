/** How the processor's objects look on the wire. */
import type { Charge, Operation } from './model.ts';

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
    reference: operation.reference,
    amount: operation.amount,
    currency: operation.currency,
    status: operation.status,
    decline: operation.decline ?? null,
    ...totalsOf(charge),
    created_at: operation.created_at,
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
    created_at: operation.created_at,
  };
}
