/** Snap: a token and a page on which the customer picks how to pay. */
import { page, snapError, type Answer } from './answers.ts';
import type { Engine } from './engine.ts';
import { snapAliases, snapMethods, takenStatuses, type SnapMethod } from './facts.ts';
import { echoesOf, isTaken, makePayment, periodMs, type NewPayment } from './payments.ts';
import { statusCode } from './bodies.ts';
import type { CardVerdict, Merchant, Session, Transaction } from './state.ts';
import { isObject } from './wire.ts';

type Fields = Record<string, unknown>;

/** The page lives for 24 hours unless page_expiry says otherwise, and ends without a word. */
const pageLifeMs = 24 * 3_600_000;

/** POST /snap/v1/transactions with a body that the contract has already accepted. */
export function createSession(
  engine: Engine,
  merchant: Merchant,
  body: Fields,
  notifyUrls: readonly string[],
): Answer {
  const { world } = engine;
  const details = body['transaction_details'] as { order_id: string; gross_amount: number };
  if (isTaken(merchant, details.order_id)) {
    return snapError(
      400,
      'transaction_details.order_id has been paid and utilized, please use another order ID',
    );
  }
  const words = (body['enabled_payments'] as string[] | undefined) ?? [...snapMethods];
  const offered = words.flatMap((word) => snapAliases[word] ?? [word as SnapMethod]);
  const token = world.newId();
  world.sessions.set(token, {
    token,
    merchant,
    orderId: details.order_id,
    grossAmount: details.gross_amount,
    methods: [...new Set(offered)],
    request: body as Session['request'],
    notifyUrls,
    expiresAtMs: world.now() + (periodMs(body['page_expiry']) ?? pageLifeMs),
    transactionLifeMs: periodMs(body['expiry']),
    canceledAtMs: undefined,
  });
  const url = `${world.appUrl}/snap/v3/redirection/${token}`;
  return { http: 201, body: { token, redirect_url: url } };
}

/** The documentation names the messages and not the HTTP statuses; 400 is assumed. */
export function cancelSession(engine: Engine, merchant: Merchant, token: string): Answer {
  const session = engine.world.sessions.get(token);
  if (session?.merchant !== merchant) return snapError(400, 'token not found');
  if (session.canceledAtMs !== undefined) return snapError(400, 'token already canceled');
  if (inSession(session).some(({ status }) => takenStatuses.includes(status))) {
    return snapError(400, 'Transaction is on progress');
  }
  session.canceledAtMs = engine.world.now();
  return { http: 200, body: { canceled_at: new Date(session.canceledAtMs).toISOString() } };
}

function inSession(session: Session): Transaction[] {
  return session.merchant.transactions.filter(({ sessionToken }) => sessionToken === session.token);
}

export function showSession(engine: Engine, token: string): Answer {
  const session = engine.world.sessions.get(token);
  if (!session) return page('Transaction not found', 404);
  const closed = whyClosed(engine, session);
  return closed === undefined ? page(`Pay ${session.orderId}`) : page(closed);
}

function whyClosed(engine: Engine, session: Session): string | undefined {
  if (session.canceledAtMs !== undefined) return 'The payment was canceled';
  if (engine.world.now() >= session.expiresAtMs) return 'The payment page has expired';
  const isPaid = inSession(session).some(
    ({ status }) => status !== 'pending' && takenStatuses.includes(status),
  );
  return isPaid ? 'The payment is complete' : undefined;
}

/** How it ends: `pending` leaves the customer with a number or a code that he has not paid yet. */
export type PayResult = 'paid' | 'pending' | 'denied' | 'challenged' | 'failed';

export interface PayOptions {
  /** A card's number out of the sandbox table; only its digits are shown in answers. */
  readonly card?: string;
  /** The bank's code for a denied card: `05`, `51` … */
  readonly responseCode?: string;
}

export interface CustomerPayment {
  readonly transactionId: string;
  readonly orderId: string;
  /** Where Snap sends the browser afterwards; undefined when the order names no address. */
  readonly returnUrl: string | undefined;
}

/**
 * The customer picks a method on the page and carries it through. After a denial he may try again
 * with another method under the same order_id. Throws when the page would not have let him.
 */
