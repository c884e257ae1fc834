/** Readers for request bodies: a wrong field is a {@link Refusal} that names it, never a guess. */
import { Refusal } from './refusal.ts';

export type Body = Readonly<Record<string, unknown>>;

const refuse = (param: string, rule: string): never => {
  throw new Refusal('invalid_request', `${param} ${rule}`, param);
};

export function isRecord(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function readRecord(body: Body, name: string): Body {
  const value = body[name];
  return isRecord(value) ? value : refuse(name, 'must be an object');
}

/** A text of at least one character that matches `pattern`, or undefined when it is left out. */
export function readOptionalText(body: Body, name: string, pattern = /^[^]{1,2000}$/) {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') return refuse(name, 'must be text');
  return pattern.test(value) ? value : refuse(name, `must match ${pattern.source}`);
}

export function readText(body: Body, name: string, pattern?: RegExp): string {
  return readOptionalText(body, name, pattern) ?? refuse(name, 'is missing');
}

export function readWhole(body: Body, name: string, least: number, most: number): number {
  const value = body[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) {
    return value;
  }
  return refuse(name, `must be a whole number from ${least} to ${most}`);
}

/** Minor units, at least one. */
export function readAmount(body: Body): number {
  return readWhole(body, 'amount', 1, Number.MAX_SAFE_INTEGER);
}

export function readOptionalNumber(body: Body, name: string, least: number, most: number) {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  return refuse(name, `must be a number from ${least} to ${most}`);
}

export function readFlag(body: Body, name: string, fallback: boolean): boolean {
  const value = body[name] ?? fallback;
  return typeof value === 'boolean' ? value : refuse(name, 'must be true or false');
}

export function readChoice<T extends string>(body: Body, name: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === body[name]);
  return found ?? refuse(name, `must be one of ${choices.join(', ')}`);
}

/** An absolute http or https address, or undefined when it is left out. */
export function readOptionalUrl(body: Body, name: string): string | undefined {
  const text = readOptionalText(body, name);
  if (text === undefined) return undefined;
  const fits = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  return fits ? text : refuse(name, 'must be an http or https address');
}

/** Visible ASCII without spaces: it stands in URLs and in the ledger. */
export function readReference(body: Body): string {
  return readText(body, 'reference', /^[\x21-\x7e]{1,100}$/);
}
