/** Four words for the thirteen states of a payment; some are lossy, and README.md says which. */
import { Problem } from '#sdk';

export const statuses = ['pending', 'paid', 'expired', 'failed'] as const;

export type Status = (typeof statuses)[number];

const words: Readonly<Record<string, Status>> = {
  created: 'pending',
  requires_action: 'pending',
  processing: 'pending',
  in_review: 'pending',
  authorized: 'pending',
  partially_captured: 'paid',
  captured: 'paid',
  partially_refunded: 'paid',
  refunded: 'paid',
  voided: 'failed',
  cancelled: 'failed',
  failed: 'failed',
  expired: 'expired',
};

/** Throws for a state that no table has: a word is never made up. */
export function statusOf(state: string): Status {
  const word = Object.hasOwn(words, state) ? words[state] : undefined;
  if (word) return word;
  throw new Problem('internal_error', `Paypool has no word for ${state}`);
}

/** Called off: `failed` here, with a mark in the metadata. */
export const isCalledOff = (state: string) => state === 'cancelled' || state === 'voided';

/** The native states behind a word, parted by commas: for listPayments. */
export const statesOf = (status: Status) =>
  Object.entries(words)
    .filter(([, word]) => word === status)
    .map(([state]) => state)
    .join(',');
