/** Snap, the hosted page: opened for an order, and closed before its time. */
import { Fault, type Authorize, type JsonObject } from '#sdk';
import { afterActing, blamedIn, encoded, postSnap, type MidtransContext } from './calls.ts';
import { textOf, webAddressOf, type Fields } from './fields.ts';
import { orderIdOf, orderOf, patienceMinutes } from './order.ts';
import { snapPayments, type MidtransRef } from './settings.ts';
import type { MidtransOutcome } from './transaction.ts';

const isFields = (answer: Fields | readonly string[]): answer is Fields => !Array.isArray(answer);

export async function openPage(
  context: MidtransContext,
  command: Authorize,
): Promise<MidtransOutcome> {
  const order = orderIdOf(command);
  const answer = await postSnap(context, {
    path: '/snap/v1/transactions',
    body: pageOf(context, command),
    key: order,
    notify: true,
  });
  if (!isFields(answer)) throw refusalOfPage(answer);
  return {
    status: 'pending',
    ref: { order, snap: textOf(answer, 'token') },
    waitingFor: 'customer',
    nextAction: { type: 'redirect', url: webAddressOf(answer, 'redirect_url') },
  };
}

function pageOf({ settings }: MidtransContext, command: Authorize): JsonObject {
  const period = { unit: 'minutes', duration: patienceMinutes };
  return {
    ...orderOf(command),
    enabled_payments: paymentsFor(settings.enabled_payments, command.capture),
    credit_card: {
      // 3-D Secure is off by default.
      secure: true,
      ...(command.capture === 'manual' && { type: 'authorize' }),
    },
    // Without it the customer stays on the page that says he has paid.
    ...(command.staysThere !== true && { callbacks: { finish: command.returnUrl } }),
    // The page's own life, and that of what its customer began: without both, a day each.
    page_expiry: period,
    expiry: period,
  };
}

/** Only cards can be held: with any other method a payment to be held would be captured. */
function paymentsFor(
  enabled: readonly string[] = snapPayments,
  capture: 'automatic' | 'manual',
): string[] {
  if (capture === 'automatic') return [...enabled];
  if (enabled.includes('credit_card')) return ['credit_card'];
  throw new Fault('rejected', 'only cards can be held, and enabled_payments has none');
}

function refusalOfPage(messages: readonly string[]): Fault {
  // "order_id has been paid and utilized": an earlier request with it did arrive.
  const isTaken = messages.some((text) => /order_id has (?:already )?been/.test(text));
  const kind = isTaken ? 'broken' : 'rejected';
  return new Fault(kind, `Snap refused the order${blamedIn(messages)}`);
}

/** Snap's messages about closing a page → what has become of it. */
const closings = {
  'token already canceled': 'closed',
  // No page, no customer: its time may be long over.
  'token not found': 'closed',
  'transaction is on progress': 'busy',
} as const;

/** `busy`: its customer has chosen a method, and only the order itself can be called off. */
export async function closePage(
  context: MidtransContext,
  token: string,
): Promise<'closed' | 'busy'> {
  const path = `/snap/v1/transactions/${encoded(token)}/cancel`;
  const answer = await postSnap(context, { path, key: undefined });
  if (isFields(answer)) {
    textOf(answer, 'canceled_at');
    return 'closed';
  }
  for (const [message, meaning] of Object.entries(closings)) {
    if (answer.length === 1 && answer[0] === message) return meaning;
  }
  throw new Fault('unintelligible', 'Snap would not close the page in words we do not know');
}

/**
 * Closes the page of an order that was just called off, if it began on one: it outlives the try,
 * and its customer could begin another. Every fault leaves the effect open: the order has moved.
 */
export async function closePageOf(context: MidtransContext, { snap }: MidtransRef): Promise<void> {
  if (snap === undefined || (await afterActing(closePage(context, snap))) === 'closed') return;
  throw new Fault('broken', 'the customer has begun another try meanwhile');
}
