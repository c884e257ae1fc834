/**
 * Somebody at the processor's own pages: refunds that nobody asked the switch for, refunds that
 * come back, disputes and how they end. The switch hears of them by webhook alone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { readSimulator } from './books.ts';
import { randomOf, type Random } from './random.ts';

export interface DeskAct {
  /** The processor's id of the refund or the dispute. */
  readonly id: string;
  readonly kind: 'refund' | 'dispute';
  /** The switch's reference of the authorization it was done to. */
  readonly authorization: string;
  readonly amount: number;
  /** How it stands at the processor: a refund may come back, a dispute ends. */
  state: 'succeeded' | 'failed' | 'needs_response' | 'won' | 'lost';
}

const pauseMs = { low: 60, high: 260 };

export class ProcessorDesk {
  readonly acts: DeskAct[] = [];
  readonly #simulatorUrl: string;
  readonly #random: Random;
  /** One kind of act for each charge: together they could ask for more money than there is. */
  readonly #touched = new Map<string, DeskAct['kind']>();
  #open = true;

  constructor(simulatorUrl: string, seed: number) {
    this.#simulatorUrl = simulatorUrl;
    this.#random = randomOf(seed, 'processor desk');
  }

  /** Acts until {@link close}; resolves after the last. */
  async run(): Promise<void> {
    while (this.#open) {
      await delay(this.#random.between(pauseMs.low, pauseMs.high));
      if (!this.#open) return;
      if (this.#random.chance(0.3)) await this.#goOn();
      else await this.#begin();
    }
  }

  close(): void {
    this.#open = false;
  }

  async #begin(): Promise<void> {
    const random = this.#random;
    const since = new Date(Date.now() - 15_000).toISOString();
    const lines = await readSimulator(this.#simulatorUrl, since);
    const charges = lines.filter(
      ({ kind, status }) => kind === 'authorize' && status === 'captured',
    );
    if (charges.length === 0) return;
    const { charge, reference } = random.pick(charges);
    const kind = this.#touched.get(charge) ?? (random.chance(0.6) ? 'refund' : 'dispute');
    this.#touched.set(charge, kind);
    const amount = random.between(1, 900);
    const done = await this.#post(`charges/${charge}/${kind}s`, { amount });
    if (!done) return;
    const state = kind === 'refund' ? 'succeeded' : 'needs_response';
    this.acts.push({ id: done.id, kind, authorization: reference, amount, state });
  }

  /** Something that was begun comes to its end. */
  async #goOn(): Promise<void> {
    const random = this.#random;
    const open = this.acts.filter(
      ({ state }) => state === 'succeeded' || state === 'needs_response',
    );
    if (open.length === 0) return;
    const act = random.pick(open);
    if (act.kind === 'refund') {
      if (await this.#post(`refunds/${act.id}/fail`, {})) act.state = 'failed';
      return;
    }
    const outcome = random.pick(['won', 'lost'] as const);
    if (await this.#post(`disputes/${act.id}/resolve`, { outcome })) act.state = outcome;
  }

  /** Undefined when the processor refuses it: the money is gone already. */
  async #post(path: string, body: object): Promise<{ readonly id: string } | undefined> {
    const response = await fetch(`${this.#simulatorUrl}/control/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as { readonly id: string };
    if (response.ok) return answer;
    if (response.status >= 500) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return undefined;
  }
}
