/** `when:` → a condition. Keys of one mapping must all hold; `all`, `any` and `not` nest. */
import type { Path } from './document.ts';
import type { Condition } from './condition.ts';
import { fieldNames, fields, type Field, type FieldName, type Subject } from './fields.ts';
import {
  binAllowed,
  isRange,
  readAmount,
  readBin,
  readInteger,
  readNumberRange,
  readTime,
} from './read-ranges.ts';
import {
  countryAllowed,
  knownNumbers,
  knownWords,
  readBoolean,
  readChoice,
  readCountry,
  readScalar,
  readText,
  readWord,
} from './read-values.ts';
import { alternatives, isMapping, list, mapping, note, unfit, type Reading } from './reading.ts';
import { everyNumber, moneyOf, type ValueSet } from './sets.ts';

const combinators = ['all', 'any', 'not'] as const;

/** Undefined when anything in it is wrong; the findings tell what. */
export function readWhen(reading: Reading, path: Path, value: unknown): Condition | undefined {
  if (isMapping(value) && Object.keys(value).length === 0) {
    const message = 'found an empty mapping, allowed: at least one condition (see also `default`)';
    return note(reading, path, message);
  }
  const before = reading.findings.length;
  const read = mapping(reading, path, value, [...fieldNames, ...combinators]);
  if (!read) return undefined;
  const parts = Object.entries(read).map(([key, entry]) =>
    readPart(reading, [...path, key], key, entry),
  );
  if (reading.findings.length > before) return undefined;
  const known = parts.filter((part) => part !== undefined);
  return known.length === 1 ? known[0] : { kind: 'all', of: known };
}

function readPart(
  reading: Reading,
  path: Path,
  key: string,
  value: unknown,
): Condition | undefined {
  if (key === 'not') {
    const inner = readWhen(reading, path, value);
    return inner && { kind: 'not', of: inner };
  }
  if (key === 'all' || key === 'any') {
    const of = list(reading, path, value, 'a list of at least one condition', (at, entry) =>
      readWhen(reading, at, entry),
    );
    return of && { kind: key, of };
  }
  return isField(key) ? readField(reading, path, key, value) : undefined;
}

function isField(key: string): key is FieldName {
  return Object.hasOwn(fields, key);
}

function readField(
  reading: Reading,
  path: Path,
  name: FieldName,
  value: unknown,
): Condition | undefined {
  const field: Field = fields[name];
  if (field.kind === 'metadata') return readMetadata(reading, path, value);
  if (field.kind === 'time') return readTimes(reading, path, value);
  const set = readSet(reading, path, field, value);
  if (!set) return undefined;
  if (set.kind === 'money') return { kind: 'test', subject: { of: 'money' }, set, path };
  return { kind: 'test', subject: { of: name } as Subject, set, path };
}

function readSet(
  reading: Reading,
  path: Path,
  field: Exclude<Field, { kind: 'metadata' | 'time' }>,
  value: unknown,
): ValueSet | undefined {
  switch (field.kind) {
    case 'amount':
      return readAmount(reading, path, value);
    case 'integer':
      return readInteger(reading, path, value, field.minimum, field.maximum);
    case 'bin':
      return readBins(reading, path, value);
    case 'currency':
      return readCurrency(reading, path, value, field.words);
    case 'country': {
      const one = readCountry(reading);
      return readChoice(reading, path, value, { one, allowed: countryAllowed, known: knownWords });
    }
    case 'boolean': {
      const one = readBoolean(reading);
      const allowed = 'true or false';
      return readChoice(reading, path, value, { one, allowed, known: knownWords });
    }
    case 'words': {
      const one = readWord(reading, field.words);
      const allowed = alternatives(field.words);
      return readChoice(reading, path, value, { one, allowed, known: knownWords });
    }
    case 'text': {
      const one = readText(reading, field.shape);
      const { allowed } = field.shape;
      return readChoice(reading, path, value, { one, allowed, known: knownWords });
    }
  }
}

function readCurrency(
  reading: Reading,
  path: Path,
  value: unknown,
  allowed: readonly string[],
): ValueSet | undefined {
  const readOne = readWord(reading, allowed);
  const one = (at: Path, entry: unknown) => {
    const found = readOne(at, entry);
    if (!found || typeof entry !== 'string') return undefined;
    return moneyOf(everyNumber.map((range) => [entry, range] as const));
  };
  return readChoice(reading, path, value, { one, allowed: alternatives(allowed) });
}

function readBins(reading: Reading, path: Path, value: unknown): ValueSet | undefined {
  const one = readBin(reading);
  // A range is a mapping too, and not one of in, not and exists.
  if (isMapping(value) && ('from' in value || 'to' in value)) return one(path, value);
  return readChoice(reading, path, value, { one, allowed: binAllowed, known: knownNumbers });
}

/** `{ plan: gold, score: { gte: 10 } }`: every key must hold. */
function readMetadata(reading: Reading, path: Path, value: unknown): Condition | undefined {
  if (!isMapping(value) || Object.keys(value).length === 0) {
    const allowed = 'a mapping of at least one metadata key to what it must be';
    return unfit(reading, path, value, allowed);
  }
  const of = Object.entries(value).map(([key, entry]): Condition | undefined => {
    const at = [...path, key];
    if (key.length > 40) {
      return note(reading, at, 'a metadata key has at most 40 characters', 'key');
    }
    if (isRange(entry)) {
      const set = readNumberRange(reading, at, entry);
      return set && { kind: 'test', subject: { of: 'metadata_number', key }, set, path: at };
    }
    const one = readScalar(reading);
    const allowed = 'a value, a list of values, a range, or a mapping with in, not, exists';
    const set = readChoice(reading, at, entry, { one, allowed, known: knownWords });
    return set && { kind: 'test', subject: { of: 'metadata', key }, set, path: at };
  });
  if (!of.every((part) => part !== undefined)) return undefined;
  return of.length === 1 ? of[0] : { kind: 'all', of };
}

/** `{ zone: Asia/Jakarta, days: [mon], from: '09:00', to: '17:00' }`, or a list: any of them. */
function readTimes(reading: Reading, path: Path, value: unknown): Condition | undefined {
  const one = (at: Path, entry: unknown): Condition | undefined => {
    const time = readTime(reading, at, entry);
    const subject = { of: 'time', zone: time?.zone ?? '' } as const;
    return time && { kind: 'test', subject, set: time.set, path: at };
  };
  if (!Array.isArray(value)) return one(path, value);
  const of = list(reading, path, value, 'a list of at least one time', one);
  return of && { kind: 'any', of };
}
