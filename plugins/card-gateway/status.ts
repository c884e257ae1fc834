/** States of payments in the document's eight words, and the five that its list is asked for. */
import type { NativePaymentStatus } from '#sdk';

export type Status =
  | 'created'
  | 'authorized'
  | 'captured'
  | 'voided'
  | 'refunded'
  | 'partially_refunded'
  | 'failed'
  | 'expired';

/** Whatever is not decided yet is `created`: the document has no word for it. */
const statuses: Readonly<Record<NativePaymentStatus, Status>> = {
  created: 'created',
  requires_action: 'created',
  processing: 'created',
  in_review: 'created',
  authorized: 'authorized',
  partially_captured: 'captured',
  captured: 'captured',
  partially_refunded: 'partially_refunded',
  refunded: 'refunded',
  voided: 'voided',
  cancelled: 'voided',
  failed: 'failed',
  expired: 'expired',
};

export const statusOf = (native: NativePaymentStatus): Status => statuses[native];

const approved: ReadonlySet<Status> = new Set([
  'authorized',
  'captured',
  'partially_refunded',
  'refunded',
]);

/** As far as the state alone tells. */
export const wasApproved = (status: Status) => approved.has(status);

/** The filter has no word for partly refunded ones: they are among the refunded. */
export const filters = {
  authorized: 'authorized',
  captured: 'captured,partially_captured',
  voided: 'voided,cancelled',
  refunded: 'refunded,partially_refunded',
  failed: 'failed',
} as const;

export type Filter = keyof typeof filters;
