/**
 * Who listens. A merchant's row says whether its events go into the outbox; the rest pays one look
 * at a small map. On SQLite there is one process and the map is exact; a node on Postgres may be
 * two seconds behind the others, and what it leaves out in that time is caught up with.
 */
import { isoTime, second, type Clock } from '../base/clock.ts';
import { findOne, insert, update, type Change, type Database } from '../storage/index.ts';
import { listenerGuard, type ListenerRecord } from './record.ts';

/** How long a node on Postgres believes what it read. */
const believedMs = 2 * second;

/**
 * Longer than a belief, the longest statement (15 s, core/storage/postgres.ts) and its repeats: by
 * then whoever wrote an event without knowing of the listener has committed it.
 */
const catchUpAfterMs = 60 * second;

interface Known {
  readonly active: boolean;
  readonly byPayment: boolean;
  readonly readAtMs: number;
}

export class Listeners {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** What is known now, without asking; undefined when {@link load} has to look first. */
  peek(merchantId: string): Known | undefined {
    const known = this.#known.get(merchantId);
    if (!known || this.#db.dialect === 'sqlite') return known;
    // Real time: how fresh a belief is has nothing to do with the sandbox's clock.
    return performance.now() - known.readAtMs < believedMs ? known : undefined;
  }

  async load(merchantId: string): Promise<void> {
    const readAtMs = performance.now();
    const row = await this.row(merchantId);
    const meanwhile = this.peek(merchantId);
    // Learnt while we read: newer than what we read.
    if (meanwhile && meanwhile.readAtMs >= readAtMs) return;
    const known = { active: row?.active === 1, byPayment: row?.by_payment === 1, readAtMs };
    this.#known.set(merchantId, known);
  }

  row(merchantId: string): Promise<ListenerRecord | undefined> {
    return findOne<ListenerRecord>(this.#db, 'webhook_listeners', { merchant_id: merchantId });
  }

  /** To be called before the commit that makes it so: events that come after it must be told. */
  expect(merchantId: string, byPayment: boolean): void {
    const before = this.#known.get(merchantId);
    this.#known.set(merchantId, {
      active: true,
      byPayment: byPayment || before?.byPayment === true,
      readAtMs: performance.now(),
    });
  }

  forget(merchantId: string): void {
    this.#known.delete(merchantId);
  }

  /**
   * The change that makes a merchant listen. It moves the row's version also when nothing else
   * changes, so that it never passes a change that lets the merchant go.
   */
  startChange(before: ListenerRecord | undefined, merchantId: string, byPayment: 0 | 1): Change {
    const ms = this.#clock.now();
    const begun: Partial<ListenerRecord> = {
      active: 1,
      since: isoTime(ms),
      catch_up_at: this.#db.dialect === 'sqlite' ? null : isoTime(ms + catchUpAfterMs),
    };
    if (!before) {
      const named = { merchant_id: merchantId, by_payment: byPayment };
      return insert('webhook_listeners', { ...named, ...begun, version: 1 });
    }
    return listenerChange(before, {
      ...(before.active === 1 ? {} : begun),
      by_payment: byPayment === 1 ? 1 : before.by_payment,
    });
  }

  /** The change that lets a merchant go, when nothing of his listens any more. */
  stopChanges(before: ListenerRecord | undefined): readonly Change[] {
    if (!before || before.by_payment === 1) return [];
    return [listenerChange(before, { active: 0, catch_up_at: null })];
  }
}

export function listenerChange(
  { merchant_id, version }: ListenerRecord,
  set: Partial<ListenerRecord>,
): Change {
  const where = { merchant_id, version };
  return update('webhook_listeners', { ...set, version: version + 1 }, where, listenerGuard);
}
