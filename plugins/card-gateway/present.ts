/** Payments, intents and transactions as this dialect's clients read them. */
import type { NativePayment, NativePublicPayment, NativeSession } from '#sdk';
import { idOf, shownSecret } from './ids.ts';
import type { IntentDetails } from './intents.ts';
import { responseOf } from './response-code.ts';
import { statusOf, wasApproved, type Status } from './status.ts';

/** Whole, or as far as a browser is shown it. */
type SomePayment = NativePublicPayment & Partial<NativePayment>;

/** What a payment, its transaction and its webhooks have in common. */
function factsOf(payment: SomePayment) {
  const { payment_method: method, verification, next_action: action } = payment;
  const authCode = verification?.auth_code;
  return {
    status: statusOf(payment.status),
    amount: payment.amount,
    currency: payment.currency,
    captured_amount: payment.amount_captured,
    refunded_amount: payment.amount_refunded,
    card_brand: method?.brand,
    card_last4: method?.last4,
    ...(authCode !== undefined && { auth_code: authCode }),
    ...responseOf(payment),
    // Of a bank that insists on 3-D Secure: where the customer has to go.
    ...(action?.url !== undefined && { redirect_url: action.url }),
    description: payment.description,
    customer: payment.customer,
    metadata: payment.metadata,
    created_at: payment.created_at,
  };
}

export function presentPayment(payment: SomePayment) {
  return {
    id: idOf('pay', payment.id),
    transaction_id: idOf('txn', payment.id),
    ...factsOf(payment),
    updated_at: payment.updated_at,
  };
}

export function presentTransaction(payment: NativePayment) {
  return {
    id: idOf('txn', payment.id),
    payment_id: payment.id,
    merchant_id: payment.merchant_id,
    type: payment.capture_method === 'manual' ? 'authorize' : 'sale',
    ...factsOf(payment),
    authorized_at: payment.authorized_at,
    captured_at: payment.captured_at,
  };
}

/** Of a webhook: the payment as it stood then. */
export function presentNews(payment: NativePayment) {
  const { id: payment_id, transaction_id, ...facts } = presentPayment(payment);
  return { payment_id, transaction_id, merchant_id: payment.merchant_id, ...facts };
}

/** As many cards as the switch tries on one payment. */
const attemptsMax = 5;

/**
 * Of a payment that is not paid, what its page says: a declined card is no end of an intent while
 * there are tries and time left.
 */
export function intentStatusOf(
  session: NativeSession,
  { status: native, attempts }: NativePayment,
  nowMs: number,
): Status {
  const status = statusOf(native);
  if (status !== 'created' && status !== 'failed') {
    // Its time ran out, and so its payment was called off.
    return status === 'voided' && session.end_reason === 'time' ? 'expired' : status;
  }
  if (status === 'failed' && attempts >= attemptsMax) return 'failed';
  if (session.end_reason === 'cancelled') return 'voided';
  const over = session.status === 'expired' || Date.parse(session.expires_at) <= nowMs;
  return over ? 'expired' : 'created';
}

/** For the merchant: what was asked for, as it was asked for. */
export function presentIntent(session: NativeSession, details: IntentDetails, status: Status) {
  const { client_secret: secret } = session;
  return {
    id: idOf('pi', session.payment),
    ...(secret !== undefined && { client_secret: shownSecret(secret) }),
    status,
    amount: session.amount,
    currency: session.currency,
    checkout_url: session.url,
    success_url: details.success_url,
    cancel_url: details.cancel_url,
    capture_method: session.capture_method,
    order_id: details.order_id,
    description: session.description,
    customer_email: session.customer_email,
    metadata: session.metadata,
    expires_at: session.expires_at,
    created_at: session.created_at,
  };
}

/** For anybody who has the id: what a page of one's own needs, and nothing of the merchant's. */
export function presentPublicIntent(session: NativeSession, status: Status) {
  const fill = (url: string | null) => url?.replaceAll('{PAYMENT_ULID}', session.payment.slice(4));
  return {
    id: idOf('pi', session.payment),
    status,
    amount: session.amount,
    currency: session.currency,
    description: session.description,
    success_url: fill(session.success_url),
    cancel_url: fill(session.cancel_url),
    ...(wasApproved(status) && { payment_id: session.payment }),
    expires_at: session.expires_at,
    created_at: session.created_at,
  };
}
