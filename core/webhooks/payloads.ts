/**
 * Bodies, made from the event whenever they are needed: events never change, so every attempt sends
 * the same bytes without a copy being kept. The latest are remembered, because one event often goes
 * to many endpoints at the same moment.
 */
import { invariant } from '../base/assert.ts';
import type { EventRecord } from '../events/event.ts';
import { presentEvent } from '../payments/history.ts';
import { findOne, type Database } from '../storage/index.ts';
import { encodeNative, type Signer } from './signer.ts';

/** Some 2 kB each. */
const rememberedMax = 1_000;

export class Payloads {
  readonly #db: Database;
  readonly #remembered = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Undefined when the signer's format has no word for the event. */
  of(event: Pick<EventRecord, 'merchant_id' | 'id'>, signer: Signer) {
    const key = `${signer.id} ${event.id}`;
    const known = this.#remembered.get(key);
    if (known) return known;
    const made = this.#make(event, signer);
    this.#remembered.set(key, made);
    if (this.#remembered.size > rememberedMax) {
      const [oldest = ''] = this.#remembered.keys();
      this.#remembered.delete(oldest);
    }
    // What could not be made is not remembered; whoever asked hears why.
    made.catch(() => this.#remembered.delete(key));
    return made;
  }

  async #make(
    { merchant_id, id }: Pick<EventRecord, 'merchant_id' | 'id'>,
    signer: Signer,
  ): Promise<Uint8Array | undefined> {
    const event = await findOne<EventRecord>(this.#db, 'events', { merchant_id, id });
    invariant(event, 'an event is never deleted');
    const shown = await presentEvent(this.#db, event);
    const made = await signer.encode(shown, merchant_id);
    // No other gateway has a word for it, and whoever sets up an endpoint wants to see it arrive.
    return made ?? (event.type === 'ping' ? encodeNative(shown) : undefined);
  }
}
