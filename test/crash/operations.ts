/**
 * Everything the API lets a processor do, once each: what it is done to, the request, and how the
 * payment stands when it was carried out, or surely was not.
 */
import { randomUUID } from 'node:crypto';
import { request, type Door } from '../chaos/books.ts';
import { card, chargeBody } from '../support/app.ts';

export interface Move {
  readonly name: string;
  /** The route's id in the API description. */
  readonly route: string;
  readonly kind: 'authorize' | 'capture' | 'void' | 'refund' | 'approve' | 'reject';
  /** What the payment looks like that it is done to; none for what makes its own. */
  readonly subject?: object;
  path(id: string): string;
  body(id: string): object;
  /** Status of the first answer. */
  readonly success: number;
  readonly done: object;
}

/** Cards of the simulator with a will of their own. */
const challenged = card('4000000000003220');
const held = card('4000000000009235');

const authorized = chargeBody({ capture_method: 'manual' });
const payments = () => '/v1/payments';
const under = (verb: string) => (id: string) => `/v1/payments/${id}/${verb}`;
const nothing = () => ({});

export const moves: readonly Move[] = [
  {
    name: 'authorize',
    route: 'createPayment',
    kind: 'authorize',
    path: payments,
    body: () => authorized,
    success: 201,
    done: { status: 'authorized', amount_authorized: 10_000, amount_captured: 0 },
  },
  {
    name: 'sale',
    route: 'createPayment',
    kind: 'authorize',
    path: payments,
    body: () => chargeBody(),
    success: 201,
    done: { status: 'captured', amount_authorized: 10_000, amount_captured: 10_000 },
  },
  {
    name: 'confirm',
    route: 'confirmPayment',
    kind: 'authorize',
    subject: { amount: 10_000, currency: 'USD', capture_method: 'manual' },
    path: under('confirm'),
    body: () => ({ payment_method: card('5555555555554444') }),
    success: 200,
    done: { status: 'authorized', amount_authorized: 10_000, amount_captured: 0 },
  },
  {
    name: 'capture',
    route: 'capturePayment',
    kind: 'capture',
    subject: authorized,
    path: under('capture'),
    body: () => ({ amount: 4_000, final: true }),
    success: 200,
    done: { status: 'captured', amount_captured: 4_000, amount_voided: 6_000 },
  },
  {
    name: 'void',
    route: 'voidPayment',
    kind: 'void',
    subject: authorized,
    path: under('void'),
    body: nothing,
    success: 200,
    done: { status: 'voided', amount_voided: 10_000, amount_captured: 0 },
  },
  {
    name: 'refund',
    route: 'createRefund',
    kind: 'refund',
    subject: chargeBody(),
    path: () => '/v1/refunds',
    body: (id) => ({ payment: id, amount: 6_000 }),
    success: 201,
    done: { status: 'partially_refunded', amount_captured: 10_000, amount_refunded: 6_000 },
  },
  {
    name: 'approve',
    route: 'approvePayment',
    kind: 'approve',
    subject: chargeBody({ payment_method: held }),
    path: under('approve'),
    body: nothing,
    success: 200,
    done: { status: 'captured', amount_captured: 10_000 },
  },
  {
    name: 'reject',
    route: 'rejectPayment',
    kind: 'reject',
    subject: chargeBody({ payment_method: held }),
    path: under('reject'),
    body: nothing,
    success: 200,
    done: { status: 'cancelled', amount_authorized: 0 },
  },
  {
    name: 'cancel',
    route: 'cancelPayment',
    kind: 'void',
    subject: chargeBody({ payment_method: challenged }),
    path: under('cancel'),
    body: nothing,
    success: 200,
    done: { status: 'cancelled', amount_authorized: 0 },
  },
];

/** One move that is going to be made, with the name it can be found by whatever happens to it. */
export interface Case {
  readonly move: Move;
  readonly reference: string;
  /** Undefined for what makes its own payment. */
  readonly subjectId: string | undefined;
  readonly key: string;
}

/** Makes what the move is done to. */
export async function prepare(door: Door, move: Move): Promise<Case> {
  const reference = `crash-${randomUUID()}`;
  const key = randomUUID();
  if (!move.subject) return { move, reference, subjectId: undefined, key };
  const body = { ...move.subject, reference };
  const { id } = await request<{ id: string }>(door, '/v1/payments', { method: 'POST', body });
  return { move, reference, subjectId: id, key };
}

export interface Heard {
  readonly status: number;
  readonly text: string;
  readonly replayed: boolean;
}

/** Makes the move; rejects when the connection breaks. */
export async function make(door: Door, made: Case): Promise<Heard> {
  const { move, reference, subjectId = '', key } = made;
  const body = move.subject ? move.body(subjectId) : { ...move.body(''), reference };
  const response = await fetch(door.url + move.path(subjectId), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${door.secretKey}`,
      'content-type': 'application/json',
      'idempotency-key': key,
    },
    body: JSON.stringify(body),
  });
  const replayed = response.headers.get('idempotent-replayed') === 'true';
  return { status: response.status, text: await response.text(), replayed };
}
