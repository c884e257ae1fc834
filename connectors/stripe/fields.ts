/** Readers for Stripe's answers: a missing or ill-typed field is a fault. */
import { Fault, type Money } from '#sdk';
import { fromStripe } from './money.ts';

export type Fields = Readonly<Record<string, unknown>>;

const unreadable = (name: string, rule: string): never => {
  throw new Fault('unintelligible', `${name} ${rule}`);
};

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function asFields(value: unknown, name: string): Fields {
  return isFields(value) ? value : unreadable(name, 'is not an object');
}

/** The object under `name`; undefined when it is null, absent or only an id (not expanded). */
export function innerOf(fields: Fields, name: string): Fields | undefined {
  const value = fields[name];
  return isFields(value) ? value : undefined;
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : unreadable(name, 'is not text');
}

/** Undefined for null, absent and empty. */
export function optionalTextOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return value === null || value === undefined || value === '' ? undefined : textOf(fields, name);
}

export function optionalNumberOf(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === null || value === undefined) return undefined;
  return Number.isSafeInteger(value) ? (value as number) : unreadable(name, 'is no whole number');
}

export function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name];
  return typeof value === 'boolean' ? value : unreadable(name, 'is not true or false');
}

export function listOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) return unreadable(name, 'is not a list');
  return value.map((item) => asFields(item, `an item of ${name}`));
}

/** The id under `name`, whether the object is expanded or not; undefined when there is none. */
export function idOf(fields: Fields, name: string): string | undefined {
  const inner = innerOf(fields, name);
  return inner ? textOf(inner, 'id') : optionalTextOf(fields, name);
}

/** The amount under `name` in the object's own currency. */
export function moneyOf(fields: Fields, name: string): Money {
  return fromStripe(fields[name], fields['currency']);
}

/** Unix seconds as ISO 8601. */
export function timeOf(fields: Fields, name: string): string {
  return optionalTimeOf(fields, name) ?? unreadable(name, 'is not a time');
}

export function optionalTimeOf(fields: Fields, name: string): string | undefined {
  const seconds = optionalNumberOf(fields, name);
  if (seconds === undefined) return undefined;
  // The year 9999: beyond it a Date has another spelling.
  const fits = seconds >= 0 && seconds < 253_402_300_800;
  return fits ? new Date(seconds * 1000).toISOString() : unreadable(name, 'is not a time');
}

/** The word under `name`, when it is in the table. */
export function wordOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const text = textOf(fields, name);
  return words.find((word) => word === text) ?? unreadable(name, 'is a word we do not know');
}

/** What the table has for the word under `name`; a fault when it has nothing. */
export function meaningOf<T>(fields: Fields, name: string, table: Readonly<Record<string, T>>): T {
  return lookUp(table, textOf(fields, name)) ?? unreadable(name, 'is a word we do not know');
}

/** A table's own entry: words come from outside, and `constructor` is one. */
export function lookUp<T>(
  table: Readonly<Record<string, T>>,
  word: string | undefined,
): T | undefined {
  return word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
}
