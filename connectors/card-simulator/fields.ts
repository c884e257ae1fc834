/** Readers for the simulator's answers: a missing or ill-typed field is a fault. */
import { Fault, money, type Money } from '#sdk';

export type Fields = Readonly<Record<string, unknown>>;

const unreadable = (name: string, rule: string): never => {
  throw new Fault('unintelligible', `${name} ${rule}`);
};

export function asFields(value: unknown, name: string): Fields {
  const fits = typeof value === 'object' && value !== null && !Array.isArray(value);
  return fits ? (value as Fields) : unreadable(name, 'is not an object');
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : unreadable(name, 'is not text');
}

export function optionalTextOf(fields: Fields, name: string): string | undefined {
  return fields[name] === null || fields[name] === undefined ? undefined : textOf(fields, name);
}

export function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name];
  return typeof value === 'boolean' ? value : unreadable(name, 'is not true or false');
}

/** The amount under `name` in the object's own currency. */
export function moneyOf(fields: Fields, name: string): Money {
  const value = fields[name];
  const currency = textOf(fields, 'currency');
  const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  return fits ? money(value, currency) : unreadable(name, 'is not a whole number of minor units');
}

/** The list under `name`, entry by entry. */
export function listOf(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) return unreadable(name, 'is not a list');
  return value.map((entry: unknown) => asFields(entry, `an entry of ${name}`));
}

/** A whole number of minor units with a sign. */
export function signedOf(fields: Fields, name: string): { amount: number; currency: string } {
  const amount = fields[name];
  const currency = textOf(fields, 'currency');
  const fits = typeof amount === 'number' && Number.isSafeInteger(amount);
  return fits ? { amount, currency } : unreadable(name, 'is not a whole number of minor units');
}

/** A time in ISO 8601. */
export function timeOf(fields: Fields, name: string): string {
  const text = textOf(fields, name);
  return Number.isNaN(Date.parse(text)) ? unreadable(name, 'is not a time') : text;
}

/** The word under `name`, when it is in the table. */
export function wordOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const text = textOf(fields, name);
  return words.find((word) => word === text) ?? unreadable(name, 'is a word we do not know');
}
