/**
 * The sets of values that conditions stand for. One representation serves matching and reasoning:
 * a condition holds when the fact is in its set, and rules are compared by intersecting and
 * complementing the same sets. What is not known of a payment is a value of its own ("absent").
 */

/** From `from` (included) to `to` (left out); lists are in order and do not touch. */
export type Range = readonly [from: number, to: number];

/** The words listed, or all but those; `absent` when the unknown belongs to it too. */
export interface WordSet {
  readonly kind: 'words';
  readonly words: ReadonlySet<string>;
  readonly except: boolean;
  readonly absent: boolean;
}

export interface NumberSet {
  readonly kind: 'numbers';
  readonly ranges: readonly Range[];
  readonly absent: boolean;
}

/** Amounts by currency; `others`: whether any amount of a currency not listed belongs to it. */
export interface MoneySet {
  readonly kind: 'money';
  readonly by: ReadonlyMap<string, readonly Range[]>;
  readonly others: boolean;
}

export type ValueSet = WordSet | NumberSet | MoneySet;

export const everyNumber: readonly Range[] = [[-Infinity, Infinity]];

/** The next double above: it makes "greater than" a range that begins somewhere. */
export function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

/** Sorted, without empty ranges, overlaps and touching ends. */
export function rangesOf(parts: readonly Range[]): Range[] {
  const joined: [number, number][] = [];
  for (const [from, to] of parts.toSorted((a, b) => a[0] - b[0])) {
    if (from >= to) continue;
    const last = joined.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}

function commonRanges(a: readonly Range[], b: readonly Range[]): Range[] {
  return rangesOf(
    a.flatMap(([from, to]) => b.map((r): Range => [Math.max(from, r[0]), Math.min(to, r[1])])),
  );
}

function otherRanges(ranges: readonly Range[]): Range[] {
  const ends = [-Infinity, ...ranges.flat(), Infinity];
  const gaps: Range[] = [];
  for (let at = 0; at < ends.length; at += 2) gaps.push([Number(ends[at]), Number(ends[at + 1])]);
  return rangesOf(gaps);
}

export function inRanges(value: number, ranges: readonly Range[]): boolean {
  for (const range of ranges) if (value >= range[0] && value < range[1]) return true;
  return false;
}

export function words(list: Iterable<string>): WordSet {
  return { kind: 'words', words: new Set(list), except: false, absent: false };
}

export function numbers(parts: readonly Range[]): NumberSet {
  return { kind: 'numbers', ranges: rangesOf(parts), absent: false };
}

export function moneyOf(amounts: readonly (readonly [currency: string, Range])[]): MoneySet {
  const by = new Map<string, Range[]>();
  for (const [currency, range] of amounts) {
    by.set(currency, rangesOf([...(by.get(currency) ?? []), range]));
  }
  return { kind: 'money', by, others: false };
}

/** Everything that is not in the set. */
export function complement(set: ValueSet): ValueSet {
  switch (set.kind) {
    case 'words':
      return { ...set, except: !set.except, absent: !set.absent };
    case 'numbers':
      return { ...set, ranges: otherRanges(set.ranges), absent: !set.absent };
    case 'money': {
      const by = new Map([...set.by].map(([currency, r]) => [currency, otherRanges(r)] as const));
      return { kind: 'money', by, others: !set.others };
    }
  }
}

/** What is in both. Both are of one kind: a field has one. */
export function intersect(a: ValueSet, b: ValueSet): ValueSet {
  if (a.kind === 'words' && b.kind === 'words') return commonWords(a, b);
  if (a.kind === 'numbers' && b.kind === 'numbers') {
    const ranges = commonRanges(a.ranges, b.ranges);
    return { kind: 'numbers', ranges, absent: a.absent && b.absent };
  }
  if (a.kind === 'money' && b.kind === 'money') {
    const of = (set: MoneySet, currency: string) =>
      set.by.get(currency) ?? (set.others ? everyNumber : []);
    const currencies = new Set([...a.by.keys(), ...b.by.keys()]);
    const by = new Map(
      [...currencies].map((code) => [code, commonRanges(of(a, code), of(b, code))] as const),
    );
    return { kind: 'money', by, others: a.others && b.others };
  }
  throw new TypeError(`a set of ${a.kind} has nothing to do with one of ${b.kind}`);
}

function commonWords(a: WordSet, b: WordSet): WordSet {
  const absent = a.absent && b.absent;
  if (a.except && b.except) {
    return { kind: 'words', words: new Set([...a.words, ...b.words]), except: true, absent };
  }
  const [list, other] = a.except ? [b, a] : [a, b];
  const kept = [...list.words].filter((word) => other.words.has(word) !== other.except);
  return { kind: 'words', words: new Set(kept), except: false, absent };
}

/** What is in any of them; at least one, all of one kind. */
export function unionOf(sets: readonly [ValueSet, ...ValueSet[]]): ValueSet {
  switch (sets[0].kind) {
    case 'words':
      return unionOfWords(sets as readonly WordSet[]);
    case 'numbers': {
      const all = sets as readonly NumberSet[];
      const ranges = rangesOf(all.flatMap((set) => set.ranges));
      return { kind: 'numbers', ranges, absent: all.some(({ absent }) => absent) };
    }
    case 'money': {
      const all = sets as readonly MoneySet[];
      const open = all.filter(({ others }) => others);
      const parts = new Map<string, Range[]>();
      for (const { by } of all) for (const code of by.keys()) parts.set(code, []);
      for (const { by } of all) for (const [code, ranges] of by) parts.get(code)?.push(...ranges);
      for (const { by } of open) {
        for (const [code, ranges] of parts) if (!by.has(code)) ranges.push(...everyNumber);
      }
      const by = new Map([...parts].map(([code, ranges]) => [code, rangesOf(ranges)] as const));
      return { kind: 'money', by, others: open.length > 0 };
    }
  }
}

function unionOfWords(sets: readonly WordSet[]): WordSet {
  const absent = sets.some((set) => set.absent);
  const listed = new Set(sets.flatMap((set) => (set.except ? [] : [...set.words])));
  const [first, ...others] = sets.filter(({ except }) => except);
  if (!first) return { kind: 'words', words: listed, except: false, absent };
  const left = [...first.words].filter(
    (word) => !listed.has(word) && others.every(({ words: list }) => list.has(word)),
  );
  return { kind: 'words', words: new Set(left), except: true, absent };
}

/** Whether anything is in both: what {@link intersect} gives, without making it. */
export function meet(a: ValueSet, b: ValueSet): boolean {
  if (a.kind === 'words' && b.kind === 'words') return wordsMeet(a, b);
  if (a.kind === 'numbers' && b.kind === 'numbers') {
    return (a.absent && b.absent) || rangesMeet(a.ranges, b.ranges);
  }
  if (a.kind === 'money' && b.kind === 'money') {
    if (a.others && b.others) return true;
    const [listed, other] = a.others ? [b, a] : [a, b];
    for (const [code, ranges] of listed.by) {
      const own = other.by.get(code) ?? (other.others ? everyNumber : []);
      if (rangesMeet(ranges, own)) return true;
    }
    return false;
  }
  return !isEmpty(intersect(a, b));
}

function wordsMeet(a: WordSet, b: WordSet): boolean {
  if ((a.absent && b.absent) || (a.except && b.except)) return true;
  const [listed, other] = a.except ? [b, a] : [a, b];
  for (const word of listed.words) if (other.words.has(word) !== other.except) return true;
  return false;
}

function rangesMeet(a: readonly Range[], b: readonly Range[]): boolean {
  return a.some(([from, to]) => b.some((other) => from < other[1] && other[0] < to));
}

export function isEmpty(set: ValueSet): boolean {
  switch (set.kind) {
    case 'words':
      return !set.absent && !set.except && set.words.size === 0;
    case 'numbers':
      return !set.absent && set.ranges.length === 0;
    case 'money':
      return !set.others && [...set.by.values()].every((ranges) => ranges.length === 0);
  }
}

/** The same text for the same set, however it was written: for hashes. */
export function canonical(set: ValueSet): string {
  switch (set.kind) {
    case 'words':
      return JSON.stringify([set.except, set.absent, [...set.words].toSorted()]);
    case 'numbers':
      return JSON.stringify([set.absent, set.ranges]);
    case 'money': {
      const by = [...set.by].toSorted((a, b) => (a[0] < b[0] ? -1 : 1));
      return JSON.stringify([set.others, by]);
    }
  }
}
