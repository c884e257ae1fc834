/**
 * A stateful Midtrans for tests: Core API and Snap on two ports of this machine, in memory, judged
 * by Midtrans' documented examples and its official client. Time stands where `now` says.
 */
import { refundedTotal } from './bodies.ts';
import { addRefund } from './changes.ts';
import { Engine } from './engine.ts';
import type { PaymentType, SnapMethod, Status } from './facts.ts';
import { Faults } from './faults.ts';
import { Idempotency } from './idempotency.ts';
import { Outbox } from './notifications.ts';
import { listen, type RecordedRequest } from './server.ts';
import { payInSession, type CustomerPayment, type PayOptions, type PayResult } from './snap.ts';
import { World, type CardToken, type NextAnswer, type Transaction } from './state.ts';

export interface FakeMidtransOptions {
  /** Milliseconds since 1970; the system's clock when missing. */
  readonly now?: () => number;
  /** The address set in the dashboard, for orders whose request names none. */
  readonly notificationUrl?: string;
}

/** What happens on the other side of a merchant's order. `id`: order_id or transaction_id. */
export interface Dashboard {
  transaction(id: string): Transaction;
  /** The transfer arrives, the code is scanned, a captured card is settled. */
  settle(id: string): void;
  deny(id: string): void;
  /** settlement → deny, minutes later: Permata accounts, Mandiri bills, Indomaret only. */
  reverse(id: string): void;
  expire(id: string): void;
  /** Something broke while it was processed. */
  fail(id: string): void;
  /** Fraud detection takes a second look at an authorised or captured card. */
  challenge(id: string): void;
  chargeback(id: string, partly?: 'partly'): void;
  /** Whole rupiah. */
  refund(id: string, amount: number, reason?: string): void;
  /** The second notification of a refund: the bank has carried it out. */
  confirmRefunds(id: string): void;
  authenticate(id: string, result: 'ok' | 'failed'): void;
  /** The next capture or refund of this order goes wrong in a documented way. */
  next(kind: NextAnswer['kind'], id: string): void;
  /** Charges by this type are answered 402. */
  deactivate(paymentType: PaymentType): void;
  setNotificationUrl(url: string | undefined): void;
}

export interface FakeMidtrans {
  readonly apiUrl: string;
  readonly appUrl: string;
  readonly requests: readonly RecordedRequest[];
  readonly notifications: Outbox;
  readonly faults: Faults;
  readonly dashboard: Dashboard;
  /** `POST /v2/charge: transaction_details.order_id is required`; empty for a good client. */
  violations(): string[];
  /** Drops the recorded requests, and nothing else. */
  forget(): void;
  /** What the browser's script would give for a card; charged once. */
  cardToken(number: string, more?: Partial<Pick<CardToken, 'fraud' | 'responseCode'>>): string;
  /** See {@link payInSession}. */
  customerPays(
    token: string,
    method: SnapMethod,
    result?: PayResult,
    options?: PayOptions,
  ): CustomerPayment;
  /** Lets what the clock has brought about happen; each request does so too. */
  timePasses(): void;
  close(): Promise<void>;
}

export async function startFakeMidtrans(options: FakeMidtransOptions = {}): Promise<FakeMidtrans> {
  const now = options.now ?? Date.now;
  let notificationUrl = options.notificationUrl;
  const world = new World(now);
  const outbox = new Outbox(now);
  const engine = new Engine(world, outbox);
  const faults = new Faults();
  const requests: RecordedRequest[] = [];
  const idempotency = new Idempotency(now);
  const defaultNotificationUrl = () => notificationUrl;
  const parts = { engine, faults, idempotency, requests, defaultNotificationUrl };
  const api = await listen(parts, 'api');
  const app = await listen(parts, 'app');
  Object.assign(world, { apiUrl: api.url, appUrl: app.url });
  return {
    apiUrl: api.url,
    appUrl: app.url,
    requests,
    notifications: outbox,
    faults,
    dashboard: makeDashboard(engine, (url) => {
      notificationUrl = url;
    }),
    violations: () =>
      requests.flatMap(({ method, path, violations }) =>
        violations.map((what) => `${method} ${path}: ${what}`),
      ),
    forget: () => {
      requests.length = 0;
    },
    cardToken: (number, more = {}) => {
      const token = `${number.slice(0, 6)}-${number.slice(-4)}-${world.newId()}`;
      const { fraud, responseCode } = more;
      world.cards.set(token, { number, fraud, responseCode, used: false });
      return token;
    },
    customerPays: (token, method, result = 'paid', more = {}) => {
      engine.sweep();
      return payInSession(engine, token, method, result, more);
    },
    timePasses: () => engine.sweep(),
    close: async () => {
      await Promise.all([api.close(), app.close()]);
      await outbox.close();
    },
  };
}

