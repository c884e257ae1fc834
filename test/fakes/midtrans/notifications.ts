/**
 * Notifications: one signed POST for every change, to the addresses of the order. A test may hold
 * them back, reorder, repeat or change them; nothing is sent again by a timer.
 */
import { randomUUID } from 'node:crypto';
import { notificationBody } from './bodies.ts';
import type { Transaction } from './state.ts';
import type { JsonObject } from './wire.ts';

export interface Attempt {
  readonly url: string;
  readonly atMs: number;
  /** The receiver's HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  readonly error: string | undefined;
}

export interface Notification {
  readonly id: string;
  readonly transactionId: string;
  readonly orderId: string;
  readonly urls: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  /** The bytes that are, or would be, sent. */
  readonly rawBody: string;
  readonly attempts: readonly Attempt[];
  /** When Midtrans would try again, in milliseconds; undefined when it would not. */
  readonly dueAtMs: number | undefined;
}

interface Entry extends Notification {
  readonly attempts: Attempt[];
  dueAtMs: number | undefined;
}

const minuteMs = 60_000;
const timeoutMs = 15_000;
const retryDelaysMs = [2, 10, 30, 90, 210].map((minutes) => minutes * minuteMs);

/** How often a delivery is repeated after an answer (docs/https-notification-webhooks). */
function retriesAfter(status: number | undefined): number {
  if (status === undefined) return 5;
  if (status >= 200 && status < 300) return 0;
  const counts = { 301: 0, 302: 0, 303: 0, 400: 2, 404: 2, 500: 1, 503: 4 };
  return (counts as Readonly<Record<number, number>>)[status] ?? 5;
}

export class Outbox {
  readonly all: Notification[] = [];
  readonly #now: () => number;
  readonly #held: Entry[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #holding = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  announce(transaction: Transaction): void {
    const body = notificationBody(transaction);
    const entry: Entry = {
      id: randomUUID(),
      transactionId: transaction.id,
      orderId: transaction.orderId,
      urls: transaction.notifyUrls,
      headers: {
        'user-agent': 'Veritrans',
        accept: 'application/json',
        'content-type': 'application/json',
      },
      body,
      rawBody: JSON.stringify(body),
      attempts: [],
      dueAtMs: undefined,
    };
    this.all.push(entry);
    if (this.#holding) this.#held.push(entry);
    else void this.#track(this.#send(entry));
  }

  /** From now on nothing goes out until {@link Outbox.release}. */
  hold(): void {
    this.#holding = true;
  }

  get held(): readonly Notification[] {
    return this.#held;
  }

  /**
   * Sends what was held, one after the other, in the order that `arrange` answers: it may leave
   * out, turn round or repeat. Resolves when all have been answered.
   */
  async release(
    arrange: (held: readonly Notification[]) => readonly Notification[] = (held) => held,
  ): Promise<void> {
    this.#holding = false;
    const held = this.#held.splice(0);
    for (const notification of arrange(held)) await this.redeliver(notification);
  }

  /** Sends one again, whatever became of it before. */
  async redeliver(notification: Notification): Promise<readonly Attempt[]> {
    const entry = this.all.find(({ id }) => id === notification.id);
    if (!entry) throw new Error('not a notification of this fake');
    return this.#track(this.#send(entry as Entry));
  }

  /** Sends those whose documented retry time has come by the fake's clock. */
  async deliverDue(): Promise<void> {
    const due = this.all.filter(({ dueAtMs }) => dueAtMs !== undefined && dueAtMs <= this.#now());
    for (const notification of due) await this.redeliver(notification);
  }

  of(orderOrTransactionId: string): Notification[] {
    return this.all.filter(({ orderId, transactionId }) =>
      [orderId, transactionId].includes(orderOrTransactionId),
    );
  }

  /** Resolves when every delivery that was begun has been answered, or has failed. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.idle();
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  async #send(entry: Entry): Promise<readonly Attempt[]> {
    const attempts: Attempt[] = [];
    for (const url of entry.urls) attempts.push(await this.#post(url, entry));
    entry.attempts.push(...attempts);
    const allowed = Math.max(0, ...attempts.map(({ status }) => retriesAfter(status)));
    const round = entry.attempts.length / Math.max(1, entry.urls.length) - 1;
    const delayMs = round < allowed ? retryDelaysMs[round] : undefined;
    entry.dueAtMs = delayMs === undefined ? undefined : this.#now() + delayMs;
    return attempts;
  }

  async #post(url: string, { headers, rawBody }: Entry): Promise<Attempt> {
    let target = url;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]);
    try {
      // 307 and 308 are followed five times at most.
      for (let hop = 0; ; hop++) {
        const options = { method: 'POST', headers, body: rawBody, signal } as const;
        const response = await fetch(target, { ...options, redirect: 'manual' });
        await response.arrayBuffer();
        const location = response.headers.get('location');
        if (![307, 308].includes(response.status) || location === null || hop === 5) {
          return { url, atMs: this.#now(), status: response.status, error: undefined };
        }
        target = new URL(location, target).href;
      }
    } catch (cause) {
      // An unreachable receiver is a result to be looked at, not an error of the fake.
      return { url, atMs: this.#now(), status: undefined, error: String(cause) };
    }
  }
}
