/** Webhook delivery: signed, in order for each endpoint, a few quick retries. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Books } from './books.ts';
import type { ActiveFault } from './faults.ts';
import { newId } from './ids.ts';
import type { WebhookEndpoint } from './model.ts';
import { signatureOf } from './signature.ts';
import type { View } from './view.ts';

export interface WebhookEvent {
  readonly type: string;
  readonly object: View;
}

export interface WebhookOptions {
  readonly now: () => number;
  /** Pauses before the second, third … attempt. */
  readonly retryDelaysMs: readonly number[];
  /** How long a reordered event waits for one to overtake it. */
  readonly overtakeMs: number;
}

const attemptTimeoutMs = 5_000;

interface Queue {
  /** The last delivery queued; the next one starts when it is through. */
  tail: Promise<void>;
  /** Bodies that wait to be overtaken. */
  held: string[];
  delivered: number;
  failed: number;
}

export class Webhooks {
  readonly #books: Books;
  readonly #options: WebhookOptions;
  readonly #queues = new Map<string, Queue>();
  readonly #closing = new AbortController();

  constructor(books: Books, options: WebhookOptions) {
    this.#books = books;
    this.#options = options;
  }

  /** Queues one request's events for every endpoint of the merchant. */
  emit(merchant: string, events: readonly WebhookEvent[], faults: readonly ActiveFault[]): void {
    const endpoints = this.#books.endpointsOf(merchant);
    if (endpoints.length === 0) return;
    const copies = faults.some((fault) => fault.name === 'duplicate_webhooks') ? 2 : 1;
    const reorder = faults.some((fault) => fault.name === 'reordered_webhooks');
    events.forEach((event, place) => {
      const nowMs = this.#options.now();
      const body = JSON.stringify({
        id: newId('evt', nowMs),
        type: event.type,
        created_at: new Date(nowMs).toISOString(),
        data: { object: event.object },
      });
      for (const endpoint of endpoints) {
        for (let copy = 0; copy < copies; copy += 1) {
          if (reorder && place === 0) this.#hold(endpoint, body);
          else this.#enqueue(endpoint, body);
        }
        if (!reorder || place > 0) this.#letGo(endpoint);
      }
    });
  }

  /** What became of an endpoint's deliveries. */
  counts(endpointId: string): { delivered: number; failed: number } {
    const { delivered, failed } = this.#queue(endpointId);
    return { delivered, failed };
  }

  /** Ends what is under way and drops what waits. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#queues.values()].map((queue) => queue.tail));
  }

  #queue(endpointId: string): Queue {
    const known = this.#queues.get(endpointId);
    if (known) return known;
    const queue = { tail: Promise.resolve(), held: [], delivered: 0, failed: 0 };
    this.#queues.set(endpointId, queue);
    return queue;
  }

  #hold(endpoint: WebhookEndpoint, body: string): void {
    this.#queue(endpoint.id).held.push(body);
    // Nothing may ever follow: then it goes out late rather than never.
    setTimeout(() => this.#letGo(endpoint), this.#options.overtakeMs).unref();
  }

  #letGo(endpoint: WebhookEndpoint): void {
    for (const body of this.#queue(endpoint.id).held.splice(0)) this.#enqueue(endpoint, body);
  }

  #enqueue(endpoint: WebhookEndpoint, body: string): void {
    const queue = this.#queue(endpoint.id);
    queue.tail = queue.tail.then(async () => {
      if (await this.#deliver(endpoint, body)) queue.delivered += 1;
      else queue.failed += 1;
    });
  }

  /** Whether one of the attempts was answered with 2xx. Never rejects. */
  async #deliver(endpoint: WebhookEndpoint, body: string): Promise<boolean> {
    const { signal } = this.#closing;
    for (const delayMs of [0, ...this.#options.retryDelaysMs]) {
      try {
        if (delayMs > 0) await sleep(delayMs, undefined, { signal });
        signal.throwIfAborted();
        if (!this.#books.endpoint(endpoint.merchant, endpoint.id)) return false;
        const response = await fetch(endpoint.url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'simulator-signature': signatureOf(endpoint.secret, body, this.#options.now()),
          },
          body,
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]),
        });
        await response.body?.cancel();
        if (response.ok) return true;
      } catch {
        // Not reached, or too slow: the next attempt, or the failed count an operator can read.
        if (signal.aborted) return false;
      }
    }
    return false;
  }
}
