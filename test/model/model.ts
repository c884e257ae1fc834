/**
 * What a payment is, as small as it can be said: pure, no rows, no schedule, no processor. The
 * model knows the truth at once; where the switch cannot know it yet, `open` says what it waits
 * for.
 */
import { day, hour, second } from '../../core/base/clock.ts';

export type CardKind = 'good' | 'declined' | 'challenge' | 'held';

/**
 * silent: done, and the answer is lost. unsent: not done, and the answer is lost. throttled: surely
 * not done. lie: done, and the answer speaks of other money.
 */
export type Fault = 'none' | 'silent' | 'unsent' | 'throttled' | 'lie';

export type Kind = 'authorize' | 'capture' | 'void' | 'refund' | 'approve' | 'reject';

/** An operation whose outcome the switch does not know, or does not believe. */
interface Open {
  readonly kind: Kind;
  readonly amount: number;
  readonly sinceMs: number;
  /** Was it carried out? */
  readonly done: boolean;
  /** It waits for somebody to ask, no clock rings for it. */
  readonly review: boolean;
  readonly effect: (payment: Model, atMs: number) => void;
}

export interface Model {
  readonly amount: number;
  readonly capture: 'automatic' | 'manual';
  readonly createdMs: number;
  /** Where it rests when nothing is open and nothing is held. */
  ending:
    'created' | 'requires_action' | 'in_review' | 'failed' | 'cancelled' | 'expired' | 'money';
  attempts: number;
  authorized: number;
  captured: number;
  voided: number;
  refunded: number;
  deadlineMs: number | undefined;
  open: Open[];
}

/** What the caller hears. */
export type Heard = 'done' | 'accepted' | 'declined' | 'unreached' | 'refused';

const windowMs = hour;
const validityMs = 7 * day;
/** When the switch asks: the first time, and the second, at which absence is proof. */
const firstAskMs = 5 * second;
const secondAskMs = 35 * second;
const attemptsMax = 5;

export function draft(amount: number, method: Model['capture'], nowMs: number): Model {
  return {
    amount,
    capture: method,
    createdMs: nowMs,
    ending: 'created',
    attempts: 0,
    authorized: 0,
    captured: 0,
    voided: 0,
    refunded: 0,
    deadlineMs: nowMs + windowMs,
    open: [],
  };
}

const left = (payment: Model): number => payment.authorized - payment.captured - payment.voided;

const onHold = (payment: Model): Open | undefined =>
  payment.open.find(({ kind }) => kind !== 'refund');

export function statusOf(payment: Model): string {
  const open = onHold(payment);
  if (open) return open.review ? 'in_review' : 'processing';
  if (payment.ending !== 'money') return payment.ending;
  const { captured, refunded } = payment;
  if (refunded > 0) {
    return refunded === captured && left(payment) === 0 ? 'refunded' : 'partially_refunded';
  }
  if (captured > 0) return left(payment) > 0 ? 'partially_captured' : 'captured';
  return left(payment) > 0 ? 'authorized' : 'voided';
}

/** Carries something out under a fault; `effect` is what it does once it is known to be done. */
function carryOut(
  payment: Model,
  nowMs: number,
  step: Pick<Open, 'kind' | 'amount' | 'effect'>,
  fault: Fault,
): Heard {
  const open = { ...step, sinceMs: nowMs, done: fault !== 'unsent', review: fault === 'lie' };
  switch (fault) {
    case 'none':
      step.effect(payment, nowMs);
      return 'done';
    case 'throttled':
      return 'unreached';
    case 'lie':
      payment.open.push(open);
      return 'done';
    default:
      payment.open.push(open);
      return 'accepted';
  }
}

function landed(payment: Model, card: CardKind, atMs: number): void {
  switch (card) {
    case 'declined':
      payment.ending = 'failed';
      payment.deadlineMs = undefined;
      return;
    case 'challenge':
      payment.ending = 'requires_action';
      payment.deadlineMs = atMs + windowMs;
      return;
    case 'held':
      payment.ending = 'in_review';
      payment.deadlineMs = undefined;
      return;
    case 'good':
      payment.ending = 'money';
      payment.authorized = payment.amount;
      payment.captured = payment.capture === 'automatic' ? payment.amount : 0;
      payment.deadlineMs = payment.capture === 'automatic' ? undefined : atMs + validityMs;
  }
}

/** A card is charged: at creation, or at confirmation. */
export function charge(payment: Model, card: CardKind, fault: Fault, nowMs: number): Heard {
  payment.attempts += 1;
  payment.deadlineMs = undefined;
  payment.ending = 'failed';
  // Throttled goes on to the next account; a lie about money needs money to lie about.
  const harmless = fault === 'throttled' || (fault === 'lie' && card !== 'good');
  const effect = (after: Model, atMs: number) => landed(after, card, atMs);
  const step = { kind: 'authorize', amount: payment.amount, effect } as const;
  const heard = carryOut(payment, nowMs, step, harmless ? 'none' : fault);
  return heard === 'done' && card === 'declined' ? 'declined' : heard;
}

export function confirm(payment: Model, card: CardKind, fault: Fault, nowMs: number): Heard {
  askAll(payment, nowMs, 'confirm');
  const status = statusOf(payment);
  if (status !== 'created' && status !== 'failed') return 'refused';
  return canBeTried(payment, nowMs) ? charge(payment, card, fault, nowMs) : 'refused';
}

const canBeTried = ({ createdMs, attempts }: Model, nowMs: number): boolean =>
  createdMs + windowMs > nowMs && attempts < attemptsMax;