export function payInSession(
  engine: Engine,
  token: string,
  snapMethod: SnapMethod,
  result: PayResult,
  options: PayOptions = {},
): CustomerPayment {
  const session = engine.world.sessions.get(token);
  if (!session) throw new Error(`no Snap page has the token ${token}`);
  const closed = whyClosed(engine, session);
  if (closed !== undefined) throw new Error(closed);
  if (!session.methods.includes(snapMethod)) throw new Error(`${snapMethod} is not on the page`);
  const isCard = snapMethod === 'credit_card';
  const waiting = inSession(session).find(({ status }) => status === 'pending');
  const wanted = typeOf(snapMethod);
  if (waiting && !isSame(waiting, wanted)) {
    throw new Error(`the order already waits for a payment by ${waiting.paymentType}`);
  }
  const transaction = waiting ?? start(engine, session, snapMethod, options);
  if (!waiting && (!isCard || result === 'pending')) engine.outbox.announce(transaction);
  if (result === 'failed') engine.move(transaction, 'failure');
  else if (result !== 'pending') {
    if (isCard) engine.conclude(transaction, cardVerdict(session, result, options));
    else engine.move(transaction, result === 'paid' ? 'settlement' : 'deny');
  }
  return {
    transactionId: transaction.id,
    orderId: transaction.orderId,
    returnUrl: returnUrl(session, transaction),
  };
}

function isSame(
  waiting: Transaction,
  { paymentType, channel }: Pick<NewPayment, 'paymentType' | 'channel'>,
): boolean {
  return (
    waiting.paymentType === paymentType &&
    (paymentType === 'credit_card' || waiting.channel === channel)
  );
}

function cardVerdict(session: Session, result: PayResult, options: PayOptions): CardVerdict {
  const card = session.request['credit_card'];
  const isHold = isObject(card) && card['type'] === 'authorize';
  if (result === 'denied') {
    return { to: 'deny', fraud: 'accept', responseCode: options.responseCode ?? '05' };
  }
  const fraud = result === 'challenged' ? 'challenge' : 'accept';
  return { to: isHold ? 'authorize' : 'capture', fraud, responseCode: '00' };
}

function start(
  engine: Engine,
  session: Session,
  snapMethod: SnapMethod,
  options: PayOptions,
): Transaction {
  const [transaction] = makePayment(engine, {
    merchant: session.merchant,
    orderId: session.orderId,
    amount: session.grossAmount,
    ...typeOf(snapMethod),
    notifyUrls: session.notifyUrls,
    echoes: echoesOf(session.request),
    lifeMs: session.transactionLifeMs,
    sessionToken: session.token,
    ...(snapMethod === 'credit_card'
      ? { card: { number: options.card ?? '4811111111111114', bank: 'bni' } }
      : {}),
  });
  return transaction;
}

/** A word of the page as the payment_type that the transaction gets. */
function typeOf(method: SnapMethod): Pick<NewPayment, 'paymentType' | 'channel'> {
  if (method === 'other_qris') return { paymentType: 'qris' };
  // The page's "other banks" come through Permata.
  if (method === 'other_va') return { paymentType: 'bank_transfer', channel: 'permata' };
  if (method.endsWith('_va')) {
    return { paymentType: 'bank_transfer', channel: method.slice(0, -'_va'.length) };
  }
  if (method === 'alfamart' || method === 'indomaret') {
    return { paymentType: 'cstore', channel: method };
  }
  return { paymentType: method as NewPayment['paymentType'] };
}

function returnUrl(session: Session, transaction: Transaction): string | undefined {
  const callbacks = session.request['callbacks'];
  if (!isObject(callbacks)) return undefined;
  const isOver = ['deny', 'failure'].includes(transaction.status);
  const target = (isOver ? callbacks['error'] : undefined) ?? callbacks['finish'];
  if (typeof target !== 'string') return undefined;
  const url = new URL(target);
  url.searchParams.set('order_id', transaction.orderId);
  url.searchParams.set('status_code', statusCode(transaction));
  url.searchParams.set('transaction_status', transaction.status);
  return url.href;
}
