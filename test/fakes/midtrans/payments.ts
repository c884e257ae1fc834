/** Makes transactions: for a Core charge, and when the customer picks a method on a Snap page. */
import { core, coreError, type Answer } from './answers.ts';
import { chargeAnswer } from './bodies.ts';
import type { Engine } from './engine.ts';
import { responseTexts, sandboxCards, takenStatuses, type PaymentType } from './facts.ts';
import { makeOffer } from './methods.ts';
import type { CardToken, CardVerdict, Merchant, Transaction } from './state.ts';
import { isObject, readTime, type JsonObject } from './wire.ts';

type Fields = Record<string, unknown>;

export interface NewPayment {
  readonly merchant: Merchant;
  readonly orderId: string;
  readonly amount: number;
  readonly paymentType: PaymentType;
  readonly channel?: string | undefined;
  readonly notifyUrls: readonly string[];
  readonly echoes?: JsonObject;
  /** How long it may wait for the customer; the method's own time when missing. */
  readonly lifeMs?: number | undefined;
  readonly expiresAtMs?: number | undefined;
  readonly accountSuffix?: string | undefined;
  readonly callbackUrl?: string | undefined;
  readonly sessionToken?: string;
  readonly card?: { readonly number: string; readonly bank: string };
}

/** 3-D Secure waits for ten minutes. */
const authenticationLifeMs = 10 * 60_000;

/** A pending transaction; nobody is told of it yet. */
export function makePayment(engine: Engine, input: NewPayment): [Transaction, message: string] {
  const { world } = engine;
  const id = world.newId();
  const now = world.now();
  const { card, paymentType } = input;
  const made = card
    ? {
        method: {
          masked_card: `${card.number.slice(0, 8)}-${card.number.slice(-4)}`,
          bank: card.bank,
          card_type: 'credit',
        },
        offer: {},
        message: 'Success, Credit Card transaction is successful',
        lifeMs: authenticationLifeMs,
      }
    : makeOffer(world, paymentType, {
        id,
        orderId: input.orderId,
        amount: input.amount,
        channel: input.channel,
        accountSuffix: input.accountSuffix,
        callbackUrl: input.callbackUrl,
      });
  const transaction: Transaction = {
    id,
    orderId: input.orderId,
    merchant: input.merchant,
    paymentType,
    channel: input.channel ?? card?.bank,
    grossAmount: input.amount,
    status: 'pending',
    fraud: 'accept',
    createdAtMs: now,
    expiresAtMs: input.expiresAtMs ?? now + (input.lifeMs ?? made.lifeMs),
    settledAtMs: undefined,
    settlesAtMs: undefined,
    captured: false,
    method: made.method,
    offer: made.offer,
    echoes: input.echoes ?? {},
    notifyUrls: input.notifyUrls,
    refunds: [],
    pendingCard: undefined,
    sessionToken: input.sessionToken,
  };
  input.merchant.transactions.push(transaction);
  return [transaction, made.message];
}

/** Active or paid: the order_id cannot be used again. */
export function isTaken(merchant: Merchant, orderId: string): boolean {
  return merchant.transactions.some(
    (one) =>
      one.orderId === orderId &&
      (takenStatuses.includes(one.status) || (one.status === 'cancel' && one.captured)),
  );
}

export function echoesOf(body: Fields): JsonObject {
  return Object.fromEntries(
    Object.entries(body).filter(([name]) => /^custom_field[123]$/.test(name)),
  ) as JsonObject;
}

const unitMs: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** `{expiry_duration|duration, unit}` in milliseconds; undefined when there is none. */
export function periodMs(period: unknown): number | undefined {
  if (!isObject(period)) return undefined;
  const duration = Number(period['expiry_duration'] ?? period['duration']);
  const unit = typeof period['unit'] === 'string' ? period['unit'] : 'minute';
  return duration * (unitMs[unit.replace(/s$/, '')] ?? NaN);
}

