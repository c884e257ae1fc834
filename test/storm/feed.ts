/** What makes events happen: a shop at a steady pace, which asks again until it has an answer. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from '../chaos/place.ts';

export interface FeedOptions {
  readonly events: number;
  /** Events a second. */
  readonly rate: number;
  /** Called before the nth event (from 0) is asked for. */
  before(nth: number): void;
}

/** The switch is away for a second or two when it is killed; a minute means that it stays away. */
const patienceMs = 60_000;
const pauseMs = 100;

/**
 * Each of the two makes exactly one event: customer.created, payment.created. Rejects when one of
 * them is refused. Resolves when all are acknowledged, with how many those are.
 */
export async function feed(place: Place, options: FeedOptions): Promise<number> {
  const startedMs = performance.now();
  const asked: Promise<void>[] = [];
  for (let nth = 0; nth < options.events; nth += 1) {
    const dueMs = startedMs + (nth * 1_000) / options.rate;
    const aheadMs = dueMs - performance.now();
    if (aheadMs > 0) await delay(aheadMs);
    options.before(nth);
    asked.push(ask(place, nth));
  }
  await Promise.all(asked);
  return asked.length;
}

async function ask(place: Place, nth: number): Promise<void> {
  const isPayment = nth % 2 === 1;
  const path = isPayment ? '/v1/payments' : '/v1/customers';
  const body = isPayment
    ? { amount: 1_000 + nth, currency: 'USD', confirm: false, reference: `storm-${nth}` }
    : { name: 'Jöhn “Storm” Doe', email: `storm-${nth}@shop.example`, reference: `storm-${nth}` };
  const startedMs = performance.now();
  let last = '';
  while (performance.now() - startedMs < patienceMs) {
    const answer = await once(place, path, body, `storm-${nth}`);
    if (answer.status === 201) return;
    last = `${answer.status} ${answer.text}`;
    // 0: no answer. 409: the same key is being worked on, by the process that died perhaps.
    const isLater = answer.status === 0 || answer.status === 409 || answer.status === 429;
    if (!isLater && answer.status < 500) break;
    await delay(pauseMs);
  }
  throw new Error(`event ${nth} could not be made: ${last}`);
}

async function once(place: Place, path: string, body: object, key: string) {
  const [node] = place.nodes;
  const headers = {
    authorization: `Bearer ${place.credentials.secret_key}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  try {
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${node?.url}${path}`, init);
    return { status: response.status, text: await response.text() };
  } catch (error) {
    // Killed: nobody listens, or the answer was cut off. The key makes the repeat harmless.
    return { status: 0, text: String(error) };
  }
}
