/** A session's life: opened with its one payment, complete when that is paid, else expired. */
import {
  insertRow,
  Problem,
  StoreConflict,
  updateRow,
  type NativeAnswer,
  type NativePayment,
  type Principal,
  type StoreChange,
  type StoreRow,
} from '#sdk';
import { newIdOf } from './ids.ts';
import {
  linkTable,
  sessionTable,
  type EndReason,
  type SessionDetails,
  type SessionRow,
} from './record.ts';
import { sessionById, type CheckoutHost } from './store.ts';
import { accountsHaveDomains } from './urls.ts';

/** As many cards as the switch tries on one payment: a page must be no place to test cards. */
const attemptsMax = 5;

const paid = new Set([
  'authorized',
  'partially_captured',
  'captured',
  'partially_refunded',
  'refunded',
]);

export interface NewSession {
  readonly details: SessionDetails;
  readonly lifeMs: number;
  readonly profileId?: string | undefined;
  readonly linkId?: string;
  /** Names the one payment: the same again makes no second one. */
  readonly idempotencyKey?: string | undefined;
  readonly requestId: string;
}

export interface DraftedSession {
  readonly row: SessionRow;
  /** The payment's. */
  readonly clientSecret: string | undefined;
}

/** Makes the payment; the session is to be committed with `insertSession`. */
export async function draftSession(
  host: CheckoutHost,
  principal: Principal,
  asked: NewSession,
): Promise<DraftedSession> {
  const { details, idempotencyKey, requestId } = asked;
  const { customer_email: email, customer_name: name } = details;
  const { body: payment } = await host.call<NativePayment>('createPayment', {
    principal,
    requestId,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    body: {
      amount: details.amount,
      currency: details.currency,
      capture_method: details.capture_method,
      description: details.description,
      reference: details.reference,
      metadata: details.metadata,
      profile_id: asked.profileId,
      customer_id: details.customer_id,
      setup_future_usage: details.setup_future_usage,
      webhook_url: details.webhook_url,
      webhook_signer: details.webhook_signer,
      customer: email === undefined && name === undefined ? undefined : { email, name },
      order_details: details.line_items,
    },
  });
  const expires_at = new Date(Date.parse(payment.created_at) + asked.lifeMs).toISOString();
  const row: SessionRow = {
    id: newIdOf('cs', host.clock.now()),
    merchant_id: principal.merchantId,
    profile_id: payment.profile_id,
    payment_id: payment.id,
    link_id: asked.linkId ?? null,
    status: 'open',
    end_reason: null,
    details: JSON.stringify(details),
    expires_at,
    check_at: expires_at,
    completed_at: null,
    created_at: payment.created_at,
  };
  return { row, clientSecret: payment.client_secret };
}

export const insertSession = (row: SessionRow): StoreChange => insertRow(sessionTable, { ...row });

/** Whoever acts for the session's merchant when there is no key: pages, jobs, subscribers. */
export const actorOf = (host: CheckoutHost, { merchant_id }: { readonly merchant_id: string }) =>
  host.actFor({ merchantId: merchant_id });

export async function paymentOf(host: CheckoutHost, row: SessionRow): Promise<NativePayment> {
  const params = { payment_id: row.payment_id };
  const principal = actorOf(host, row);
  return (await host.call<NativePayment>('getPayment', { principal, params })).body;
}

/** The account that took the payment, where addresses depend on it. */
export async function chosenFor(host: CheckoutHost, row: SessionRow): Promise<string | null> {
  return accountsHaveDomains(host) ? (await paymentOf(host, row)).account : null;
}

/** Asks the processor where the customer or the network has left the payment. */
export async function lookedUp(host: CheckoutHost, row: SessionRow): Promise<NativePayment> {
  const payment = await paymentOf(host, row);
  if (payment.status !== 'requires_action' && payment.status !== 'processing') return payment;
  const call = { principal: actorOf(host, row), params: { payment_id: row.payment_id }, body: {} };
  try {
    return (await host.call<NativePayment>('syncPayment', call)).body;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    // Nobody could be asked now, or somebody else is asking: what is known stands.
    return paymentOf(host, row);
  }
}

/** What the payment's state makes of its session; undefined while it is still open. */
function endOf(payment: NativePayment, overdue: boolean): 'paid' | EndReason | undefined {
  if (paid.has(payment.status)) return 'paid';
  if (payment.status === 'cancelled' || payment.status === 'voided') {
    // Called off by the job, or by somebody who wanted it gone.
    return overdue ? 'time' : 'cancelled';
  }
  if (payment.status === 'expired') return 'time';
  if (payment.status !== 'failed') return undefined;
  // Until it is called off, another card may pay it.
  return payment.attempts >= attemptsMax ? 'attempts' : undefined;
}

