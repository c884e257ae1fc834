/** What a charge may become: pure functions from a charge and a request to the next charge. */
import {
  behaviourOf,
  brandOf,
  declineMessages,
  fraudScore,
  passesLuhn,
  type ProcessorDecline,
} from './cards.ts';
import type { Charge, Decline, Verdict } from './model.ts';
import { Refusal } from './refusal.ts';

export interface ChargeRequest {
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly capture: boolean;
  readonly card: {
    readonly number: string;
    readonly exp_month: number;
    readonly exp_year: number;
    readonly cvc: string | undefined;
  };
  readonly threeDs: 'challenge' | 'none' | undefined;
  readonly returnUrl: string | undefined;
  readonly hasBillingAddress: boolean;
}

export interface NewChargeFacts {
  readonly id: string;
  readonly merchant: string;
  readonly challengeToken: string;
  readonly nowMs: number;
}

export function declineOf(code: ProcessorDecline): Decline {
  const decline = { code, message: declineMessages[code] };
  return code === 'fraud' ? { ...decline, score: fraudScore } : decline;
}

/** A card is good through the last day of its month, everywhere on earth (UTC-12 is last). */
function isExpired(card: ChargeRequest['card'], nowMs: number): boolean {
  return nowMs >= Date.UTC(card.exp_year, card.exp_month, 1, 12);
}

function verdictOf(card: ChargeRequest['card'], nowMs: number): Verdict {
  if (!passesLuhn(card.number)) return { kind: 'decline', code: '14' };
  if (isExpired(card, nowMs)) return { kind: 'decline', code: '54' };
  const { behaviour, code } = behaviourOf(card.number);
  if (code !== undefined) return { kind: 'decline', code: code as ProcessorDecline };
  return { kind: behaviour === 'hold' ? 'hold' : 'approve' };
}

/** A challenge card always challenges; the frictionless card never does; others when asked to. */
function authenticationOf(request: ChargeRequest): Charge['authentication'] {
  const { behaviour } = behaviourOf(request.card.number);
  if (behaviour === 'frictionless') return 'frictionless';
  return behaviour.startsWith('challenge') || request.threeDs === 'challenge'
    ? 'challenged'
    : 'none';
}

/** Moves a charge on by what the issuer says. */
function settle(charge: Charge, verdict: Verdict): Charge {
  const { verdict: _answered, ...rest } = charge;
  if (verdict.kind === 'hold') return { ...rest, status: 'held' };
  if (verdict.kind === 'decline') {
    return { ...rest, status: 'declined', decline: declineOf(verdict.code) };
  }
  return {
    ...rest,
    status: charge.capture ? 'captured' : 'authorized',
    amount_authorized: charge.amount,
    amount_captured: charge.capture ? charge.amount : 0,
    auth_code: charge.id.slice(-6).toUpperCase(),
  };
}

/** The charge a request makes, as far as it gets without the cardholder or a reviewer. */
export function newCharge(request: ChargeRequest, facts: NewChargeFacts): Charge {
  const { card } = request;
  const verdict = verdictOf(card, facts.nowMs);
  const authentication = authenticationOf(request);
  const mismatch = verdict.kind === 'decline' && verdict.code === 'N7';
  const charge: Charge = {
    id: facts.id,
    merchant: facts.merchant,
    reference: request.reference,
    amount: request.amount,
    currency: request.currency,
    capture: request.capture,
    status: 'requires_action',
    card: {
      brand: brandOf(card.number),
      first6: card.number.slice(0, 6),
      last4: card.number.slice(-4),
      exp_month: card.exp_month,
      exp_year: card.exp_year,
    },
    amount_authorized: 0,
    amount_captured: 0,
    amount_refunded: 0,
    amount_voided: 0,
    closed: false,
    cvc_check: card.cvc === undefined ? 'P' : mismatch ? 'N' : 'M',
    avs_check: request.hasBillingAddress ? 'Y' : 'U',
    authentication: authentication === 'challenged' ? 'none' : authentication,
    created_at: new Date(facts.nowMs).toISOString(),
  };
  if (authentication !== 'challenged') return settle(charge, verdict);
  const challenge = {
    token: facts.challengeToken,
    ...(request.returnUrl !== undefined && { return_url: request.returnUrl }),
  };
  return { ...charge, challenge, verdict };
}

