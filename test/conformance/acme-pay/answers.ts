/** What Acme Pay's objects mean. A word that is not in a table is a fault, never a default. */
import { Fault, type Advice, type DeclineCode, type Declined, type Outcome } from '#sdk';
import { fieldsOf, moneyOf, textOf, wordOf, type Fields } from './fields.ts';
import type { AcmePayRef } from './settings.ts';

export type AcmePayOutcome = Outcome<AcmePayRef>;

/** Acme Pay's word → what the operation came to. */
const meanings = {
  authorized: 'succeeded',
  captured: 'succeeded',
  succeeded: 'succeeded',
  action_required: 'customer',
  processing: 'processor',
  declined: 'declined',
} as const;

type Word = keyof typeof meanings;
const words = Object.keys(meanings) as Word[];

/** Acme Pay's reason → ours, and what may be done about it. */
const reasons: Readonly<Record<string, readonly [DeclineCode, Advice]>> = {
  card_refused: ['do_not_honor', 'other_account'],
  no_funds: ['insufficient_funds', 'later'],
  card_expired: ['expired_card', 'fix_input'],
  wrong_cvc: ['incorrect_cvc', 'fix_input'],
  stolen: ['lost_or_stolen_card', 'never'],
};

/** An answer about any operation; `object` is Acme Pay's name for its kind. */
export function readAnswer(answer: unknown, object: string): AcmePayOutcome {
  const fields = fieldsOf(answer, 'the answer');
  wordOf(fields, 'object', [object]);
  const ref = refOf(fields, object);
  const meaning = meanings[wordOf(fields, 'status', words)];
  switch (meaning) {
    case 'succeeded':
      return {
        status: 'succeeded',
        operationId: textOf(fields, 'reference'),
        amount: moneyOf(fields),
        ref,
      };
    case 'customer':
      return {
        status: 'pending',
        ref,
        waitingFor: 'customer',
        nextAction: { type: 'redirect', url: redirectOf(fields) },
      };
    case 'processor':
      return { status: 'pending', ref, waitingFor: 'processor' };
    case 'declined':
      return readDecline(fields, ref);
  }
}

function refOf(fields: Fields, object: string): AcmePayRef {
  const id = textOf(fields, 'id');
  return object === 'payment'
    ? { payment: id }
    : { payment: textOf(fields, 'payment'), operation: id };
}

function redirectOf(fields: Fields): string {
  const url = textOf(fields, 'redirect_url');
  if (url.startsWith('https://') && URL.canParse(url)) return url;
  throw new Fault('unintelligible', 'redirect_url is not a web address');
}

function readDecline(fields: Fields, ref: AcmePayRef): Declined<AcmePayRef> {
  const processorCode = textOf(fieldsOf(fields['decline'], 'decline'), 'code');
  // A "no" is a "no" whatever its reason: an unknown one is not a fault, and not tried again.
  const known = Object.hasOwn(reasons, processorCode) ? reasons[processorCode] : undefined;
  const [code, advice] = known ?? (['other', 'never'] as const);
  return { status: 'declined', code, advice, processorCode, ref };
}