export const isOverdue = (host: CheckoutHost, row: SessionRow) =>
  Date.parse(row.expires_at) <= host.clock.now();

/** The session as its payment has it: written down when that ends it. */
export async function settled(
  host: CheckoutHost,
  row: SessionRow,
  payment: NativePayment,
): Promise<SessionRow> {
  const end = endOf(payment, isOverdue(host, row));
  if (end === undefined) return row;
  // Money that came late is told as it is.
  const stands = row.status === 'complete' || (row.status === 'expired' && end !== 'paid');
  return stands ? row : ended(host, row, end);
}

/** Ends it once, however many get here at the same time. */
export async function ended(
  host: CheckoutHost,
  row: SessionRow,
  end: 'paid' | EndReason,
): Promise<SessionRow> {
  try {
    await host.store.commit(endChanges(host, row, end));
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
  }
  return sessionById(host, row.id);
}

function endChanges(host: CheckoutHost, row: SessionRow, end: 'paid' | EndReason): StoreChange[] {
  const at = new Date(host.clock.now()).toISOString();
  const set: StoreRow =
    end === 'paid'
      ? { status: 'complete', end_reason: null, completed_at: at, check_at: null }
      : { status: 'expired', end_reason: end, check_at: null };
  const where = { id: row.id, status: row.status };
  return [updateRow(sessionTable, set, where, 'checkout_session_status')];
}

const undecided = new Set(['payment_state', 'operation_in_progress', 'concurrent_change']);

/**
 * Calls the payment off, so that nothing can be paid any more. True when that is sure; false while
 * the processor has not said what became of it.
 */
export async function calledOff(
  host: CheckoutHost,
  row: SessionRow,
  principal: Principal,
  reason: string,
): Promise<boolean> {
  const params = { payment_id: row.payment_id };
  try {
    await host.call('cancelPayment', { principal, params, body: { reason } });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code, status } = error;
    if (!undecided.has(code) && code !== 'not_supported' && status < 500) throw error;
  }
  const payment = await paymentOf(host, row);
  return payment.status === 'failed' || endOf(payment, true) !== undefined;
}

/** The merchant ends it: `POST …/expire`. Throws `payment_state` once something was paid. */
export async function expireSession(
  host: CheckoutHost,
  principal: Principal,
  row: SessionRow,
): Promise<{ readonly row: SessionRow; readonly changes: StoreChange[] }> {
  if (row.status === 'expired') return { row, changes: [] };
  const sure = row.status === 'open' && (await calledOff(host, row, principal, 'session expired'));
  const now = await settled(host, row, await paymentOf(host, row));
  if (now.status === 'expired') return { row: now, changes: [] };
  if (now.status === 'complete' || !sure) {
    throw new Problem('payment_state', 'the session is paid, or its payment is still under way', {
      members: { checkout_session_status: now.status },
    });
  }
  const over = { ...now, status: 'expired', end_reason: 'cancelled', check_at: null } as const;
  return { row: over, changes: endChanges(host, now, 'cancelled') };
}

/**
 * `POST …/complete`: asks the processor first, so that what was just paid is. Throws
 * `payment_state` for one that is not paid.
 */
export async function completeSession(host: CheckoutHost, row: SessionRow): Promise<SessionRow> {
  const now = await settled(host, row, await lookedUp(host, row));
  await linkPaid(host, now);
  if (now.status === 'complete') return now;
  throw new Problem('payment_state', 'the payment of the session is not paid', {
    members: { checkout_session_status: now.status },
  });
}

/** For sessions of one-time links: the link is paid with its session. */
export async function linkPaid(host: CheckoutHost, row: SessionRow): Promise<void> {
  if (row.link_id === null || row.status !== 'complete') return;
  const where = { id: row.link_id, kind: 'one_time', status: 'active' };
  try {
    await host.store.commit([updateRow(linkTable, { status: 'paid' }, where, 'checkout_link')]);
  } catch (error) {
    // A reusable one, or one that is over already.
    if (!(error instanceof StoreConflict)) throw error;
  }
}

export const sellerOf = async (host: CheckoutHost, merchant: { readonly merchant_id: string }) => {
  const principal = actorOf(host, merchant);
  const { body }: NativeAnswer<{ name: string }> = await host.call('getOwnMerchant', { principal });
  return body.name;
};