export function capture(
  payment: Model,
  amount: number | undefined,
  final: boolean,
  fault: Fault,
  nowMs: number,
): Heard {
  askAll(payment, nowMs, 'capture');
  const most = left(payment);
  const taken = amount ?? most;
  if (payment.ending !== 'money' || onHold(payment) || most === 0 || taken > most) return 'refused';
  const effect = (after: Model) => {
    after.captured += taken;
    if (final) after.voided += left(after);
    if (left(after) === 0) after.deadlineMs = undefined;
  };
  return carryOut(payment, nowMs, { kind: 'capture', amount: taken, effect }, fault);
}

export function release(payment: Model, fault: Fault, nowMs: number): Heard {
  askAll(payment, nowMs, 'void');
  const amount = left(payment);
  if (payment.ending !== 'money' || onHold(payment) || amount === 0) return 'refused';
  const effect = (after: Model) => {
    after.voided += amount;
    after.deadlineMs = undefined;
  };
  return carryOut(payment, nowMs, { kind: 'void', amount, effect }, fault);
}

export function cancel(payment: Model, fault: Fault, nowMs: number): Heard {
  askAll(payment, nowMs, 'cancel');
  switch (statusOf(payment)) {
    case 'failed':
      // Without another try there is nothing left to call off.
      if (!canBeTried(payment, nowMs)) return 'refused';
      payment.ending = 'cancelled';
      return 'done';
    case 'created':
      payment.ending = 'cancelled';
      payment.deadlineMs = undefined;
      return 'done';
    case 'authorized':
      return release(payment, fault, nowMs);
    case 'requires_action': {
      const effect = (after: Model) => {
        after.ending = 'cancelled';
        after.deadlineMs = undefined;
      };
      const heard = carryOut(
        payment,
        nowMs,
        { kind: 'void', amount: payment.amount, effect },
        fault,
      );
      // He may finish after all, and has his hour again.
      if (heard === 'unreached') payment.deadlineMs = nowMs + windowMs;
      return heard;
    }
    default:
      return 'refused';
  }
}

export function refund(
  payment: Model,
  amount: number | undefined,
  fault: Fault,
  nowMs: number,
): Heard {
  askAll(payment, nowMs, 'refund');
  const reserved = payment.open
    .filter(({ kind }) => kind === 'refund')
    .reduce((sum, open) => sum + open.amount, 0);
  const most = payment.captured - payment.refunded - reserved;
  const given = amount ?? most;
  if (most === 0 || given > most) return 'refused';
  const effect = (after: Model) => {
    after.refunded += given;
  };
  const heard = carryOut(payment, nowMs, { kind: 'refund', amount: given, effect }, fault);
  return fault === 'lie' ? 'accepted' : heard;
}

export function review(payment: Model, approve: boolean, fault: Fault, nowMs: number): Heard {
  const [open] = payment.open.filter(({ review: held }) => held);
  if (open && onHold(payment)?.review && approve) {
    askAll(payment, nowMs, 'sync');
    return 'done';
  }
  if (payment.ending !== 'in_review' || onHold(payment)) return 'refused';
  const effect = (after: Model, atMs: number) => {
    if (approve) landed(after, 'good', atMs);
    else after.ending = 'cancelled';
  };
  // Neither moves an amount of its own that could be lied about.
  const kind = approve ? 'approve' : 'reject';
  const told = fault === 'lie' ? 'none' : fault;
  return carryOut(payment, nowMs, { kind, amount: payment.amount, effect }, told);
}

/** The customer answers his bank, and comes back to the shop. */
export function answerBank(payment: Model, approves: boolean, nowMs: number): void {
  landed(payment, approves ? 'good' : 'declined', nowMs);
}

type Asker = 'sync' | 'confirm' | 'capture' | 'void' | 'cancel' | 'refund';

/** Asks about all that is open: what was done is found out, what was not is not proven yet. */
export function askAll(payment: Model, nowMs: number, asker: Asker): void {
  // A charge under review holds nothing yet that a verb would ask about; only a sync does.
  const charged = onHold(payment);
  const silent = charged?.review && charged.kind === 'authorize' && payment.open.length === 1;
  const withdrawn = charged?.review && payment.authorized === 0 && payment.open.length === 1;
  if (asker !== 'sync' && (silent || withdrawn)) return;
  settle(payment, ({ done }) => done, nowMs);
}

function settle(payment: Model, which: (open: Open) => boolean, atMs: number): void {
  const found = payment.open.filter(which);
  payment.open = payment.open.filter((open) => !found.includes(open));
  for (const open of found) {
    if (open.done || open.kind !== 'authorize') open.effect(payment, atMs);
  }
}

/** Time goes by, a minute at least, and the switch's own work is done on the way. */
export function advance(payment: Model, fromMs: number, toMs: number): void {
  for (const open of payment.open.filter(({ review: held }) => !held)) {
    const dueMs = open.sinceMs + (open.done ? firstAskMs : secondAskMs);
    settle(payment, (other) => other === open, Math.max(fromMs, dueMs));
  }
  if (payment.deadlineMs === undefined || payment.deadlineMs > toMs) return;
  settle(payment, ({ done }) => done, payment.deadlineMs);
  if (payment.deadlineMs === undefined) return;
  payment.deadlineMs = undefined;
  if (payment.ending === 'money') {
    const whole = payment.captured === 0;
    payment.voided += left(payment);
    if (whole) payment.ending = 'expired';
  } else payment.ending = 'expired';
}