/** settlement → deny is documented for these only (docs/transaction-status-cycle). */
function canReverse({ paymentType, channel }: Transaction): boolean {
  if (paymentType === 'bank_transfer') return channel === 'permata';
  return paymentType === 'echannel' || channel === 'indomaret';
}

function makeDashboard(engine: Engine, setUrl: (url: string | undefined) => void): Dashboard {
  const { world } = engine;
  /** A test that asks for the impossible is told so. */
  const take = (id: string, what: string, from: readonly Status[]): Transaction => {
    engine.sweep();
    const transaction = world.locate(id);
    if (from.includes(transaction.status)) return transaction;
    throw new Error(`${what}: ${id} is ${transaction.status}, not ${from.join(' or ')}`);
  };
  const paid: readonly Status[] = ['settlement', 'partial_refund'];
  return {
    transaction: (id) => world.locate(id),
    settle: (id) => engine.move(take(id, 'settle', ['pending', 'capture']), 'settlement'),
    deny: (id) => engine.move(take(id, 'deny', ['pending']), 'deny'),
    reverse: (id) => {
      const transaction = take(id, 'reverse', ['settlement']);
      if (!canReverse(transaction)) throw new Error(`${id}: this method has no reversals`);
      engine.move(transaction, 'deny');
    },
    expire: (id) => engine.move(take(id, 'expire', ['pending', 'authorize']), 'expire'),
    fail: (id) => engine.move(take(id, 'fail', ['pending']), 'failure'),
    challenge: (id) => {
      const transaction = take(id, 'challenge', ['authorize', 'capture']);
      transaction.fraud = 'challenge';
      engine.outbox.announce(transaction);
    },
    chargeback: (id, partly) => {
      const transaction = take(id, 'chargeback', [...paid, 'partial_chargeback']);
      engine.move(transaction, partly ? 'partial_chargeback' : 'chargeback');
    },
    refund: (id, amount, reason = '') => {
      const transaction = take(id, 'refund', paid);
      if (amount > transaction.grossAmount - refundedTotal(transaction)) {
        throw new Error(`refund: ${amount} is more than is left of ${id}`);
      }
      addRefund(engine, transaction, {
        chargebackId: world.nextChargebackId(),
        amount,
        key: world.newId(),
        reason,
        method: 'offline',
        createdAtMs: world.now(),
        confirmedAtMs: undefined,
      });
    },
    confirmRefunds: (id) => {
      const transaction = take(id, 'confirm', ['refund', 'partial_refund']);
      for (const entry of transaction.refunds) entry.confirmedAtMs ??= world.now();
      engine.outbox.announce(transaction);
    },
    authenticate: (id, result) => {
      const transaction = take(id, 'authenticate', ['pending']);
      const verdict = transaction.pendingCard;
      if (!verdict) throw new Error(`${id} waits for no authentication`);
      const failed = { to: 'deny', fraud: 'accept', responseCode: '05' } as const;
      engine.conclude(transaction, result === 'ok' ? verdict : failed);
    },
    next: (kind, id) => {
      world.nextAnswers.push({ kind, id });
    },
    deactivate: (paymentType) => {
      world.inactive.add(paymentType);
    },
    setNotificationUrl: setUrl,
  };
}
