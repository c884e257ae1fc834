/** Payments and operations as the native API shows them. */
import type { JsonObject } from '../base/json.ts';
import { capturable, refundable } from './conclude.ts';
import {
  stored,
  storedOr,
  type LastError,
  type MethodSummary,
  type OperationRecord,
  type OperationResult,
  type PaymentRecord,
  type StoredDetails,
} from './record.ts';

/** The whole payment, for its merchant. */
export function presentPayment(payment: PaymentRecord, clientSecret?: string) {
  const details = stored<StoredDetails>(payment.details);
  return {
    id: payment.id,
    object: 'payment' as const,
    status: payment.status,
    amount: payment.amount,
    currency: payment.currency,
    amount_authorized: payment.amount_authorized,
    amount_captured: payment.amount_captured,
    amount_refunded: payment.amount_refunded,
    amount_voided: payment.amount_voided,
    amount_capturable: capturable(payment),
    amount_refundable: refundable(payment),
    capture_method: payment.capture_method,
    reference: payment.reference,
    description: details.description ?? null,
    metadata: details.metadata ?? {},
    merchant_id: payment.merchant_id,
    profile_id: payment.profile_id,
    account: payment.account_id,
    customer_id: payment.customer_id,
    customer: details.customer ?? null,
    billing: details.billing ?? null,
    shipping: details.shipping ?? null,
    order_details: details.order_details ?? null,
    statement_descriptor: details.statement_descriptor ?? null,
    return_url: details.return_url ?? null,
    authentication_type: details.authentication_type ?? null,
    setup_future_usage: details.setup_future_usage ?? null,
    browser_info: details.browser_info ?? null,
    payment_method: storedOr<MethodSummary | null>(payment.method, null),
    verification: storedOr<JsonObject | null>(payment.verification, null),
    next_action: storedOr<JsonObject | null>(payment.next_action, null),
    last_error: storedOr<LastError | null>(payment.last_error, null),
    cancellation_reason: payment.cancellation_reason,
    attempts: payment.attempts,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    authorized_at: payment.authorized_at,
    captured_at: payment.captured_at,
    created_at: payment.created_at,
    updated_at: payment.updated_at,
  };
}

/** What the payer's browser may see. */
export function presentPublic(payment: PaymentRecord) {
  const details = stored<StoredDetails>(payment.details);
  const { fingerprint: _keptBack, ...method } = storedOr<MethodSummary>(payment.method, {
    type: 'card',
  });
  return {
    id: payment.id,
    object: 'payment' as const,
    status: payment.status,
    amount: payment.amount,
    currency: payment.currency,
    description: details.description ?? null,
    return_url: details.return_url ?? null,
    payment_method: payment.method === null ? null : method,
    next_action: storedOr<JsonObject | null>(payment.next_action, null),
    last_error: storedOr<LastError | null>(payment.last_error, null),
    created_at: payment.created_at,
  };
}

export function presentOperation(operation: OperationRecord) {
  return {
    id: operation.id,
    object: 'operation' as const,
    payment: operation.payment_id,
    kind: operation.kind,
    state: operation.state,
    amount: operation.amount,
    currency: operation.currency,
    account: operation.account_id,
    origin: operation.origin,
    result: storedOr<OperationResult | null>(operation.result, null),
    created_at: operation.created_at,
    updated_at: operation.updated_at,
  };
}
