/** The random strategy, and randomness that can be repeated. */
import { createHash } from 'node:crypto';
import { byPlace, type Ordering, type Situation } from './candidate.ts';

/** Random: every order is as likely as any other (Fisher and Yates). */
export function drawn({ eligible, random }: Situation): Ordering {
  const order = eligible.toSorted(byPlace);
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    const [a, b] = [order[at], order[other]];
    if (a && b) [order[at], order[other]] = [b, a];
  }
  return { order, changes: [], because: { word: 'drawn', figures: { among: order.length } } };
}

/**
 * A stream of numbers from 0 (included) to 1 (left out) that a seed fixes: mulberry32, good enough
 * to share out payments, not for secrets. Seeded with a payment's id, every node draws the same.
 */
export function seededRandom(seed: string): () => number {
  let state = createHash('sha256').update(seed).digest().readUInt32BE();
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
