/** Moves transactions from status to status, announces each move, and lets time pass. */
import type { Outbox } from './notifications.ts';
import type { CardVerdict, FraudStatus, Transaction, World } from './state.ts';
import { responseTexts, type Status } from './facts.ts';
import { amountText, jakartaDayMs, timeText } from './wire.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A held amount is given back after 8 days (reference/card-feature-pre-authorization). */
const holdMs = 8 * dayMs;

export class Engine {
  readonly world: World;
  readonly outbox: Outbox;

  constructor(world: World, outbox: Outbox) {
    this.world = world;
    this.outbox = outbox;
  }

  /** Sets the status and announces it. */
  move(transaction: Transaction, status: Status, fraud?: FraudStatus): void {
    const now = this.world.now();
    Object.assign(transaction, { status });
    if (fraud !== undefined) transaction.fraud = fraud;
    if (status === 'authorize') transaction.expiresAtMs = now + holdMs;
    if (status === 'capture') {
      transaction.captured = true;
      transaction.expiresAtMs = undefined;
      // Settlement runs at 16:00 in Jakarta, the day after.
      transaction.settlesAtMs = jakartaDayMs(now) + dayMs + 16 * hourMs;
    }
    if (status === 'settlement') {
      transaction.captured = true;
      transaction.settledAtMs ??= now;
      transaction.settlesAtMs = undefined;
      if (transaction.paymentType === 'qris') {
        Object.assign(transaction.method, { issuer: 'gopay', transaction_type: 'on-us' });
      }
      if (transaction.paymentType === 'gopay') {
        transaction.method['payment_option_type'] = 'GOPAY_WALLET';
      }
      if (transaction.method['va_numbers'] !== undefined) {
        // Only BNI's documented notification has a line in the list.
        const line = { paid_at: timeText(now), amount: amountText(transaction.grossAmount) };
        transaction.method['payment_amounts'] = transaction.channel === 'bni' ? [line] : [];
      }
    }
    this.outbox.announce(transaction);
  }

  /** The verdict on a card, with what the bank says. */
  conclude(transaction: Transaction, { to, fraud, responseCode }: CardVerdict): void {
    const text = responseTexts[responseCode];
    if (text === undefined) throw new Error(`no documented text for code ${responseCode}`);
    transaction.pendingCard = undefined;
    transaction.expiresAtMs = undefined;
    transaction.settlesAtMs = undefined;
    Object.assign(transaction.method, {
      approval_code: this.world.digits(13),
      channel_response_code: responseCode,
      channel_response_message: text,
    });
    this.move(transaction, to, fraud);
  }

  /** What the clock has brought about since the last look. */
  sweep(): void {
    const now = this.world.now();
    for (const merchant of this.world.merchants.values()) {
      for (const transaction of merchant.transactions) this.#age(transaction, now);
    }
  }

  #age(transaction: Transaction, now: number): void {
    const { status, expiresAtMs, settlesAtMs, pendingCard } = transaction;
    if (settlesAtMs !== undefined && settlesAtMs <= now) {
      if (status === 'pending' && pendingCard) this.conclude(transaction, pendingCard);
      else if (status === 'capture') {
        // A challenge that nobody answered is called off at settlement.
        this.move(transaction, transaction.fraud === 'challenge' ? 'cancel' : 'settlement');
      }
    }
    const waits = transaction.status === 'pending' || transaction.status === 'authorize';
    if (waits && expiresAtMs !== undefined && expiresAtMs <= now) this.move(transaction, 'expire');
  }
}
