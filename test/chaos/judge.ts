/**
 * Three sides held against each other: what the buyers were told, what the switch's books say, what
 * the processor really did. Pure, so that the judge can be tried on made-up crimes.
 */
import type { Answer } from './buyer.ts';
import type { Books, SimulatorLine } from './books.ts';
import type { Order } from './order.ts';

export interface Findings {
  /** Orders charged more than once at the processor. */
  readonly doubled: string[];
  /** What a buyer was told and the books do not say, or the processor did not do. */
  readonly lost: string[];
  /** What the processor did and the books do not say, or the other way round. */
  readonly unrecorded: string[];
  /** Requests without an answer, operations without an outcome. */
  readonly unresolved: string[];
  /** Captured beyond the hold, or refunded beyond the captures, at the processor. */
  readonly exceeded: string[];
  /** Refusals that no buyer should ever hear. */
  readonly unexpected: string[];
  /** A payment that stands behind what a buyer was told of it. */
  readonly regressed: string[];
  /** See {@link NewsFindings}. */
  readonly misfiled: string[];
  readonly unheeded: string[];
}

/** Ledger words for "money is held or has moved". A voided charge had been held. */
const effective = new Set(['authorized', 'captured', 'voided', 'succeeded']);
const unsettled = new Set(['calling', 'pending', 'unknown']);
const kinds = new Set(['authorize', 'capture', 'void', 'refund']);

/**
 * Refusals that belong to this storm: a decline, a processor out of reach, a race that was lost.
 */
const expectedCodes = new Set([
  'payment_declined',
  'processor_unreachable',
  'processor_refused',
  'payment_state',
  'amount_too_large',
]);

export function emptyFindings(): Findings {
  return {
    doubled: [],
    lost: [],
    unrecorded: [],
    unresolved: [],
    exceeded: [],
    unexpected: [],
    regressed: [],
    misfiled: [],
    unheeded: [],
  };
}

/** All checks. `books` is undefined for a handler without books that can be read. */
export function judge(
  orders: readonly Order[],
  lines: readonly SimulatorLine[],
  books: Books | undefined,
): Findings {
  const findings = emptyFindings();
  const carriedOut = lines.filter(({ status }) => effective.has(status));
  countCharges(orders, carriedOut, findings);
  addUp(carriedOut, findings);
  for (const order of orders) {
    if (order.open > 0) findings.unresolved.push(`${order.reference}: no answer to the end`);
    for (const { code, action, status } of order.answers) {
      if (code === undefined || expectedCodes.has(code)) continue;
      findings.unexpected.push(`${order.reference} ${action}: ${status} ${code}`);
    }
  }
  if (books) {
    // What the processor's own pages did has no reference of ours: see judgeNews.
    const asked = carriedOut.filter(({ origin }) => origin === undefined);
    compareBooks(asked, books, findings);
    const busy = busyPayments(books);
    for (const order of orders) {
      compareAnswers(order, books, busy, findings);
      compareStanding(order, books, findings);
    }
  }
  return findings;
}

/** By amount, which is the order's own: nobody has to be believed for this. */
function countCharges(
  orders: readonly Order[],
  carriedOut: readonly SimulatorLine[],
  findings: Findings,
): void {
  const charges = new Map<number, number>();
  for (const { kind, amount } of carriedOut) {
    if (kind === 'authorize') charges.set(amount, (charges.get(amount) ?? 0) + 1);
  }
  for (const { reference, amount, answers, open } of orders) {
    const count = charges.get(amount) ?? 0;
    charges.delete(amount);
    if (count > 1) findings.doubled.push(`${reference}: charged ${count} times`);
    // What a person has to look at is neither paid nor unpaid yet.
    if (answers.some(({ kind }) => kind === 'review')) continue;
    const paid = answers.some(({ kind, payment }) => kind === 'ok' && isHeld(payment?.status));
    if (paid && count === 0) {
      findings.lost.push(`${reference}: told paid, the processor has no charge`);
    }
    if (!paid && count > 0 && open === 0) {
      findings.lost.push(`${reference}: told not paid, the processor charged`);
    }
  }
  for (const [amount, count] of charges) {
    findings.unrecorded.push(`${count} charges of ${amount}: nobody ordered that`);
  }
}

const isHeld = (status: string | undefined): boolean =>
  status !== undefined && status !== 'created' && status !== 'failed';

/** By the processor's own lines. A charge captured at once has no line of its own for that. */
function addUp(carriedOut: readonly SimulatorLine[], findings: Findings): void {
  const charges = new Map<string, { held: number; whole: boolean; taken: number; back: number }>();
  for (const { kind, charge, amount, status } of carriedOut) {
    const sums = charges.get(charge) ?? { held: 0, whole: false, taken: 0, back: 0 };
    charges.set(charge, sums);
    if (kind === 'authorize') {
      sums.held += amount;
      sums.whole = status === 'captured';
    }
    if (kind === 'capture') sums.taken += amount;
    if (kind === 'refund') sums.back += amount;
  }
  for (const [charge, { held, whole, taken, back }] of charges) {
    const captured = taken === 0 && whole ? held : taken;
    if (captured > held) findings.exceeded.push(`${charge}: ${captured} captured of ${held}`);
    if (back > captured) findings.exceeded.push(`${charge}: ${back} refunded of ${captured}`);
  }
}

