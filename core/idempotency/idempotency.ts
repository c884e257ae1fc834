/**
 * Idempotency keys. The row lands in the commit of the intention it protects, and the answer in the
 * commit of the outcome: there is no moment at which one exists without the other.
 *
 *   busy  the first request is running, or died while it did
 *   open  answered, but what became of the money is not known yet: a repeat hears the present state
 *   done  a repeat hears the first answer again, byte for byte
 */
import { isoTime, hour, minute, type Clock } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { Keyring } from '../base/keyring.ts';
import type { IdempotencySlot } from '../sdk/route.ts';
import { findOne, insert, remove, update, type Change, type Database } from '../storage/index.ts';

export interface IdempotencyRecord {
  readonly merchant_id: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly state: 'busy' | 'open' | 'done';
  readonly owner: string;
  readonly locked_until: string;
  readonly payment_id: string | null;
  readonly operation_id: string | null;
  readonly status: number | null;
  readonly body: string | null;
  readonly created_at: string;
  readonly expires_at: string;
}

export interface StoredAnswer {
  readonly status: number;
  /** The body exactly as it was sent. */
  readonly text: string;
}

/** How long a key is remembered once its request is answered. */
const timeToLiveMs = 24 * hour;

/** Longer than any processor call: a request that is older and has no answer has died. */
const lockMs = 3 * minute;

/** The guard of a finished answer, and the primary key's name for a twin. */
export const idempotencyGuard = 'idempotency_key';
export const idempotencyClash = 'idempotency_keys_pkey';

export class Idempotency {
  readonly #db: Database;
  readonly #keyring: Keyring;
  readonly #clock: Clock;
  /** This process: a key of another one on SQLite belongs to the dead. */
  readonly #owner: string;
  readonly #running = new Set<string>();

  constructor(db: Database, keyring: Keyring, clock: Clock) {
    this.#db = db;
    this.#keyring = keyring;
    this.#clock = clock;
    this.#owner = newId('request', clock.now());
  }

  /** The key is taken; goes into the change set of the intention. */
  take(slot: IdempotencySlot, about: { paymentId?: string; operationId?: string }): Change {
    slot.used = true;
    const now = this.#clock.now();
    return insert('idempotency_keys', {
      ...this.#frame(slot, now),
      state: 'busy',
      payment_id: about.paymentId ?? null,
      operation_id: about.operationId ?? null,
      status: null,
      body: null,
    });
  }

  /** The answer is known; goes into the change set of the outcome. */
  finish(slot: IdempotencySlot, answer: StoredAnswer): Change {
    const body = this.#seal(slot, answer.text);
    return this.#change(slot, { state: 'done', status: answer.status, body });
  }

  /** Answered while the outcome is unknown: repeats will hear how it stands then. */
  leaveOpen(slot: IdempotencySlot): Change {
    return this.#change(slot, { state: 'open' });
  }

  /** Taken and answered in one commit: for what needs no processor. */
  takeDone(slot: IdempotencySlot, answer: StoredAnswer): Change {
    slot.used = true;
    const now = this.#clock.now();
    return insert('idempotency_keys', {
      ...this.#frame(slot, now),
      state: 'done',
      payment_id: null,
      operation_id: null,
      status: answer.status,
      body: this.#seal(slot, answer.text),
    });
  }

  /** What is known of a key; an expired answer is forgotten on the way. */
  async find(merchantId: string, key: string): Promise<IdempotencyRecord | undefined> {
    const where = { merchant_id: merchantId, key };
    const record = await findOne<IdempotencyRecord>(this.#db, 'idempotency_keys', where);
    if (record?.state === 'done' && record.expires_at <= isoTime(this.#clock.now())) {
      await this.#db.commit([remove('idempotency_keys', { ...where, state: 'done' })]);
      return undefined;
    }
    return record;
  }

  /** Drops answers past their time. What is not settled is never dropped, however old. */
  async forgetExpired(): Promise<void> {
    for (;;) {
      const rows = await this.#db.rows<IdempotencyRecord>(
        this.#db
          .knex('idempotency_keys')
          .select('merchant_id', 'key')
          .where('state', 'done')
          .where('expires_at', '<=', isoTime(this.#clock.now()))
          .limit(500),
      );
      if (rows.length === 0) return;
      await this.#db.commit(
        rows.map(({ merchant_id, key }) =>
          remove('idempotency_keys', { merchant_id, key, state: 'done' }),
        ),
      );
    }
  }

  answerOf(record: IdempotencyRecord): StoredAnswer | undefined {
    if (record.state !== 'done' || record.body === null || record.status === null) return undefined;
    const text = this.#keyring.open(
      'stored-answer',
      bindingOf(record.merchant_id, record.key),
      record.body,
    );
    return { status: record.status, text };
  }

  /** Whether the request that took the key is still being worked on by someone alive. */
  alive(record: IdempotencyRecord): boolean {
    if (record.state !== 'busy') return false;
    if (record.owner === this.#owner) {
      return this.#running.has(runningKey(record.merchant_id, record.key));
    }
    return this.#db.dialect === 'postgres' && record.locked_until > isoTime(this.#clock.now());
  }

  /** Marks the key as being worked on in this process; false when it already is. */
  start(slot: IdempotencySlot): boolean {
    const key = runningKey(slot.merchantId, slot.key);
    if (this.#running.has(key)) return false;
    this.#running.add(key);
    return true;
  }

  stop(slot: IdempotencySlot): void {
    this.#running.delete(runningKey(slot.merchantId, slot.key));
  }

  #frame(slot: IdempotencySlot, now: number) {
    return {
      merchant_id: slot.merchantId,
      key: slot.key,
      fingerprint: slot.fingerprint,
      owner: this.#owner,
      locked_until: isoTime(now + lockMs),
      created_at: isoTime(now),
      expires_at: isoTime(now + timeToLiveMs),
    };
  }

  #change(slot: IdempotencySlot, set: { state: string; status?: number; body?: string }): Change {
    const where = { merchant_id: slot.merchantId, key: slot.key, fingerprint: slot.fingerprint };
    return update('idempotency_keys', set, where, idempotencyGuard);
  }

  /** An answer may carry a client secret or a fresh API key: it is sealed like a credential. */
  #seal(slot: IdempotencySlot, text: string): string {
    return this.#keyring.seal('stored-answer', bindingOf(slot.merchantId, slot.key), text);
  }
}

function bindingOf(merchantId: string, key: string): string {
  return `idempotency_keys/${merchantId}/${key}`;
}

function runningKey(merchantId: string, key: string): string {
  return `${merchantId} ${key}`;
}
