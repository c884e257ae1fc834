/** Payments and operations as the native API shows them. */
import type { JsonObject } from '../base/json.ts';
import { closedAction } from '../methods/next-action.ts';
import { capturable, refundable } from './amounts.ts';
import {
  stored,
  storedOr,
  type LastError,
  type MethodSummary,
  type OperationDetails,
  type OperationRecord,
  type OperationResult,
  type PaymentRecord,
  type StoredAction,
  type StoredDetails,
} from './record.ts';

/** What is opened for those who may act on the payment; by default nothing is. */
export interface Opened {
  readonly clientSecret?: string | undefined;
  /** Shows the customer's next step, the secret for the processor's script in it or not. */
  action(action: StoredAction): object;
}

const closed: Opened = { action: closedAction };

/** The whole payment, for its merchant. */
export function presentPayment(payment: PaymentRecord, opened: Opened = closed) {
  const details = stored<StoredDetails>(payment.details);
  const { clientSecret } = opened;
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
    amount_disputed: payment.amount_disputed,
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
    webhook_url: details.webhook_url ?? null,
    webhook_signer: details.webhook_signer ?? null,
    authentication_type: details.authentication_type ?? null,
    setup_future_usage: details.setup_future_usage ?? null,
    off_session: details.off_session ?? false,
    browser_info: details.browser_info ?? null,
    payment_method: storedOr<MethodSummary | null>(payment.method, null),
    verification: storedOr<JsonObject | null>(payment.verification, null),
    next_action: actionOf(payment, opened),
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
export function presentPublic(payment: PaymentRecord, opened: Opened = closed) {
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
    next_action: actionOf(payment, opened),
    last_error: storedOr<LastError | null>(payment.last_error, null),
    created_at: payment.created_at,
  };
}

function actionOf({ next_action: action }: PaymentRecord, opened: Opened): object | null {
  return action === null ? null : opened.action(stored<StoredAction>(action));
}

/** An operation's result without what only opens something. */
function resultOf(operation: OperationRecord) {
  const result = storedOr<OperationResult | null>(operation.result, null);
  if (!result?.next_action) return result;
  return { ...result, next_action: closedAction(result.next_action) };
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
    result: resultOf(operation),
    created_at: operation.created_at,
    updated_at: operation.updated_at,
  };
}

const refundStatuses = {
  calling: 'processing',
  pending: 'processing',
  unknown: 'processing',
  review: 'in_review',
  succeeded: 'succeeded',
  declined: 'failed',
  failed: 'failed',
} as const;

/** A refund is an operation with a public face. */
export function presentRefund(operation: OperationRecord) {
  const details = storedOr<OperationDetails>(operation.details, {});
  const result = storedOr<OperationResult>(operation.result, {});
  const status = refundStatuses[operation.state];
  return {
    id: operation.id,
    object: 'refund' as const,
    payment: operation.payment_id,
    status,
    amount: operation.amount,
    currency: operation.currency,
    reason: details.reason ?? null,
    metadata: details.metadata ?? {},
    account: operation.account_id,
    origin: operation.origin,
    failure:
      status === 'failed'
        ? {
            code: result.decline_code ?? result.fault ?? 'other',
            processor_code: result.processor_code ?? null,
            message: result.message ?? 'The processor did not carry out the refund.',
          }
        : null,
    created_at: operation.created_at,
    updated_at: operation.updated_at,
  };
}
