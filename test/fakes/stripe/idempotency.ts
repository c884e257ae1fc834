/**
 * Idempotency keys as Stripe's v1 API keeps them (Stripe docs, idempotent requests): the first
 * result of a request that began, good or bad, is what every repetition gets.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Params } from './params.ts';
import { Problem } from './problem.ts';
import type { Account } from './world.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly params: Params;
  readonly created: number;
  answer?: Answer;
}

/** "At least 24 hours"; afterwards the key works as a new one. */
const keptSeconds = 24 * 3600;
const longestKey = 255;

export class IdempotencyKeys {
  readonly #entries = new Map<string, Entry>();

  /**
   * @returns the stored answer of an equal request, or undefined when this one may begin
   * @throws Problem 409 while an equal request runs, 400 for other parameters under the same key
   */
  begin(
    account: Account,
    key: string,
    request: Omit<Entry, 'answer' | 'created'>,
    now: number,
  ): Answer | undefined {
    const problem = (status: number, message: string, code?: string): Problem =>
      new Problem(status, { type: 'idempotency_error', message, ...(code && { code }) }, false);
    if (key.length > longestKey) {
      throw problem(400, `Idempotency keys have at most ${longestKey} characters.`);
    }
    const name = `${account.id} ${key}`;
    const entry = this.#entries.get(name);
    if (!entry || (entry.answer && now - entry.created >= keptSeconds)) {
      this.#entries.set(name, { ...request, created: now });
      return undefined;
    }
    const { method, path, params } = entry;
    if (!isDeepStrictEqual({ method, path, params }, request)) {
      throw problem(
        400,
        'Keys for idempotent requests can only be used with the same parameters they were first ' +
          'used with. Try using another key if you meant to execute a different request.',
      );
    }
    if (entry.answer) return entry.answer;
    const message = 'There is currently another in-progress request using this idempotency key.';
    const body = {
      type: 'invalid_request_error',
      code: 'idempotency_key_in_use',
      message,
    } as const;
    throw new Problem(409, body, false);
  }

  /** Keeps the result; without one (nothing began), the key is free again. */
  end(account: Account, key: string, answer: Answer | undefined): void {
    const name = `${account.id} ${key}`;
    const entry = this.#entries.get(name);
    if (entry && answer) entry.answer = answer;
    else this.#entries.delete(name);
  }
}
