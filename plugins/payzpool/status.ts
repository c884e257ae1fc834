/** Native states in the document's six words, and back for the filter of lists. */
import { statusesBehind, type NativePaymentStatus } from '#sdk';

export const statuses = [
  'pending',
  'processing',
  'succeeded',
  'failed',
  'refunded',
  'cancelled',
] as const;

export type Status = (typeof statuses)[number];

/** Lossy where the document has one word for several: README.md. */
const words: Readonly<Record<NativePaymentStatus, Status>> = {
  created: 'pending',
  requires_action: 'pending',
  processing: 'processing',
  in_review: 'processing',
  authorized: 'processing',
  partially_captured: 'succeeded',
  captured: 'succeeded',
  partially_refunded: 'refunded',
  refunded: 'refunded',
  voided: 'cancelled',
  cancelled: 'cancelled',
  expired: 'cancelled',
  failed: 'failed',
};

export const statusOf = (native: NativePaymentStatus): Status => words[native];

/** For the native list: `captured,partially_captured`. */
export const nativeStatuses = (status: Status) => statusesBehind(words, status);

/** What Stripe's own redirects say (`succeeded`, `failed`), and `pending` for what is open. */
export function redirectStatusOf(native: NativePaymentStatus): 'succeeded' | 'pending' | 'failed' {
  const status = statusOf(native);
  if (status === 'succeeded' || status === 'refunded') return 'succeeded';
  return status === 'failed' || status === 'cancelled' ? 'failed' : 'pending';
}
