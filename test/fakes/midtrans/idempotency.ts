/**
 * Idempotency-Key (reference/api-headers): of up to 46 characters, kept five minutes, one space for
 * all paths of a merchant; only successes are kept, and a repeat gets them whatever its body says.
 * A request whose twin is still running is answered with HTTP 202.
 */
import type { Answer } from './answers.ts';
import { maximumIdempotencyKey } from './headers.ts';
import { isObject } from './wire.ts';

const lifeMs = 5 * 60_000;

interface Kept {
  readonly atMs: number;
  readonly answer: Answer;
}

export class Idempotency {
  readonly #now: () => number;
  readonly #running = new Set<string>();
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The name under which an answer is kept; undefined where the header does nothing. */
  keyOf(serverKey: string, header: unknown, body: unknown): string | undefined {
    if (typeof header !== 'string' || header === '') return undefined;
    if (header.length > maximumIdempotencyKey || isExempt(body)) return undefined;
    return `${serverKey}\n${header}`;
  }

  /** What to answer in place of acting: what is kept, or that a twin is running. */
  before(key: string): Answer | undefined {
    if (this.#running.has(key)) {
      const text = 'A request with the same Idempotency-Key is being processed';
      return { http: 202, body: { status_code: '202', status_message: text } };
    }
    const kept = this.#kept.get(key);
    return kept && this.#now() < kept.atMs + lifeMs ? kept.answer : undefined;
  }

  begin(key: string): void {
    this.#running.add(key);
  }

  keep(key: string, answer: Answer): void {
    if (isSuccess(answer)) this.#kept.set(key, { atMs: this.#now(), answer });
  }

  end(key: string): void {
    this.#running.delete(key);
  }
}

function isSuccess({ http, body }: Answer): boolean {
  if (http >= 300 || !isObject(body)) return false;
  const code = Number(body['status_code'] ?? http);
  // 407 is how a successful expire reports itself.
  return code < 300 || code === 407;
}

/** Permata accounts and Indomaret codes: the bank and the shop do not know the header. */
function isExempt(body: unknown): boolean {
  if (!isObject(body)) return false;
  const bank = isObject(body['bank_transfer']) ? body['bank_transfer']['bank'] : undefined;
  const store = isObject(body['cstore']) ? body['cstore']['store'] : undefined;
  return bank === 'permata' || store === 'indomaret';
}
