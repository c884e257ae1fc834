/**
 * Moving the sandbox's time. What falls due on the way is done at its own moment and in its order,
 * so that a week of authorizations, retries and sessions plays back the same way each time.
 */
import { isoTime, type MovableClock } from '../base/clock.ts';
import type { Database } from '../storage/index.ts';

const name = 'clock_offset_ms';

/** Something that falls due by the clock. */
export interface DueWork {
  /** The earliest moment at which there is something to do (ISO), if there is any. */
  nextAt(): Promise<string | undefined>;
  /** Does everything that is due now. */
  runDue(): Promise<void>;
}

/** Moments on the way at which work was done; a guard against work that never finishes. */
const stopsMax = 100_000;

/** How often one moment of one work is run before it is left alone. */
const offersMax = 20;

interface Offer {
  readonly moment: string;
  readonly times: number;
}

export class SandboxClock {
  readonly #db: Database;
  readonly #clock: MovableClock;
  readonly #work: readonly DueWork[];
  #moving: Promise<unknown> = Promise.resolve();

  constructor(db: Database, clock: MovableClock, work: readonly DueWork[]) {
    this.#db = db;
    this.#clock = clock;
    this.#work = work;
  }

  now(): string {
    return isoTime(this.#clock.now());
  }

  get offsetMs(): number {
    return this.#clock.offsetMs;
  }

  /** Takes over what another node (or an earlier start) moved the clock by. */
  async refresh(): Promise<void> {
    const [row] = await this.#db.find<{ value: string }>('settings', { name });
    if (row) this.#clock.setOffset(Number(row.value));
  }

  /**
   * Moves the clock on by `ms`, stopping wherever something falls due. Moves run one after another.
   */
  advance(ms: number): Promise<{ stops: number }> {
    const moved = this.#moving.then(() => this.#advance(ms));
    this.#moving = moved.catch(() => undefined);
    return moved;
  }

  async #advance(ms: number): Promise<{ stops: number }> {
    const targetOffset = this.#clock.offsetMs + ms;
    const target = this.#clock.now() + ms;
    const offered = new Map<DueWork, Offer>();
    let stops = 0;
    while (stops < stopsMax) {
      const next = await this.#nextMs(offered);
      if (next === undefined || next > target) break;
      const behindMs = next - this.#clock.now();
      if (behindMs > 0) await this.#setOffset(this.#clock.offsetMs + behindMs);
      for (const work of this.#work) await work.runDue();
      stops += 1;
    }
    await this.#setOffset(targetOffset);
    return { stops };
  }

  /** What stays due however often it was run is somebody else's just now, and not waited for. */
  async #nextMs(offered: Map<DueWork, Offer>): Promise<number | undefined> {
    const known: number[] = [];
    for (const work of this.#work) {
      const moment = await work.nextAt();
      if (moment === undefined) continue;
      const before = offered.get(work);
      const times = before?.moment === moment ? before.times + 1 : 1;
      offered.set(work, { moment, times });
      if (times <= offersMax) known.push(Date.parse(moment));
    }
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** Durable before it is felt: a restart must not throw the sandbox back in time. */
  async #setOffset(offsetMs: number): Promise<void> {
    if (offsetMs <= this.#clock.offsetMs) return;
    const value = String(offsetMs);
    const { knex } = this.#db;
    await this.#db.rows(
      knex('settings')
        .insert({ name, value })
        .onConflict('name')
        .merge({ value })
        .returning('name'),
    );
    this.#clock.setOffset(offsetMs);
  }
}
