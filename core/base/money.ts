/**
 * Money: an integer count of minor units and an ISO 4217 code. No float ever holds an amount;
 * 19.99 * 100 is 1998.9999999999998 in JavaScript, so decimals are read from their text.
 */
import { invariant } from './assert.ts';
import { exponentOf } from './currency.ts';

/** Minor units as JavaScript can hold them exactly (at most 2^53 - 1). */
export type Amount = number;

export interface Money {
  readonly amount: Amount;
  readonly currency: string;
}

/** The largest amount one payment may carry: 2^53 - 1 would leave no room for sums. */
export const amountMax: Amount = 999_999_999_999;

/**
 * Checked constructor. Throws InvariantBroken when `amount` is not a whole, safe, non-negative
 * number.
 */
export function money(amount: Amount, currency: string): Money {
  invariant(
    Number.isSafeInteger(amount) && amount >= 0,
    'an amount is a whole number of minor units',
  );
  return { amount, currency };
}

export function sameMoney(a: Money, b: Money): boolean {
  return a.amount === b.amount && a.currency === b.currency;
}

/**
 * `1050 USD` → `"10.50"`, `1050 JPY` → `"1050"`: for people and for processors that want major
 * units.
 */
export function toDecimal({ amount, currency }: Money): string {
  const exponent = exponentOf(currency);
  if (exponent === 0) return String(amount);
  const digits = String(amount).padStart(exponent + 1, '0');
  return `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * `"10.5"`, `USD` → 1050. Throws RangeError when the text is not a plain decimal or holds a
 * fraction of a minor unit: such an amount is refused, never rounded.
 */
export function fromDecimal(text: string, currency: string): Money {
  const match = /^(\d{1,15})(?:\.(\d{1,15}))?$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is not a plain decimal amount`);
  const exponent = exponentOf(currency);
  const fraction = (match[2] ?? '').replace(/0+$/, '');
  if (fraction.length > exponent) {
    throw new RangeError(`${currency} has ${exponent} decimals, "${text}" has more`);
  }
  return money(Number((match[1] ?? '') + fraction.padEnd(exponent, '0')), currency);
}
