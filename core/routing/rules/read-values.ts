/**
 * The words a field is compared with: `EUR`, `[EUR, CHF]`, `{ not: EUR }`, `{ exists: true }`. Each
 * becomes a set. Ranges are read in read-ranges.ts.
 */
import type { Path } from './document.ts';
import type { Shape } from './fields.ts';
import {
  flag,
  isMapping,
  list,
  mapping,
  note,
  text,
  unfit,
  word,
  type Reading,
} from './reading.ts';
import { complement, everyNumber, intersect, unionOf, words, type ValueSet } from './sets.ts';

/** Every word, and every number, that is known at all: what `exists: true` stands for. */
export const knownWords: ValueSet = {
  kind: 'words',
  words: new Set(),
  except: true,
  absent: false,
};
export const knownNumbers: ValueSet = { kind: 'numbers', ranges: everyNumber, absent: false };

/** Reads one entry as the set of what it stands for. */
export type ReadOne = (path: Path, value: unknown) => ValueSet | undefined;

/**
 * A value, a list of values (any of them), or a mapping of `in`, `not` and `exists` (all). `known`
 * is what `exists` stands for; without it the field is always known.
 */
export function readChoice(
  reading: Reading,
  path: Path,
  value: unknown,
  { one, allowed, known }: { one: ReadOne; allowed: string; known?: ValueSet },
): ValueSet | undefined {
  const choice = (at: Path, entry: unknown): ValueSet | undefined => {
    if (!Array.isArray(entry)) return one(at, entry);
    const [first, ...others] =
      list(reading, at, entry, `a list of at least one value: ${allowed}`, one) ?? [];
    return first && unionOf([first, ...others]);
  };
  if (!isMapping(value)) return choice(path, value);
  if (Object.keys(value).length === 0) {
    return note(reading, path, `found an empty mapping, allowed: ${allowed}`);
  }
  const before = reading.findings.length;
  const read = mapping(reading, path, value, ['in', 'not', ...(known ? ['exists'] : [])]);
  if (!read || reading.findings.length > before) return undefined;
  const parts: (ValueSet | undefined)[] = [];
  if ('in' in read) parts.push(choice([...path, 'in'], read['in']));
  if ('not' in read) {
    const inner = choice([...path, 'not'], read['not']);
    parts.push(inner && complement(inner));
  }
  if ('exists' in read && known) {
    const exists = flag(reading, [...path, 'exists'], read['exists']);
    parts.push(exists === false ? complement(known) : exists && known);
  }
  return together(parts);
}

/** The common part; undefined when one could not be read, or when there is none at all. */
function together(parts: readonly (ValueSet | undefined)[]): ValueSet | undefined {
  const [first, ...rest] = parts;
  return rest.reduce((a, b) => a && b && intersect(a, b), first);
}

export function readWord(reading: Reading, allowed: readonly string[]): ReadOne {
  return (path, value) => {
    const found = word(reading, path, value, allowed);
    return found === undefined ? undefined : words([found]);
  };
}

export function readText(reading: Reading, shape: Shape): ReadOne {
  return (path, value) => {
    const found = text(reading, path, value, shape.allowed, shape.pattern);
    return found === undefined ? undefined : words([found]);
  };
}

export const countryAllowed = 'an ISO 3166-1 country of two capital letters such as ID';

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Countries as Unicode's tables know them; what they call by another name (UK) is suggested. */
export function readCountry(reading: Reading): ReadOne {
  return (path, value) => {
    if (typeof value !== 'string' || !/^[A-Za-z]{2}$/.test(value)) {
      return unfit(reading, path, value, countryAllowed);
    }
    const proper = new Intl.Locale(`und-${value}`).region ?? '';
    const isKnown = regionNames.of(value.toUpperCase()) !== undefined && !/^Z|^X/.test(proper);
    if (proper === value && isKnown) return words([value]);
    const isOther = isKnown && proper !== '' && proper !== value;
    const hint = isOther ? ` (did you mean "${proper}"?)` : '';
    return note(reading, path, `found ${JSON.stringify(value)}, allowed: ${countryAllowed}${hint}`);
  };
}

export function readBoolean(reading: Reading): ReadOne {
  return (path, value) => {
    const found = flag(reading, path, value);
    return found === undefined ? undefined : words([String(found)]);
  };
}

/** A metadata value, as text: `5` and `"5"` are the same. */
export function readScalar(reading: Reading): ReadOne {
  return (path, value) => {
    const isText = typeof value === 'string' && value.length <= 500;
    if (isText || typeof value === 'number' || typeof value === 'boolean') {
      return words([String(value)]);
    }
    return unfit(reading, path, value, 'text of at most 500 characters, a number, true or false');
  };
}
