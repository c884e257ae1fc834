/** What Stripe takes as an amount: limits and odd currencies (Stripe docs, currencies). */
import { requiredText, whole, type Params } from './params.ts';
import { invalid, missing } from './problem.ts';

/** Smallest charge in minor units; where a currency is not named, USD 0.50's number. */
const smallest: Readonly<Record<string, number>> = {
  aed: 200,
  czk: 1500,
  dkk: 250,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  krw: 50,
  jpy: 50,
  mxn: 1000,
  myr: 200,
  nok: 300,
  pln: 200,
  ron: 200,
  sek: 300,
  thb: 1000,
};

/** Twelve digits for cards. */
const largest = 999_999_999_999;

/** Amounts that must be multiples, though the currency has more digits. */
const multiples: Readonly<Record<string, number>> = {
  bhd: 10,
  jod: 10,
  kwd: 10,
  omr: 10,
  tnd: 10,
  isk: 100,
  ugx: 100,
};

export function currencyOf(params: Params): string {
  const currency = requiredText(params, 'currency');
  if (!/^[a-z]{3}$/.test(currency)) {
    throw invalid(`Invalid currency: ${currency}.`, { param: 'currency' });
  }
  return currency;
}

export function checkAmount(amount: number, currency: string, param = 'amount'): number {
  const unit = multiples[currency] ?? 1;
  if (amount % unit !== 0) {
    throw invalid(`Amounts in ${currency} are multiples of ${unit}.`, { param });
  }
  const least = smallest[currency] ?? 50;
  if (amount < least) {
    const message = `Amount must be no less than ${least} ${currency}`;
    throw invalid(message, { code: 'amount_too_small', param });
  }
  if (amount > largest) {
    const message = `Amount must be no more than ${largest} ${currency}`;
    throw invalid(message, { code: 'amount_too_large', param });
  }
  return amount;
}

export function requiredAmount(params: Params, currency: string): number {
  const amount = whole(params, 'amount');
  if (amount === undefined) throw missing('amount');
  return checkAmount(amount, currency);
}
