/**
 * Sends what is due, in bounded places. A place is taken for as long as the other side takes, so
 * nothing here waits for a send: when one ends, its place is filled again. A lane (an endpoint, or
 * the host of payments' own URLs) gets few of them, and one alone while nobody answers there: an
 * endpoint that hangs holds up itself.
 *
 * Any number of nodes may run it: a delivery is claimed by compare-and-swap on its version, and a
 * claim whose node died is free again when its time is over.
 */
import { isoTime, second } from '../base/clock.ts';
import { Conflict } from '../storage/index.ts';
import { attempt, claimMsOf, endOf, endpointOf, type Claimed } from './attempt.ts';
import { deliveryChange, mannerOf } from './delivery.ts';
import type { WebhookDesk } from './desk.ts';
import { dueDeliveries, earliestDue, lanePlacesMax, type Taken } from './due.ts';
import { deliveryGuard, type DeliveryRecord } from './record.ts';

const placesMax = 64;
/** Half: one merchant's hundred dead endpoints leave the other half to everybody else. */
const merchantPlacesMax = 32;

/** How long the sandbox's clock waits for a receiver before it goes on without him. */
const patienceMs = second;

/** How long a stop waits for the sends under way; what is cut off is sent again after its claim. */
const stopGraceMs = 5 * second;