/** The cardholder answered the challenge. A charge that no longer waits stays as it is. */
export function answerChallenge(charge: Charge, approved: boolean): Charge {
  if (charge.verdict === undefined) return charge;
  if (!approved) return settle(charge, { kind: 'decline', code: 'authentication_failed' });
  return settle({ ...charge, authentication: 'challenged' }, charge.verdict);
}

/** Minor units of the hold that may still be captured or voided. */
export function leftOf(charge: Charge): number {
  if (charge.closed) return 0;
  return charge.amount_authorized - charge.amount_captured - charge.amount_voided;
}

function requireState(holds: boolean, charge: Charge, verb: string): void {
  if (holds) return;
  throw new Refusal('charge_state', `a charge that is ${charge.status} cannot be ${verb}`);
}

function requireAmount(amount: number, left: number): void {
  if (amount <= left) return;
  throw new Refusal('amount_too_large', `${amount} is more than the ${left} left`, 'amount');
}

/** Used up: nothing left to capture, so it is captured when anything was, else voided. */
function closeWhenEmpty(charge: Charge): Charge {
  if (leftOf(charge) > 0) return charge;
  return { ...charge, status: charge.amount_captured > 0 ? 'captured' : 'voided' };
}

export function capture(charge: Charge, amount: number, final: boolean): Charge {
  requireState(charge.status === 'authorized', charge, 'captured');
  requireAmount(amount, leftOf(charge));
  const amount_captured = charge.amount_captured + amount;
  return closeWhenEmpty({ ...charge, amount_captured, closed: final });
}

/**
 * Releases what is uncaptured; `amount` missing means all of it. A charge that was never authorized
 * (it waits for the cardholder or a reviewer) is withdrawn whole and moves no money.
 */
export function release(charge: Charge, amount: number | undefined): [Charge, number] {
  if (charge.status === 'requires_action' || charge.status === 'held') {
    const whole = amount ?? charge.amount;
    if (whole !== charge.amount) {
      throw new Refusal('invalid_request', `only all of ${charge.amount} can be voided`, 'amount');
    }
    const { verdict: _dropped, ...rest } = charge;
    return [{ ...rest, status: 'voided', decline: declineOf('withdrawn') }, whole];
  }
  requireState(charge.status === 'authorized', charge, 'voided');
  const moved = amount ?? leftOf(charge);
  requireAmount(moved, leftOf(charge));
  return [closeWhenEmpty({ ...charge, amount_voided: charge.amount_voided + moved }), moved];
}

export function refund(charge: Charge, amount: number): Charge {
  requireState(charge.amount_captured > 0, charge, 'refunded');
  requireAmount(amount, charge.amount_captured - charge.amount_refunded);
  return { ...charge, amount_refunded: charge.amount_refunded + amount };
}

/** A refund could not be paid out: its money is the merchant's again. */
export function refundFailed(charge: Charge, amount: number): Charge {
  return { ...charge, amount_refunded: charge.amount_refunded - amount };
}

/** What of a charge can still be disputed: taken, and not given back. */
export function requireDisputable(charge: Charge, amount: number, disputed: number): void {
  requireState(charge.amount_captured > 0, charge, 'disputed');
  requireAmount(amount, charge.amount_captured - charge.amount_refunded - disputed);
}

/** Lets a held charge through or turns it away. */
export function review(charge: Charge, approved: boolean): Charge {
  requireState(charge.status === 'held', charge, 'reviewed');
  return settle(
    charge,
    approved ? { kind: 'approve' } : { kind: 'decline', code: 'review_rejected' },
  );
}
