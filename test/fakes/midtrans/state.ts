/** What the fake remembers: merchants by server key, Snap sessions, transactions, refunds. */
import { createHash, randomUUID } from 'node:crypto';
import type { PaymentType, SnapMethod, Status } from './facts.ts';
import type { JsonObject } from './wire.ts';

export type FraudStatus = 'accept' | 'challenge' | 'deny';

export interface RefundEntry {
  readonly chargebackId: number;
  readonly amount: number;
  readonly key: string;
  readonly reason: string;
  readonly method: 'online' | 'offline';
  readonly createdAtMs: number;
  confirmedAtMs: number | undefined;
}

/** How a card's payment ends once nothing is in its way any more. */
export interface CardVerdict {
  readonly to: Status;
  readonly fraud: FraudStatus;
  readonly responseCode: string;
}

export interface Transaction {
  readonly id: string;
  readonly orderId: string;
  readonly merchant: Merchant;
  readonly paymentType: PaymentType;
  /** The bank of a virtual account or a card's acquirer, the store of a payment code. */
  readonly channel: string | undefined;
  /** Falls to what was captured when less is captured than was authorised. */
  grossAmount: number;
  status: Status;
  fraud: FraudStatus | undefined;
  readonly createdAtMs: number;
  expiresAtMs: number | undefined;
  settledAtMs: number | undefined;
  /** When a captured card settles by itself, or a slow card is accepted. */
  settlesAtMs: number | undefined;
  captured: boolean;
  /** What the payment method adds to the bodies: va_numbers, masked_card, qr_string … */
  readonly method: Record<string, JsonObject[string]>;
  /** What only the answer to the charge carries: actions, qr_string, redirect_url. */
  readonly offer: JsonObject;
  /** Echoed custom fields. */
  readonly echoes: JsonObject;
  readonly notifyUrls: readonly string[];
  readonly refunds: RefundEntry[];
  /** Cards: what happens when the customer has authenticated himself. */
  pendingCard: CardVerdict | undefined;
  readonly sessionToken: string | undefined;
}

export interface Session {
  readonly token: string;
  readonly merchant: Merchant;
  readonly orderId: string;
  readonly grossAmount: number;
  readonly methods: readonly SnapMethod[];
  readonly request: JsonObject;
  readonly notifyUrls: readonly string[];
  readonly expiresAtMs: number;
  readonly transactionLifeMs: number | undefined;
  canceledAtMs: number | undefined;
}

export interface CardToken {
  readonly number: string;
  /** A challenge leaves the payment with the merchant to approve or deny. */
  readonly fraud: FraudStatus | undefined;
  readonly responseCode: string | undefined;
  used: boolean;
}

/** One server key is one merchant; nobody sees another's orders. */
export class Merchant {
  readonly serverKey: string;
  readonly id: string;
  readonly transactions: Transaction[] = [];

  constructor(serverKey: string) {
    this.serverKey = serverKey;
    const digest = createHash('sha256').update(serverKey).digest();
    this.id = `G${String(digest.readUInt32BE()).padStart(9, '0').slice(-9)}`;
  }

  /**
   * By transaction_id, or the newest of an order_id. A DANA payment is found by its
   * transaction_id only (reference/get-transaction-status).
   */
  find(id: string): Transaction | undefined {
    return (
      this.transactions.find((transaction) => transaction.id === id) ??
      this.transactions.findLast(
        ({ orderId, paymentType }) => orderId === id && paymentType !== 'dana',
      )
    );
  }

  latest(orderId: string): Transaction | undefined {
    return this.transactions.findLast((transaction) => transaction.orderId === orderId);
  }
}

export interface NextAnswer {
  readonly kind: 'capture_denied' | 'refund_denied' | 'refund_without_funds';
  readonly id: string;
}

/** The whole memory of one fake. */
export class World {
  readonly now: () => number;
  readonly merchants = new Map<string, Merchant>();
  readonly sessions = new Map<string, Session>();
  readonly cards = new Map<string, CardToken>();
  readonly nextAnswers: NextAnswer[] = [];
  /** Payment types the merchants do not have: answered 402. */
  readonly inactive = new Set<PaymentType>();
  apiUrl = '';
  appUrl = '';
  #chargebackId = 0;
  #number = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  merchant(serverKey: string): Merchant {
    let merchant = this.merchants.get(serverKey);
    if (!merchant) {
      merchant = new Merchant(serverKey);
      this.merchants.set(serverKey, merchant);
    }
    return merchant;
  }

  nextChargebackId(): number {
    return ++this.#chargebackId;
  }

  /** Digits that no other payment of this fake has: account numbers, payment codes. */
  digits(length: number): string {
    return String(++this.#number).padStart(length, '0');
  }

  newId(): string {
    return randomUUID();
  }

  /** Takes what a test ordered for this transaction, once. */
  takeNextAnswer(kind: NextAnswer['kind'], transaction: Transaction): boolean {
    const at = this.nextAnswers.findIndex(
      (next) => next.kind === kind && [transaction.id, transaction.orderId].includes(next.id),
    );
    if (at < 0) return false;
    this.nextAnswers.splice(at, 1);
    return true;
  }

  /** Any merchant's, for the handles: test order ids are unique across merchants. */
  locate(id: string): Transaction {
    for (const merchant of this.merchants.values()) {
      const found = merchant.transactions.find((one) => one.id === id) ?? merchant.latest(id);
      if (found) return found;
    }
    throw new Error(`the fake has no transaction ${id}`);
  }
}
