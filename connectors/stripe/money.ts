/**
 * Amounts on Stripe's wire. Its minor units are ISO 4217's but for three currencies, and it holds
 * no last digit of the three-decimal ones (Stripe docs, supported currencies). What cannot be held
 * exactly is refused, never rounded.
 */
import { exponentOf, Fault, money, type AmountFacts, type Money, type Signed } from '#sdk';

/** ISO code → by how many decimals Stripe counts finer (or coarser) than ISO does. */
const shifts: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: -2 };

const threeDecimal = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];

/** Not on Stripe's lists: in how many decimals it would count them is nowhere written. */
const uncounted = ['IQD', 'LYD', 'UYI'];

/** Stripe's smallest charges, in our minor units (Stripe docs, minimum charge amounts). */
const minimums =
  'USD 50 AED 200 ARS 50 AUD 50 BRL 50 CAD 50 CHF 50 COP 50 CZK 1500 DKK 250 EUR 50 GBP 30 ' +
  'HKD 400 HUF 17500 IDR 50 ILS 50 INR 50 JPY 50 KRW 50 MXN 1000 MYR 200 NOK 300 NZD 50 PHP 50 ' +
  'PLN 200 RON 200 RUB 50 SEK 300 SGD 50 THB 1000 ZAR 50';

/** Twelve digits are the most that Stripe takes, and there these carry two digits more. */
const finerMaximum = 9_999_999_999;

export const amounts: Readonly<Record<string, AmountFacts>> = {
  ...Object.fromEntries(
    [...minimums.matchAll(/(\w{3}) (\d+)/g)].map(([, code, least]) => [
      code,
      { minimum: Number(least) },
    ]),
  ),
  ...Object.fromEntries(threeDecimal.map((code) => [code, { step: 10 }])),
  ISK: { maximum: finerMaximum },
  UGX: { maximum: finerMaximum },
  MGA: { step: 100 },
};

/** `Money` as Stripe's `amount` and `currency`. Throws `rejected` for what Stripe cannot hold. */
export function toStripe({ amount, currency }: Money): { amount: number; currency: string } {
  const step = amounts[currency]?.step ?? 1;
  const refuse = (rule: string) => new Fault('rejected', `Stripe takes ${rule}`);
  if (uncounted.includes(currency)) throw refuse(`no ${currency}`);
  if (amount % step !== 0) throw refuse(`${currency} in steps of ${step} only`);
  const shift = shifts[currency] ?? 0;
  const scaled = shift < 0 ? amount / 10 ** -shift : amount * 10 ** shift;
  if (!Number.isSafeInteger(scaled)) throw refuse('smaller amounts only');
  return { amount: scaled, currency: currency.toLowerCase() };
}

/**
 * Stripe's number and currency as ours, sign included. Throws `unintelligible` when it is no whole
 * number of our minor units.
 */
export function signedFromStripe(amount: unknown, currency: unknown): Signed {
  const unreadable = (rule: string) => new Fault('unintelligible', `an amount ${rule}`);
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount)) {
    throw unreadable('is not a whole number');
  }
  if (typeof currency !== 'string' || !isKnown(currency)) {
    throw unreadable('is in a currency that we do not know');
  }
  const code = currency.toUpperCase();
  const shift = shifts[code] ?? 0;
  const divisor = shift > 0 ? 10 ** shift : 1;
  const scaled = (amount / divisor) * (shift < 0 ? 10 ** -shift : 1);
  if (amount % divisor !== 0 || !Number.isSafeInteger(scaled)) {
    throw unreadable('is not a whole number of minor units');
  }
  return { amount: scaled, currency: code };
}

/** As {@link signedFromStripe}, for what cannot be negative. */
export function fromStripe(amount: unknown, currency: unknown): Money {
  const signed = signedFromStripe(amount, currency);
  if (signed.amount < 0) throw new Fault('unintelligible', 'an amount is negative');
  return money(signed.amount, signed.currency);
}

function isKnown(currency: string): boolean {
  const code = currency.toUpperCase();
  if (!/^[a-z]{3}$/.test(currency) || uncounted.includes(code)) return false;
  try {
    exponentOf(code);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