/** One for one, in both directions. */
function compareBooks(
  carriedOut: readonly SimulatorLine[],
  { payments, operations }: Books,
  findings: Findings,
): void {
  const seen = new Map<string, number>();
  for (const { kind, reference, amount, currency } of carriedOut) {
    if (!kinds.has(kind)) continue;
    seen.set(reference, (seen.get(reference) ?? 0) + 1);
    const ours = operations.get(reference);
    const what = `${reference}: the processor did the ${kind} of ${amount}`;
    if (!ours) findings.unrecorded.push(`${what}, the books do not know it`);
    else if (ours.state === 'review') continue;
    else if (ours.state !== 'succeeded') findings.unrecorded.push(`${what}, we say ${ours.state}`);
    else if (ours.kind !== kind || ours.amount !== amount || ours.currency !== currency) {
      findings.unrecorded.push(`${what}, we say ${ours.kind} of ${ours.amount}`);
    }
  }
  for (const { id, kind, state, origin } of operations.values()) {
    if (unsettled.has(state)) findings.unresolved.push(`${id}: the ${kind} is ${state}`);
    if (origin === 'processor') continue;
    const count = seen.get(id) ?? 0;
    if (count > 1) findings.doubled.push(`${id}: the ${kind} was carried out ${count} times`);
    if (state === 'succeeded' && count === 0) {
      findings.unrecorded.push(`${id}: we say the ${kind} succeeded, the processor did not do it`);
    }
  }
  for (const { id, status } of payments.values()) {
    if (status === 'processing') findings.unresolved.push(`${id}: the payment is processing`);
  }
}

/** Every answer is in the books, and the books have nothing that no answer told. */
function compareAnswers(
  order: Order,
  books: Books,
  busy: ReadonlySet<string>,
  findings: Findings,
): void {
  const { reference, answers } = order;
  const lose = (what: string) => findings.lost.push(`${reference}: ${what}`);
  const ids = new Set(answers.flatMap(({ payment }) => (payment ? [payment.id] : [])));
  if (ids.size > 1) lose(`one key, ${ids.size} payments: ${[...ids].join(', ')}`);
  for (const id of ids) {
    const now = books.payments.get(id);
    if (!now) lose(`acknowledged as ${id}, which is not in the books`);
    else if (now.amount !== order.amount || now.reference !== reference) {
      lose(`${id} is not what was ordered`);
    } else if (isAnswered(order) && !busy.has(id)) {
      compareSums(order, now, unaskedOf(id, books), lose);
    }
  }
  for (const answer of answers) compareRefund(answer, books, lose);
}

/** Refunded at the processor's own pages: in the books, and told to no buyer. */
function unaskedOf(payment: string, { operations }: Books): number {
  return [...operations.values()]
    .filter((row) => row.payment === payment && row.kind === 'refund')
    .filter(({ origin, state }) => origin === 'processor' && state === 'succeeded')
    .reduce((sum, { amount }) => sum + amount, 0);
}

/** How far a payment has come. Refunds may come back, so those that hold captures are equals. */
const stages: Readonly<Record<string, number>> = {
  created: 0,
  failed: 1,
  requires_action: 1,
  processing: 1,
  in_review: 1,
  authorized: 2,
  voided: 3,
  partially_captured: 3,
  captured: 3,
  partially_refunded: 3,
  refunded: 3,
};

/** Late, repeated and reordered news may never take a payment back to where it was. */
function compareStanding({ reference, answers }: Order, books: Books, findings: Findings): void {
  for (const { kind, payment } of answers) {
    const now = payment && books.payments.get(payment.id);
    if (!now || kind !== 'ok') continue;
    if ((stages[now.status] ?? 1) < (stages[payment.status] ?? 1)) {
      findings.regressed.push(`${reference}: told ${payment.status}, it is ${now.status} now`);
    }
  }
}

/** Only of the others do buyer and books have to agree to the unit. */
function busyPayments({ operations }: Books): Set<string> {
  const busy = [...operations.values()].filter(
    ({ state }) => unsettled.has(state) || state === 'review',
  );
  return new Set(busy.map(({ payment }) => payment));
}

function isAnswered({ open, answers }: Order): boolean {
  return open === 0 && !answers.some(({ kind }) => kind === 'review');
}

function compareSums(
  { answers }: Order,
  now: {
    readonly amount_authorized: number;
    readonly amount_captured: number;
    readonly amount_voided: number;
    readonly amount_refunded: number;
  },
  unasked: number,
  lose: (what: string) => void,
): void {
  const told = (counter: 'amount_authorized' | 'amount_captured' | 'amount_voided') =>
    Math.max(0, ...answers.map(({ payment }) => payment?.[counter] ?? 0));
  for (const counter of ['amount_authorized', 'amount_captured', 'amount_voided'] as const) {
    if (told(counter) !== now[counter]) {
      lose(`${counter}: told ${told(counter)}, the books say ${now[counter]}`);
    }
  }
  const refunded = answers
    .filter(({ kind, refund }) => kind === 'ok' && refund)
    .reduce((sum, { refund }) => sum + (refund?.amount ?? 0), 0);
  if (refunded + unasked !== now.amount_refunded) {
    const there = unasked === 0 ? '' : ` and ${unasked} at the processor`;
    lose(`amount_refunded: told ${refunded}${there}, the books say ${now.amount_refunded}`);
  }
}

function compareRefund({ kind, refund }: Answer, books: Books, lose: (what: string) => void): void {
  if (!refund || kind === 'review') return;
  const state = books.operations.get(refund.id)?.state;
  if ((kind === 'ok') !== (state === 'succeeded')) {
    lose(`refund ${refund.id}: told ${kind}, the books say ${state ?? 'nothing'}`);
  }
}
