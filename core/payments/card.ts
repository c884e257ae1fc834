/** From the card a customer typed to what we pass on and what we keep. */
import { brandOf, cvcLengthOf, lengthFits, luhnHolds } from '../base/card.ts';
import type { Keyring } from '../base/keyring.ts';
import { Secret } from '../base/secret.ts';
import type { MethodInput } from '../sdk/command.ts';
import { Problem } from '../sdk/problem.ts';
import type { MethodSummary } from './record.ts';
import type { MethodBody } from './schema.ts';

export interface ReadMethod {
  /** For one processor call; lives in memory only. */
  readonly input: MethodInput;
  /** For the books and for answers. */
  readonly summary: MethodSummary;
}

function invalidCard(field: string, detail: string): Problem {
  return new Problem('invalid_card', detail, { param: `payment_method.card.${field}` });
}

/**
 * Checks a payment method and splits it into what is sent and what is kept.
 * Throws Problem `invalid_card` or `invalid_request` that names the field and the rule.
 */
export function readMethod(
  body: MethodBody,
  merchantId: string,
  keyring: Keyring,
  nowMs: number,
): ReadMethod {
  if (body.type === 'token') {
    if (body.token === undefined || body.card !== undefined) {
      throw new Problem(
        'invalid_request',
        'a payment method of type token has a token and no card',
        {
          param: 'payment_method.token',
        },
      );
    }
    return {
      input: { type: 'token', token: new Secret(body.token) },
      summary: { type: 'token' },
    };
  }
  if (body.card === undefined || body.token !== undefined) {
    throw new Problem('invalid_request', 'a payment method of type card has a card and no token', {
      param: 'payment_method.card',
    });
  }
  return readCard(body.card, merchantId, keyring, nowMs);
}

function readCard(
  card: NonNullable<MethodBody['card']>,
  merchantId: string,
  keyring: Keyring,
  nowMs: number,
): ReadMethod {
  const number = card.number.replace(/[ -]/g, '');
  if (!lengthFits(number)) {
    throw invalidCard('number', 'the card number has a length that its brand does not issue');
  }
  if (!luhnHolds(number)) {
    throw invalidCard('number', 'the check digit of the card number is wrong');
  }
  const brand = brandOf(number);
  if (card.cvc !== undefined && card.cvc.length !== cvcLengthOf(brand)) {
    throw invalidCard('cvc', `the CVC of a ${brand} card has ${cvcLengthOf(brand)} digits`);
  }
  const today = new Date(nowMs);
  const monthsLeft =
    (card.exp_year - today.getUTCFullYear()) * 12 + card.exp_month - (today.getUTCMonth() + 1);
  if (monthsLeft < 0) throw invalidCard('exp_year', 'the card has expired');
  if (monthsLeft > 12 * 50) throw invalidCard('exp_year', 'the card expires too far ahead');

  return {
    input: {
      type: 'card',
      number: new Secret(number),
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      cvc: card.cvc === undefined ? undefined : new Secret(card.cvc),
      holder_name: card.holder_name,
    },
    summary: {
      type: 'card',
      brand,
      bin: number.slice(0, 6),
      last4: number.slice(-4),
      exp_month: card.exp_month,
      exp_year: card.exp_year,
      ...(card.holder_name === undefined ? {} : { holder_name: card.holder_name }),
      fingerprint: keyring.digest('card-fingerprint', `${merchantId}:${number}`).slice(0, 16),
    },
  };
}
