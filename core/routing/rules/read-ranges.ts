/**
 * The ranges a field is compared with: `{ gte: 100, lt: 200 }`, amounts with their currency, BINs,
 * hours of the week. Each becomes a set.
 */
import type { Path } from './document.ts';
import { amountMax } from '../../base/money.ts';
import { currencies } from '../../base/currency.ts';
import { sixDigitsFrom } from './fields.ts';
import { readChoice, type ReadOne } from './read-values.ts';
import {
  alternatives,
  integer,
  isMapping,
  list,
  mapping,
  near,
  note,
  unfit,
  word,
  type Reading,
} from './reading.ts';
import {
  moneyOf,
  nextUp,
  numbers,
  type MoneySet,
  type NumberSet,
  type Range,
  type ValueSet,
} from './sets.ts';
import { isZone } from './zoned-time.ts';

const bounds = ['from', 'to', 'gt', 'gte', 'lt', 'lte'] as const;

/** Whether a mapping is meant as a range. */
export function isRange(value: unknown): boolean {
  return isMapping(value) && bounds.some((bound) => Object.hasOwn(value, bound));
}

/**
 * `from` and `gte` include their number, as do `to` and `lte`. Whole numbers step by one, others to
 * the next there is. Undefined when a bound is no such number.
 */
function readBounds(
  path: Path,
  value: Readonly<Record<string, unknown>>,
  readNumber: (path: Path, value: unknown) => number | undefined,
  above: (value: number) => number,
): Range | undefined {
  let from = -Infinity;
  let to = Infinity;
  for (const bound of bounds) {
    if (!Object.hasOwn(value, bound)) continue;
    const limit = readNumber([...path, bound], value[bound]);
    if (limit === undefined) return undefined;
    if (bound === 'from' || bound === 'gte') from = Math.max(from, limit);
    else if (bound === 'gt') from = Math.max(from, above(limit));
    else to = Math.min(to, bound === 'lt' ? limit : above(limit));
  }
  return [from, to];
}

const stepByOne = (value: number) => value + 1;

/** `2`, `[1, 3]`, `{ gte: 2 }`, `{ not: 1 }`. */
export function readInteger(
  reading: Reading,
  path: Path,
  value: unknown,
  minimum: number,
  maximum: number,
): ValueSet | undefined {
  const whole = (at: Path, entry: unknown) => integer(reading, at, entry, minimum, maximum);
  const one: ReadOne = (at, entry) => {
    if (isRange(entry)) {
      const read = mapping(reading, at, entry, bounds);
      const range = read && readBounds(at, read, whole, stepByOne);
      return range && numbers([range]);
    }
    const found = whole(at, entry);
    return found === undefined ? undefined : numbers([[found, found + 1]]);
  };
  if (isRange(value)) return one(path, value);
  const allowed = `an integer from ${minimum} to ${maximum}, or a range`;
  return readChoice(reading, path, value, { one, allowed });
}

/** A range of metadata numbers, fractions allowed. */
export function readNumberRange(
  reading: Reading,
  path: Path,
  value: unknown,
): NumberSet | undefined {
  const read = mapping(reading, path, value, bounds);
  const anyNumber = (at: Path, entry: unknown) =>
    Number.isFinite(entry) ? Number(entry) : unfit(reading, at, entry, 'a number');
  const range = read && readBounds(path, read, anyNumber, nextUp);
  return range && numbers([range]);
}

/** `{ currency: USD, gte: 10000 }`, or a list of such, one for each currency. */
export function readAmount(reading: Reading, path: Path, value: unknown): MoneySet | undefined {
  if (Array.isArray(value)) {
    const allowed = 'a list of amounts, each with its currency';
    const parts = list(reading, path, value, allowed, (at, entry) => onAmount(reading, at, entry));
    return parts && moneyOf(parts);
  }
  const part = onAmount(reading, path, value);
  return part && moneyOf([part]);
}

