/**
 * Reading plain data out of a YAML document: each function takes what stands at a path, and answers
 * it in its type or notes a finding and answers undefined. A finding says what was found, what is
 * allowed, and where.
 */
import {
  describeFound,
  dotted,
  type Finding,
  type Path,
  suggestion,
  type YamlDocument,
} from './document.ts';

export interface Reading {
  readonly document: YamlDocument;
  readonly findings: Finding[];
}

/** Notes what is wrong at a path, in one sentence. */
export function note(
  { document, findings }: Reading,
  path: Path,
  message: string,
  part: 'key' | 'value' = 'value',
  parts: Pick<Finding, 'found' | 'allowed'> = {},
): undefined {
  findings.push({ place: document.at(path, part), key: dotted(path), message, ...parts });
  return undefined;
}

/** `found "usd", allowed: … (did you mean "USD"?)` */
export function unfit(
  reading: Reading,
  path: Path,
  value: unknown,
  allowed: string,
  candidates: readonly string[] = [],
): undefined {
  const subject = path.length === 0 ? 'the file holds' : 'found';
  const found = describeFound(value, {}, []);
  const hint = suggestion(value, candidates);
  const message = `${subject} ${found}, allowed: ${allowed}${hint}`;
  return note(reading, path, message, 'value', { found, allowed });
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A mapping with these keys; those not known and those missing are findings. */
export function mapping(
  reading: Reading,
  path: Path,
  value: unknown,
  known: readonly string[],
  required: Readonly<Record<string, string>> = {},
): Readonly<Record<string, unknown>> | undefined {
  if (!isMapping(value)) {
    return unfit(reading, path, value, `a mapping with the keys ${known.join(', ')}`);
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const message = `found an unknown key, allowed: ${known.join(', ')}${suggestion(key, known)}`;
    const parts = { found: 'an unknown key', allowed: known.join(', ') };
    note(reading, [...path, key], message, 'key', parts);
  }
  for (const [key, allowed] of Object.entries(required)) {
    if (Object.hasOwn(value, key)) continue;
    const place = reading.document.at(path, 'key');
    const message = `this key is missing, allowed: ${allowed}`;
    reading.findings.push({
      place,
      key: dotted([...path, key]),
      message,
      found: 'nothing',
      allowed,
    });
  }
  return value;
}

/** A list with at least one entry, each read by `read`; undefined when any entry is wrong. */
export function list<T>(
  reading: Reading,
  path: Path,
  value: unknown,
  allowed: string,
  read: (path: Path, entry: unknown) => T | undefined,
): T[] | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    const empty = Array.isArray(value) ? 'found an empty list' : undefined;
    if (empty) return note(reading, path, `${empty}, allowed: ${allowed}`);
    return unfit(reading, path, value, allowed);
  }
  const entries = value.map((entry, at) => read([...path, at], entry));
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

export function word<const W extends readonly string[]>(
  reading: Reading,
  path: Path,
  value: unknown,
  allowed: W,
): W[number] | undefined {
  if (typeof value === 'string' && allowed.includes(value)) return value;
  return unfit(reading, path, value, alternatives(allowed), allowed);
}

/** Long lists are not repeated in full: nobody reads 150 currencies on one line. */
export function alternatives(words: readonly string[]): string {
  if (words.length > 24) {
    return `one of ${words.length} such as ${words.slice(-3).join(', ')}`;
  }
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

export function text(
  reading: Reading,
  path: Path,
  value: unknown,
  allowed: string,
  pattern: RegExp,
): string | undefined {
  if (typeof value === 'string' && pattern.test(value)) return value;
  return unfit(reading, path, value, allowed);
}

export function integer(
  reading: Reading,
  path: Path,
  value: unknown,
  minimum: number,
  maximum: number,
): number | undefined {
  const fits = Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
  return fits
    ? Number(value)
    : unfit(reading, path, value, `an integer from ${minimum} to ${maximum}`);
}

export function flag(reading: Reading, path: Path, value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : unfit(reading, path, value, 'true or false');
}

/** The nearest of some names, as ` (did you mean "eu-main"?)`, or nothing. */
export function near(found: unknown, names: readonly string[]): string {
  return suggestion(found, names);
}
