/** Readers for Midtrans's answers: a missing or ill-typed field is a fault. */
import { Fault } from '#sdk';

export type Fields = Readonly<Record<string, unknown>>;

export function asFields(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Fault('unintelligible', `${name} is not an object`);
}

export function listOf(fields: Fields, name: string): readonly Fields[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value)) throw new Fault('unintelligible', `${name} is not a list`);
  return value.map((item: unknown) => asFields(item, name));
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Fault('unintelligible', `${name} is not text`);
}

/** Absent, null and blank are one: documented samples have `" "` where there is nothing to say. */
export function optionalTextOf(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Fault('unintelligible', `${name} is not text`);
  return value.trim() === '' ? undefined : value;
}

/** The word under `name` in lower case (GET status has been seen to shout), when it is known. */
export function wordOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const text = textOf(fields, name).toLowerCase();
  const known = words.find((word) => word === text);
  if (known === undefined) throw new Fault('unintelligible', `${name} is a word we do not know`);
  return known;
}

export function webAddressOf(fields: Fields, name: string): string {
  const url = textOf(fields, name);
  if (/^https?:\/\//i.test(url) && URL.canParse(url)) return url;
  throw new Fault('unintelligible', `${name} is not a web address`);
}