function onAmount(
  reading: Reading,
  path: Path,
  value: unknown,
): readonly [string, Range] | undefined {
  if (!isMapping(value)) {
    const allowed = 'a mapping such as { currency: USD, gte: 10000 }, in minor units';
    return unfit(reading, path, value, allowed);
  }
  const before = reading.findings.length;
  const read = mapping(reading, path, value, ['currency', 'equal', ...bounds], {
    currency: 'the currency that the minor units are of',
  });
  if (!read || reading.findings.length > before) return undefined;
  const currency = word(reading, [...path, 'currency'], read['currency'], currencies);
  const whole = (at: Path, entry: unknown) => integer(reading, at, entry, 0, amountMax);
  if (currency === undefined) return undefined;
  if ('equal' in read) {
    const amount = whole([...path, 'equal'], read['equal']);
    return amount === undefined ? undefined : [currency, [amount, amount + 1]];
  }
  if (!isRange(read)) {
    return note(reading, path, `no bound is given, allowed: ${alternatives(['equal', ...bounds])}`);
  }
  const range = readBounds(path, read, whole, stepByOne);
  return range && [currency, range];
}

export const binAllowed = 'the first 1 to 8 digits of a card, or { from: 400000, to: 499999 }';

/** A prefix of up to eight digits, or a range between two of the same length. */
export function readBin(reading: Reading): ReadOne {
  const digits = (path: Path, value: unknown): string | undefined => {
    const found = typeof value === 'number' ? String(value) : value;
    const isBin = typeof found === 'string' && /^\d{1,8}$/.test(found);
    return isBin ? found : unfit(reading, path, value, binAllowed);
  };
  return (path, value) => {
    if (!isMapping(value)) {
      const prefix = digits(path, value);
      return prefix === undefined ? undefined : binsBetween(prefix, prefix);
    }
    const required = { from: 'the first BIN', to: 'the last BIN' };
    const read = mapping(reading, path, value, ['from', 'to'], required);
    if (!read || !('from' in read && 'to' in read)) return undefined;
    const from = digits([...path, 'from'], read['from']);
    const to = digits([...path, 'to'], read['to']);
    return from === undefined || to === undefined ? undefined : binsBetween(from, to);
  };
}

/** Both included: every eight-digit BIN in between, and every six-digit one that is all within. */
function binsBetween(from: string, to: string): NumberSet {
  const first = Number(from.padEnd(8, '0'));
  const beyond = Number(to.padEnd(8, '9')) + 1;
  return numbers([
    [first, beyond],
    [sixDigitsFrom + Math.ceil(first / 100), sixDigitsFrom + Math.floor(beyond / 100)],
  ]);
}

const dayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const weekMinutes = 7 * 1440;

/** Days and hours as minutes of the week; a window that ends before it begins ends the next day. */
export function readTime(
  reading: Reading,
  path: Path,
  value: unknown,
): { zone: string; set: NumberSet } | undefined {
  const before = reading.findings.length;
  const read = mapping(reading, path, value, ['zone', 'days', 'from', 'to'], {
    zone: 'a time zone such as Asia/Jakarta',
  });
  if (!read || reading.findings.length > before) return undefined;
  const zone = readZone(reading, [...path, 'zone'], read['zone']);
  const days =
    'days' in read
      ? list(reading, [...path, 'days'], read['days'], alternatives(dayNames), (at, entry) =>
          word(reading, at, entry, dayNames),
        )
      : dayNames;
  const from = readClock(reading, [...path, 'from'], read['from'] ?? '00:00');
  const to = readClock(reading, [...path, 'to'], read['to'] ?? '24:00');
  if (zone === undefined || !days || from === undefined || to === undefined) return undefined;
  if (from === to) {
    return note(reading, path, 'the time begins and ends at the same minute, so it is never');
  }
  const length = to > from ? to - from : to + 1440 - from;
  const parts = days.flatMap((day): Range[] => {
    const start = dayNames.indexOf(day) * 1440 + from;
    const end = start + length;
    return end <= weekMinutes
      ? [[start, end]]
      : [
          [start, weekMinutes],
          [0, end - weekMinutes],
        ];
  });
  return { zone, set: numbers(parts) };
}

function readZone(reading: Reading, path: Path, value: unknown): string | undefined {
  if (typeof value === 'string' && isZone(value)) return value;
  const hint = near(value, [...Intl.supportedValuesOf('timeZone'), 'UTC']);
  const found = typeof value === 'string' ? JSON.stringify(value) : 'no text';
  return note(reading, path, `found ${found}, allowed: a time zone such as Asia/Jakarta${hint}`);
}

function readClock(reading: Reading, path: Path, value: unknown): number | undefined {
  const match = typeof value === 'string' ? /^(\d{1,2}):(\d{2})$/.exec(value) : null;
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : NaN;
  if (match && Number(match[2]) < 60 && minutes <= 1440) return minutes;
  return unfit(reading, path, value, 'a time from 00:00 to 24:00');
}
