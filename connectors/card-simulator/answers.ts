/** What the simulator's objects mean. A word that is not in a table is a fault, never a default. */
import { Fault, type Declined, type Money, type Outcome, type Verification } from '#sdk';
import { readDeclineCode } from './declines.ts';
import {
  asFields,
  flagOf,
  moneyOf,
  optionalTextOf,
  textOf,
  wordOf,
  type Fields,
} from './fields.ts';
import type { CardSimulatorRef } from './settings.ts';

export type SimulatorOutcome = Outcome<CardSimulatorRef>;

/** The processor's word for a charge → what the authorization came to. */
const chargeMeanings = {
  authorized: 'succeeded',
  captured: 'succeeded',
  // Voided after it was authorized: the authorization itself had succeeded.
  voided: 'succeeded_or_declined',
  requires_action: 'customer',
  held: 'review',
  declined: 'declined',
} as const;

type ChargeWord = keyof typeof chargeMeanings;
export const chargeWords = Object.keys(chargeMeanings) as ChargeWord[];

/** `failed`: a refund that was taken at first and could not be paid out. */
const operationWords = ['succeeded', 'declined', 'failed'] as const;

/** Kinds that act on a charge; the simulator names its objects after them. */
export type FollowUp = 'capture' | 'void' | 'refund' | 'approve' | 'reject';

/** An answer about an authorization. */
export function readCharge(answer: unknown): SimulatorOutcome {
  const fields = asFields(answer, 'the answer');
  wordOf(fields, 'object', ['charge']);
  const ref = { charge: textOf(fields, 'id') };
  const word = wordOf(fields, 'status', chargeWords);
  switch (chargeMeanings[word]) {
    case 'customer':
      return {
        status: 'pending',
        ref,
        waitingFor: 'customer',
        nextAction: { type: 'redirect', url: readRedirect(fields) },
      };
    case 'review':
      return { status: 'pending', ref, waitingFor: 'review' };
    case 'declined':
      return readDecline(fields, ref);
    case 'succeeded_or_declined':
      if (moneyOf(fields, 'amount_authorized').amount === 0) return readDecline(fields, ref);
      return readAuthorized(fields, ref);
    case 'succeeded':
      return readAuthorized(fields, ref);
  }
}

function readAuthorized(fields: Fields, ref: CardSimulatorRef): SimulatorOutcome {
  return {
    status: 'succeeded',
    operationId: textOf(fields, 'reference'),
    amount: readMoved(fields),
    ref,
    verification: readVerification(fields),
  };
}

/** What an authorization moved: the hold, or the money itself when it was captured at once. */
function readMoved(fields: Fields): Money {
  const captured = flagOf(fields, 'capture');
  if (captured && textOf(fields, 'status') !== 'captured') {
    throw new Fault('unintelligible', 'a charge to be captured at once that is not captured');
  }
  const moved = moneyOf(fields, captured ? 'amount_captured' : 'amount_authorized');
  if (moved.amount !== moneyOf(fields, 'amount').amount) {
    throw new Fault('unintelligible', 'the amounts of the charge contradict each other');
  }
  return moved;
}

function readVerification(fields: Fields): Verification {
  const authCode = optionalTextOf(fields, 'auth_code');
  return {
    ...(authCode !== undefined && { auth_code: authCode }),
    cvc_check: textOf(fields, 'cvc_check'),
    avs_check: textOf(fields, 'avs_check'),
    authentication: wordOf(fields, 'authentication', ['none', 'frictionless', 'challenged']),
  };
}

function readRedirect(fields: Fields): string {
  const action = asFields(fields['next_action'], 'next_action');
  wordOf(action, 'type', ['redirect']);
  const url = textOf(action, 'url');
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Fault('unintelligible', 'next_action.url is not a web address');
  }
  return url;
}

/** An answer about a capture, void, refund or review. */
export function readFollowUp(kind: FollowUp, answer: unknown): SimulatorOutcome {
  const fields = asFields(answer, 'the answer');
  wordOf(fields, 'object', [kind]);
  const ref = { charge: textOf(fields, 'charge'), operation: textOf(fields, 'id') };
  if (wordOf(fields, 'status', operationWords) !== 'succeeded') return readDecline(fields, ref);
  return {
    status: 'succeeded',
    operationId: textOf(fields, 'reference'),
    amount: moneyOf(fields, 'amount'),
    ref,
  };
}

function readDecline(fields: Fields, ref: CardSimulatorRef): Declined<CardSimulatorRef> {
  const decline = asFields(fields['decline'], 'decline');
  const processorCode = textOf(decline, 'code');
  const message = optionalTextOf(decline, 'message');
  return {
    status: 'declined',
    ...readDeclineCode(processorCode),
    processorCode,
    ...(message !== undefined && { message }),
    ref,
  };
}
