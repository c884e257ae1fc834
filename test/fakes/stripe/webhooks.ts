/**
 * Deliveries: each event, signed for each endpoint that wants it, sent over HTTP at once or when
 * the test says so, and as often as it says so. Nothing is repeated by itself.
 */
import { createHmac } from 'node:crypto';
import type { Endpoint, StripeEvent } from './types.ts';
import type { Account, World } from './world.ts';

/** What goes over the wire, byte for byte. */
export interface SignedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Delivery {
  readonly event: StripeEvent;
  readonly endpoint: Endpoint;
  readonly account: Account;
  /** One for each time it was sent: the HTTP status, or what went wrong. */
  readonly attempts: (number | string)[];
}

export interface SignOptions {
  /** Seconds since 1970; default: now. */
  readonly timestamp?: number;
  /** Another secret than the endpoint's. */
  readonly secret?: string;
}

/** How long Stripe waits for an answer is not documented; long enough for a busy test machine. */
const answerTimeoutMs = 20_000;

export class Webhooks {
  /** Every delivery that was ever due, in order. */
  readonly deliveries: Delivery[] = [];
  readonly #world: World;
  readonly #running = new Set<Promise<void>>();
  #held: Delivery[] | undefined;

  constructor(world: World) {
    this.#world = world;
    world.onEvent = (account, event) => this.#take(account, event);
  }

  #take(account: Account, event: StripeEvent): void {
    for (const endpoint of account.all('webhook_endpoint')) {
      const { enabled_events: wanted, status } = endpoint;
      if (status !== 'enabled') continue;
      if (!wanted.includes('*') && !wanted.includes(event.type)) continue;
      const delivery: Delivery = { event, endpoint, account, attempts: [] };
      event.pending_webhooks += 1;
      this.deliveries.push(delivery);
      if (this.#held) this.#held.push(delivery);
      else this.#start(delivery);
    }
  }

  #start(delivery: Delivery): void {
    const run = this.send(delivery).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** From now on deliveries wait. */
  hold(): void {
    this.#held ??= [];
  }

  /** What waits, in order. */
  get held(): readonly Delivery[] {
    return this.#held ?? [];
  }

  /**
   * Sends what waits, one after the other, in the order `arrange` gives it (drop, repeat or
   * reorder there), and stops holding back. Resolves when all were answered.
   */
  async release(
    arrange: (held: readonly Delivery[]) => readonly Delivery[] = (held) => held,
  ): Promise<void> {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const delivery of arrange(held)) await this.send(delivery);
  }

  /** Resolves when no delivery is under way. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Sends the event once more to each endpoint it was due at, as the dashboard's "Resend" does. */
  async redeliver(eventId: string): Promise<void> {
    const due = this.deliveries.filter(({ event }) => event.id === eventId);
    if (due.length === 0) throw new Error(`no delivery of ${eventId}`);
    for (const delivery of due) await this.send(delivery);
  }

  /** Sends again what no endpoint has taken with a 2xx, as Stripe does over three days. */
  async redeliverFailed(): Promise<void> {
    const taken = (it: number | string): boolean => typeof it === 'number' && it >= 200 && it < 300;
    const failed = this.deliveries.filter(({ attempts }) => !attempts.some(taken));
    for (const delivery of failed) await this.send(delivery);
  }

  /** The request as it would go out now, without sending it: to be altered, kept or replayed. */
  signed({ event, endpoint, account }: Delivery, options: SignOptions = {}): SignedRequest {
    const apiVersion = endpoint.api_version ?? this.#world.accountApiVersion;
    const body = JSON.stringify({ ...event, api_version: apiVersion }, null, 2);
    const timestamp = options.timestamp ?? this.#world.now();
    const secret = options.secret ?? account.secrets.get(endpoint.id) ?? '';
    const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    return {
      url: endpoint.url,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        'stripe-signature': `t=${timestamp},v1=${signature},v0=${'0'.repeat(64)}`,
      },
      body,
    };
  }

  /** Sends one delivery now, with a signature of now. Only a 2xx counts as taken. */
  async send(delivery: Delivery): Promise<void> {
    const { url, headers, body } = this.signed(delivery);
    const signal = AbortSignal.timeout(answerTimeoutMs);
    try {
      const sent = { method: 'POST', headers, body, signal, redirect: 'manual' } as const;
      const answer = await fetch(url, sent);
      await answer.arrayBuffer();
      delivery.attempts.push(answer.status);
      if (answer.ok && delivery.event.pending_webhooks > 0) delivery.event.pending_webhooks -= 1;
    } catch (error) {
      // An endpoint that is down is a result here, like a status.
      delivery.attempts.push(error instanceof Error ? error.message : String(error));
    }
  }
}
