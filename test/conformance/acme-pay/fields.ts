/** Readers for Acme Pay's answers: a missing or ill-typed field is a fault, never a default. */
import { Fault, fromDecimal, type Money } from '#sdk';

export type Fields = Readonly<Record<string, unknown>>;

const unreadable = (name: string, rule: string): never => {
  throw new Fault('unintelligible', `${name} ${rule}`);
};

export function fieldsOf(value: unknown, name: string): Fields {
  const fits = typeof value === 'object' && value !== null && !Array.isArray(value);
  return fits ? (value as Fields) : unreadable(name, 'is not an object');
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : unreadable(name, 'is not text');
}

/** The word under `name`, when it is one of those we know. */
export function wordOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const text = textOf(fields, name);
  return words.find((word) => word === text) ?? unreadable(name, 'is a word we do not know');
}

/** `{"value": "10.50", "currency": "USD"}` under `amount`. */
export function moneyOf(fields: Fields): Money {
  const amount = fieldsOf(fields['amount'], 'amount');
  const [value, currency] = [textOf(amount, 'value'), textOf(amount, 'currency')];
  try {
    return fromDecimal(value, currency);
  } catch (cause) {
    // A fraction of a cent, or a currency that is none: not rounded, not guessed.
    const fault = new Fault('unintelligible', 'amount is not an amount of its currency');
    throw Object.assign(fault, { cause });
  }
}
