/**
 * What a dialect's idempotency key means, on top of ours. That nothing happens twice is the native
 * calls' doing: each is made under a key derived from the dialect's, so a repeat may run the
 * handler again. Kept here is the answer, in the dialect's own bytes, for as long as its document
 * says; and a round, which grows when the same key is to be a new request.
 */
import { isoTime, day, type Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Keyring } from '../base/keyring.ts';
import type { DialectReply } from '../sdk/dialect.ts';
import {
  Conflict,
  findOne,
  insert,
  remove,
  update,
  type Change,
  type Database,
} from '../storage/index.ts';

export interface DialectAnswerRecord {
  readonly merchant_id: string;
  readonly plugin: string;
  readonly key: string;
  readonly fingerprint: string;
  /** Part of the native keys. */
  readonly round: number;
  /** Null: there is no answer to repeat, the key waits for its next round. */
  readonly status: number | null;
  readonly answer: string | null;
  readonly expires_at: string;
  readonly created_at: string;
}

export interface Ticket {
  readonly merchantId: string;
  readonly plugin: string;
  readonly key: string;
  readonly fingerprint: string;
}

/** As it was sent. */
export interface PrintedAnswer {
  readonly status: number;
  readonly text: string;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function printedReply({ status, body, headers, contentType }: DialectReply): PrintedAnswer {
  const text = contentType === undefined ? JSON.stringify(body) : String(body);
  return { status, text, contentType: contentType ?? 'application/json', headers: headers ?? {} };
}

const answersGuard = 'dialect_answers_round';
const answersClash = 'dialect_answers_pkey';

/** Native answers live a day: a round must not be forgotten before the keys that it is part of. */
const roundsKeptMs = 2 * day;

export class DialectAnswers {
  readonly #db: Database;
  readonly #keyring: Keyring;
  readonly #clock: Clock;

  constructor(db: Database, keyring: Keyring, clock: Clock) {
    this.#db = db;
    this.#keyring = keyring;
    this.#clock = clock;
  }

  find(ticket: Ticket): Promise<DialectAnswerRecord | undefined> {
    return findOne<DialectAnswerRecord>(this.#db, 'dialect_answers', keyOf(ticket));
  }

  /** The answer to repeat; undefined when there is none, or its time is over. */
  opened(record: DialectAnswerRecord | undefined): PrintedAnswer | undefined {
    if (!record || record.answer === null) return undefined;
    if (record.expires_at <= isoTime(this.#clock.now())) return undefined;
    const text = this.#keyring.open('stored-answer', bindingOf(record), record.answer);
    return JSON.parse(text) as PrintedAnswer;
  }

  /**
   * Keeps the answer of a round, or with undefined that the next repeat is a new request. When
   * another node was faster, its answer stands: it is the same one.
   */
  async keep(
    ticket: Ticket,
    before: DialectAnswerRecord | undefined,
    round: number,
    printed: PrintedAnswer | undefined,
    ttlMs: number,
  ): Promise<void> {
    const now = this.#clock.now();
    const row = {
      ...keyOf(ticket),
      fingerprint: ticket.fingerprint,
      round,
      status: printed?.status ?? null,
      answer: printed ? this.#sealed(ticket, { ...printed }) : null,
      expires_at: isoTime(now + ttlMs),
      created_at: isoTime(now),
    };
    const where = { ...keyOf(ticket), round: before?.round ?? 0, status: before?.status ?? null };
    const change: Change = before
      ? update('dialect_answers', row, where, answersGuard)
      : insert('dialect_answers', row);
    try {
      await this.#db.commit([change]);
    } catch (error) {
      const faster =
        error instanceof Conflict && [answersGuard, answersClash].includes(error.guard);
      if (!faster) throw error;
    }
  }

  /** Drops rows whose answer and whose round are of no use any more. */
  async forgetExpired(): Promise<void> {
    const before = isoTime(this.#clock.now() - roundsKeptMs);
    for (;;) {
      const rows = await this.#db.rows<DialectAnswerRecord>(
        this.#db
          .knex('dialect_answers')
          .select('merchant_id', 'plugin', 'key')
          .where('expires_at', '<=', before)
          .limit(500),
      );
      if (rows.length === 0) return;
      await this.#db.commit(
        rows.map(({ merchant_id, plugin, key }) =>
          remove('dialect_answers', { merchant_id, plugin, key }),
        ),
      );
    }
  }

  /** It may carry a client secret. */
  #sealed(ticket: Ticket, printed: JsonObject): string {
    const binding = bindingOf(keyOf(ticket));
    return this.#keyring.seal('stored-answer', binding, JSON.stringify(printed));
  }
}

function keyOf({ merchantId, plugin, key }: Ticket) {
  return { merchant_id: merchantId, plugin, key };
}

function bindingOf(row: { merchant_id: string; plugin: string; key: string }): string {
  return `dialect_answers/${row.merchant_id}/${row.plugin}/${row.key}`;
}
