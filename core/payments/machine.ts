/** The two state machines of the switch, as data. docs/states.md is printed from these tables. */
import { invariant } from '../base/assert.ts';
import { defineMachine } from '../base/machine.ts';

export const paymentStatuses = [
  'created',
  'requires_action',
  'processing',
  'in_review',
  'authorized',
  'partially_captured',
  'captured',
  'partially_refunded',
  'refunded',
  'voided',
  'cancelled',
  'failed',
  'expired',
] as const;

export type PaymentStatus = (typeof paymentStatuses)[number];

/**
 * A refund that comes back leaves the payment captured, as it was before.
 * `failed` can be confirmed again (another card, up to the attempt limit). A late success wins over
 * `failed`, `cancelled` and `expired`: money that moved is told as it is.
 */
export const paymentMachine = defineMachine({
  name: 'payment',
  initial: 'created',
  states: {
    created: { confirm: 'processing', cancel: 'cancelled', expire: 'expired' },
    requires_action: {
      authorize: 'authorized',
      capture: 'captured',
      wait: 'processing',
      hold: 'in_review',
      decline: 'failed',
      cancel: 'cancelled',
      expire: 'expired',
    },
    processing: {
      ask: 'requires_action',
      hold: 'in_review',
      authorize: 'authorized',
      capture_part: 'partially_captured',
      capture: 'captured',
      refund_part: 'partially_refunded',
      refund: 'refunded',
      void: 'voided',
      decline: 'failed',
      cancel: 'cancelled',
      expire: 'expired',
    },
    in_review: {
      ask: 'requires_action',
      wait: 'processing',
      authorize: 'authorized',
      capture_part: 'partially_captured',
      capture: 'captured',
      refund_part: 'partially_refunded',
      refund: 'refunded',
      void: 'voided',
      decline: 'failed',
      cancel: 'cancelled',
      expire: 'expired',
    },
    authorized: {
      wait: 'processing',
      hold: 'in_review',
      capture_part: 'partially_captured',
      capture: 'captured',
      void: 'voided',
      expire: 'expired',
    },
    partially_captured: {
      wait: 'processing',
      hold: 'in_review',
      capture: 'captured',
      refund_part: 'partially_refunded',
      refund: 'refunded',
    },
    captured: { refund_part: 'partially_refunded', refund: 'refunded' },
    partially_refunded: {
      wait: 'processing',
      hold: 'in_review',
      refund: 'refunded',
      come_back: 'captured',
    },
    refunded: { come_back: 'captured', come_back_part: 'partially_refunded' },
    voided: {},
    cancelled: { authorize: 'authorized', capture: 'captured' },
    // Cancelled: no more tries, where there could have been some.
    failed: {
      confirm: 'processing',
      cancel: 'cancelled',
      authorize: 'authorized',
      capture: 'captured',
    },
    expired: { authorize: 'authorized', capture: 'captured' },
  },
});

const arrivals: { readonly [S in PaymentStatus]: string } = {
  created: 'create',
  requires_action: 'ask',
  processing: 'wait',
  in_review: 'hold',
  authorized: 'authorize',
  partially_captured: 'capture_part',
  captured: 'capture',
  partially_refunded: 'refund_part',
  refunded: 'refund',
  voided: 'void',
  cancelled: 'cancel',
  failed: 'decline',
  expired: 'expire',
};

/** Throws unless the table has a move from `from` to `to`; staying where one is, is no move. */
export function assertMove(from: PaymentStatus, to: PaymentStatus): void {
  if (from === to) return;
  const event = eventOf(from, to);
  invariant(
    paymentMachine.next(from, event as never) === to,
    `a payment does not go from ${from} to ${to}`,
  );
}

/** The same arrival has another name when it is not the usual way there. */
function eventOf(from: PaymentStatus, to: PaymentStatus): string {
  const fromRefund = from === 'refunded' || from === 'partially_refunded';
  if (fromRefund && to === 'captured') return 'come_back';
  if (from === 'refunded' && to === 'partially_refunded') return 'come_back_part';
  const confirming = from === 'created' || from === 'failed';
  return to === 'processing' && confirming ? 'confirm' : arrivals[to];
}

export const operationStates = [
  'calling',
  'pending',
  'unknown',
  'review',
  'succeeded',
  'declined',
  'failed',
] as const;

export type OperationState = (typeof operationStates)[number];

/**
 * calling: the intention is durable, the answer is not. pending: the processor (or the customer, or
 * a reviewer) has yet to decide. unknown: bytes may have left and no readable answer came. review:
 * the answer was about another amount, currency or reference. failed: surely nothing moved.
 */
export const operationMachine = defineMachine({
  name: 'operation',
  initial: 'calling',
  states: {
    calling: {
      succeed: 'succeeded',
      wait: 'pending',
      decline: 'declined',
      fail: 'failed',
      lose: 'unknown',
      mismatch: 'review',
    },
    pending: {
      succeed: 'succeeded',
      decline: 'declined',
      fail: 'failed',
      mismatch: 'review',
    },
    unknown: {
      succeed: 'succeeded',
      wait: 'pending',
      decline: 'declined',
      fail: 'failed',
      mismatch: 'review',
    },
    review: { succeed: 'succeeded', decline: 'declined', fail: 'failed' },
    // Refunds only: a bank that does not take the money back sends it days later.
    succeeded: { decline: 'declined' },
    // What was taken for lost may turn out to have moved money after all.
    declined: { succeed: 'succeeded', mismatch: 'review' },
    failed: { succeed: 'succeeded', mismatch: 'review' },
  },
});

const verdictEvents = {
  succeeded: 'succeed',
  pending: 'wait',
  declined: 'decline',
  failed: 'fail',
  unknown: 'lose',
  review: 'mismatch',
} as const;

/** Throws unless an operation may go from `from` to `to`; to hear the same again is no move. */
export function assertOperationMove(from: OperationState, to: keyof typeof verdictEvents): void {
  if (from === to) return;
  invariant(
    operationMachine.next(from, verdictEvents[to]) === to,
    `an operation does not go from ${from} to ${to}`,
  );
}

/** States in which only the processor (or a reviewer) can tell what became of the operation. */
export const unresolvedStates: readonly OperationState[] = [
  'calling',
  'pending',
  'unknown',
  'review',
];

export function isUnresolved(state: OperationState): boolean {
  return unresolvedStates.includes(state);
}
