/**
 * All buyers. A number of them are busy at a time; one whose answer takes long steps aside and goes
 * on asking slowly, so that a processor's silence does not end the load.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Counter } from './buyer.ts';
import { buy, type Order } from './order.ts';
import { randomOf } from './random.ts';

/** After so many answers that settle nothing a buyer makes room for another. */
const patienceRounds = 6;
/** Those who stepped aside ask this rarely. */
const slowPauseMs = 1_500;
/** Above this many waiting orders nobody new comes in: it would hide a switch that hangs. */
const waitingMax = 400;

/** Cents of the first order; every order costs one more than the one before. */
const firstAmount = 10_000;

export class Crowd {
  readonly orders: Order[] = [];
  readonly #counter: Counter;
  readonly #seed: number;
  readonly #underWay = new Set<Promise<void>>();
  #open = true;

  constructor(counter: Counter, seed: number) {
    this.#counter = counter;
    this.#seed = seed;
  }

  /** Orders begun and not finished. */
  get waiting(): number {
    return this.#underWay.size;
  }

  /** Keeps `clients` buyers busy until {@link close}. */
  async run(clients: number): Promise<void> {
    await Promise.all(Array.from({ length: clients }, (_, at) => this.#lane(at)));
  }

  /** No new orders; those under way go on. */
  close(): void {
    this.#open = false;
  }

  /** Resolves when every order has its answers, or the round was given up. */
  async finished(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #lane(at: number): Promise<void> {
    const random = randomOf(this.#seed, `lane ${at}`);
    while (this.#open) {
      await delay(random.between(20, 80));
      if (this.#underWay.size < waitingMax) await this.#serve();
    }
  }

  /** Resolves when the order is done or has stepped aside. */
  #serve(): Promise<void> {
    const number = this.orders.length;
    const order: Order = {
      reference: `order-${this.#seed}-${number}`,
      amount: firstAmount + number,
      answers: [],
      open: 0,
    };
    this.orders.push(order);
    return new Promise((stepAside) => {
      const bought = buy(this.#counter, this.#seed, order, async (rounds) => {
        if (rounds < patienceRounds) return;
        stepAside();
        await delay(slowPauseMs);
      });
      const done = bought.finally(() => {
        this.#underWay.delete(done);
        stepAside();
      });
      this.#underWay.add(done);
    });
  }
}
