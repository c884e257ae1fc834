/** Four words for the thirteen states of a payment; some are lossy, and README.md says which. */
import { statusesBehind, type NativePaymentStatus } from '#sdk';

export const statuses = ['pending', 'paid', 'expired', 'failed'] as const;

export type Status = (typeof statuses)[number];

const words: Readonly<Record<NativePaymentStatus, Status>> = {
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

export const statusOf = (state: NativePaymentStatus): Status => words[state];

/** Called off: `failed` here, with a mark in the metadata. */
export const isCalledOff = (state: NativePaymentStatus) =>
  state === 'cancelled' || state === 'voided';

/** The native states behind a word, parted by commas: for listPayments. */
export const statesOf = (status: Status) => statusesBehind(words, status);