/** POST /v2/charge with a body that the contract has already accepted. */
export function charge(
  engine: Engine,
  merchant: Merchant,
  body: Fields,
  notifyUrls: readonly string[],
): Answer {
  const { world } = engine;
  const details = body['transaction_details'] as { order_id: string; gross_amount: number };
  const paymentType = body['payment_type'] as PaymentType;
  const block = isObject(body[paymentType]) ? body[paymentType] : {};
  if (world.inactive.has(paymentType)) return coreError(402);
  if (isTaken(merchant, details.order_id)) return coreError(406);
  const lifeMs = periodMs(body['custom_expiry']);
  const expiry = isObject(body['custom_expiry']) ? body['custom_expiry'] : {};
  const from = readTime(String(expiry['order_time']));
  const text = (name: string) => (typeof block[name] === 'string' ? block[name] : undefined);
  const payment: NewPayment = {
    merchant,
    orderId: details.order_id,
    amount: details.gross_amount,
    paymentType,
    channel: text('bank') ?? text('store'),
    notifyUrls,
    echoes: echoesOf(body),
    lifeMs,
    ...(from === undefined || lifeMs === undefined ? {} : { expiresAtMs: from + lifeMs }),
    accountSuffix: text('va_number'),
    callbackUrl: text('callback_url'),
  };
  if (paymentType === 'credit_card') return chargeCard(engine, payment, block);
  const [transaction, message] = makePayment(engine, payment);
  engine.outbox.announce(transaction);
  return core(chargeAnswer(transaction, message));
}

function chargeCard(engine: Engine, payment: NewPayment, block: Fields): Answer {
  const token = engine.world.cards.get(String(block['token_id']));
  if (!token || token.used) return coreError(411);
  token.used = true;
  const bank = payment.channel ?? 'bni';
  const card = { number: token.number, bank };
  const [transaction, message] = makePayment(engine, { ...payment, channel: undefined, card });
  const verdict = verdictOn(token, block['type'] === 'authorize');
  const fate = sandboxCards[token.number];
  if (block['authentication'] === true && (fate === 'accept_3ds' || fate === 'deny_3ds')) {
    transaction.pendingCard = verdict;
    const url = `${engine.world.apiUrl}/v2/token/rba/redirect/${transaction.id}`;
    engine.outbox.announce(transaction);
    return core({ ...chargeAnswer(transaction, message), redirect_url: url });
  }
  if (fate === 'accept_after_60s') {
    transaction.pendingCard = verdict;
    transaction.settlesAtMs = engine.world.now() + 60_000;
    engine.outbox.announce(transaction);
    return core(chargeAnswer(transaction, message));
  }
  engine.conclude(transaction, verdict);
  return core(chargeAnswer(transaction, verdict.to === 'deny' ? denial(bank, verdict) : message));
}

function denial(bank: string, { fraud, responseCode }: CardVerdict): string {
  return fraud === 'deny'
    ? 'Denied by the fraud detection system'
    : `Deny by Bank [${bank.toUpperCase()}] with code [${responseCode}] and message [${String(responseTexts[responseCode])}]`;
}

/** What becomes of a card, by the sandbox's table or by what a test put into the token. */
export function verdictOn(token: CardToken, authorizeOnly: boolean): CardVerdict {
  const to = authorizeOnly ? 'authorize' : 'capture';
  const fate = sandboxCards[token.number];
  if (token.responseCode !== undefined) {
    return { to: 'deny', fraud: 'accept', responseCode: token.responseCode };
  }
  if (fate === 'fds_deny') return { to: 'deny', fraud: 'deny', responseCode: '05' };
  if (fate === 'rc51') return { to: 'deny', fraud: 'accept', responseCode: '51' };
  if (fate === 'bank_deny' || fate === 'deny_3ds') {
    return { to: 'deny', fraud: 'accept', responseCode: '05' };
  }
  return { to, fraud: token.fraud ?? 'accept', responseCode: '00' };
}