export class Dispatcher {
  readonly #desk: WebhookDesk;
  readonly #underWay = new Map<string, { delivery: DeliveryRecord; done: Promise<void> }>();
  /** Lanes whose last attempt had no answer. */
  readonly #silent = new Set<string>();
  /** Lanes whose last attempt took long, or takes long now. */
  readonly #slow = new Set<string>();
  #pumping: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(desk: WebhookDesk) {
    this.#desk = desk;
  }

  get underWayCount(): number {
    return this.#underWay.size;
  }

  /** Fills the free places with what is due; resolves when they are filled, not when it is sent. */
  pump(): Promise<void> {
    if (this.#pumping) {
      this.#again = true;
      return this.#pumping;
    }
    this.#pumping = this.#fill().finally(() => {
      this.#pumping = undefined;
    });
    return this.#pumping;
  }

  /**
   * Until nothing is due and nothing under way, for the sandbox's clock: a receiver that is slow is
   * not waited for, or a week would take as long as all its time-outs.
   */
  async drain(): Promise<void> {
    for (;;) {
      await this.pump();
      const awaited = [...this.#underWay.values()].filter(
        ({ delivery }) => !this.#slow.has(delivery.lane),
      );
      if (awaited.length === 0) return;
      const ended = await this.#within(
        patienceMs,
        awaited.map(({ done }) => done),
      );
      if (!ended) for (const { delivery } of awaited) this.#slow.add(delivery.lane);
    }
  }

  /** When the next attempt is due that has a place, if any is: the clock can be moved there. */
  async nextAt(): Promise<string | undefined> {
    return earliestDue(this.#desk.db, this.#taken());
  }

  /** False when none of them ended in time. */
  async #within(ms: number, ends: readonly Promise<unknown>[]): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const ended = await Promise.race([late, ...ends.map((end) => end.then(() => true))]);
    clearTimeout(timer);
    return ended;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const ends = [...this.#underWay.values()].map(({ done }) => done);
    await this.#within(stopGraceMs, [Promise.allSettled([this.#pumping, ...ends])]);
  }

  async #fill(): Promise<void> {
    do {
      this.#again = false;
      while (!this.#stopped && (await this.#fillOnce()));
    } while (this.#again && !this.#stopped);
  }

  /** Answers whether there may be more that is due and has a place. */
  async #fillOnce(): Promise<boolean> {
    const free = placesMax - this.#underWay.size;
    if (free <= 0) return false;
    const { db, clock } = this.#desk;
    const due = await dueDeliveries(db, isoTime(clock.now()), free, this.#taken());
    const chosen = this.#withPlaces(due, free);
    // All are claimed before any is sent: on SQLite the claims share one commit.
    const claimed = await Promise.all(chosen.map((delivery) => this.#claim(delivery)));
    for (const one of claimed) if (one) this.#send(one);
    const lanes = new Set(due.map(({ lane }) => lane));
    // One merchant's lanes may have hidden those of the others.
    const hidden = lanes.size === free && chosen.length > 0 && chosen.length < free;
    return hidden || claimed.includes(undefined);
  }

  /** What is under way here, and lanes and merchants without a place. */
  #taken(): Taken {
    const { lanes, merchants } = this.#counts();
    const full = (counts: ReadonlyMap<string, number>, placesOf: (key: string) => number) =>
      [...counts].filter(([key, taken]) => taken >= placesOf(key)).map(([key]) => key);
    return {
      // A claim ends by the sandbox's clock, which may have been moved while we are still sending.
      ids: [...this.#underWay.keys()],
      lanes: full(lanes, (lane) => this.#placesOf(lane)),
      merchants: full(merchants, () => merchantPlacesMax),
    };
  }

  #counts() {
    const lanes = new Map<string, number>();
    const merchants = new Map<string, number>();
    for (const { delivery } of this.#underWay.values()) {
      lanes.set(delivery.lane, (lanes.get(delivery.lane) ?? 0) + 1);
      merchants.set(delivery.merchant_id, (merchants.get(delivery.merchant_id) ?? 0) + 1);
    }
    return { lanes, merchants };
  }

  #placesOf(lane: string): number {
    return this.#silent.has(lane) ? 1 : lanePlacesMax;
  }

  #withPlaces(due: readonly DeliveryRecord[], free: number): DeliveryRecord[] {
    const { lanes, merchants } = this.#counts();
    const chosen = due.filter(({ id, lane, merchant_id: merchant }) => {
      if (this.#underWay.has(id)) return false;
      const inLane = lanes.get(lane) ?? 0;
      const ofMerchant = merchants.get(merchant) ?? 0;
      if (inLane >= this.#placesOf(lane) || ofMerchant >= merchantPlacesMax) return false;
      lanes.set(lane, inLane + 1);
      merchants.set(merchant, ofMerchant + 1);
      return true;
    });
    return chosen.slice(0, free);
  }

  /** Undefined when another node has it, or when it has come to its end. */
  async #claim(delivery: DeliveryRecord): Promise<Claimed | undefined> {
    const { db, clock } = this.#desk;
    const endpoint = await endpointOf(this.#desk, delivery);
    const nowMs = clock.now();
    const end = endOf(delivery, endpoint, nowMs);
    const manner = mannerOf(this.#desk, delivery, endpoint);
    const set = end ?? { next_attempt_at: isoTime(nowMs + claimMsOf(manner)) };
    try {
      await db.commit([deliveryChange(delivery, set)]);
    } catch (error) {
      if (error instanceof Conflict && error.guard === deliveryGuard) return undefined;
      throw error;
    }
    const after = { ...delivery, ...set, version: delivery.version + 1 };
    if (!end) return { delivery: after, endpoint, manner };
    this.#desk.observer.attempted(after, 0);
    return undefined;
  }

  #send(claimed: Claimed): void {
    const { delivery } = claimed;
    const startedMs = performance.now();
    const done = attempt(this.#desk, claimed, () => this.#stopped)
      .then((answered) => {
        if (answered) this.#silent.delete(delivery.lane);
        else this.#silent.add(delivery.lane);
      })
      .catch((error: unknown) => {
        this.#silent.add(delivery.lane);
        // After a stop the database may be gone already; the claim's end brings the attempt back.
        if (!this.#stopped) this.#desk.observer.broke(delivery.id, error);
      })
      .finally(() => {
        this.#underWay.delete(delivery.id);
        if (performance.now() - startedMs < patienceMs / 2) this.#slow.delete(delivery.lane);
        else this.#slow.add(delivery.lane);
        this.#refill();
      });
    this.#underWay.set(delivery.id, { delivery, done });
  }

  #refill(): void {
    if (this.#stopped) return;
    this.pump().catch((error: unknown) => this.#desk.observer.broke(undefined, error));
  }
}
