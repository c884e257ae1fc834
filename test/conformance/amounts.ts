/** Which amounts and currencies a method takes, by its facts. */
import { exponentOf, money, type MethodFacts, type Money } from '#sdk';
import { amountMax } from '../../core/base/money.ts';

const usual = ['USD', 'EUR', 'IDR', 'JPY'];

export function currencyFor({ currencies }: MethodFacts): string {
  if (currencies === 'all') return 'USD';
  return usual.find((code) => currencies.includes(code)) ?? currencies[0] ?? 'USD';
}

/** One currency for each number of decimals the method knows, and each with bounds of its own. */
export function currenciesTried({ currencies, amounts }: MethodFacts): string[] {
  const offered = currencies === 'all' ? ['JPY', 'USD', 'BHD'] : currencies;
  const byDecimals = new Map<number, string>();
  for (const code of offered.toReversed()) byDecimals.set(exponentOf(code), code);
  return [...new Set([...byDecimals.values(), ...Object.keys(amounts ?? {})])];
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

export function boundsOf({ amounts }: MethodFacts, currency: string): Bounds {
  const { minimum, maximum = amountMax, step = 1 } = amounts?.[currency] ?? {};
  const least = Math.ceil((minimum ?? step) / step) * step;
  return { least, most: Math.floor(maximum / step) * step, step };
}

/** An amount like any other: different for each number, inside the bounds, on the step. */
export function amountFor(facts: MethodFacts, currency: string, number: number): Money {
  const { least, most, step } = boundsOf(facts, currency);
  const wanted = Math.ceil(Math.max(least, 12_300) / step) * step + number * step;
  return money(Math.min(wanted, most), currency);
}

/** The bounds themselves, their neighbours inside, and one in between. */
export function amountsTried(facts: MethodFacts, currency: string): Money[] {
  const { least, most, step } = boundsOf(facts, currency);
  const tried = [least, least + step, amountFor(facts, currency, 1).amount, most - step, most];
  return [...new Set(tried)]
    .filter((amount) => amount >= least && amount <= most)
    .map((amount) => money(amount, currency));
}
