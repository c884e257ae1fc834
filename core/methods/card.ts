/** From the card a customer typed to what is passed on, what is shown, and what tells it apart. */
import { brandOf, cvcLengthOf, lengthFits, luhnHolds, type Brand } from '../base/card.ts';
import type { Keyring } from '../base/keyring.ts';
import { Secret } from '../base/secret.ts';
import type { CardInput } from '../sdk/command.ts';
import { Problem } from '../sdk/problem.ts';
import type { CardBody } from './schema.ts';

/** What may be shown and stored of a card: never the number, never the CVC. */
export interface CardSummary {
  readonly type: 'card';
  readonly brand: Brand;
  readonly bin: string;
  readonly last4: string;
  readonly exp_month: number;
  readonly exp_year: number;
  readonly holder_name?: string;
  readonly fingerprint: string;
}

export interface ReadCard {
  /** For one processor call; lives in memory only. */
  readonly input: CardInput;
  /** For the books and for answers. */
  readonly summary: CardSummary;
}

/**
 * Throws Problem `invalid_card` that names the field, below `place` (`payment_method.card`), and
 * the rule.
 */
export function readCard(
  card: CardBody,
  merchantId: string,
  keyring: Keyring,
  nowMs: number,
  place: string,
): ReadCard {
  const invalid = (field: string, detail: string) =>
    new Problem('invalid_card', detail, { param: `${place}.${field}` });
  const number = card.number.replace(/[ -]/g, '');
  if (!lengthFits(number)) {
    throw invalid('number', 'the card number has a length that its brand does not issue');
  }
  if (!luhnHolds(number)) {
    throw invalid('number', 'the check digit of the card number is wrong');
  }
  if (card.cvc !== undefined) assertCvc(card.cvc, brandOf(number), `${place}.cvc`);
  const today = new Date(nowMs);
  const monthsLeft =
    (card.exp_year - today.getUTCFullYear()) * 12 + card.exp_month - (today.getUTCMonth() + 1);
  if (monthsLeft < 0) throw invalid('exp_year', 'the card has expired');
  if (monthsLeft > 12 * 50) throw invalid('exp_year', 'the card expires too far ahead');
  const input: CardInput = {
    type: 'card',
    number: new Secret(number),
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    cvc: card.cvc === undefined ? undefined : new Secret(card.cvc),
    holder_name: card.holder_name,
  };
  return { input, summary: summaryOf(input, merchantId, keyring) };
}

/** Throws Problem `invalid_card` when the brand prints another count of digits. */
export function assertCvc(cvc: string, brand: Brand, param: string): void {
  const digits = cvcLengthOf(brand);
  if (cvc.length === digits) return;
  throw new Problem('invalid_card', `the CVC of a ${brand} card has ${digits} digits`, { param });
}

/** The fingerprint is keyed, and another one with every merchant. */
export function summaryOf(card: CardInput, merchantId: string, keyring: Keyring): CardSummary {
  const number = card.number.reveal();
  return {
    type: 'card',
    brand: brandOf(number),
    bin: number.slice(0, 6),
    last4: number.slice(-4),
    exp_month: card.exp_month,
    exp_year: card.exp_year,
    ...(card.holder_name === undefined ? {} : { holder_name: card.holder_name }),
    fingerprint: keyring.digest('card-fingerprint', `${merchantId}:${number}`).slice(0, 16),
  };
}
