/**
 * Reasoning about conditions. A condition becomes a union of boxes (one set of values for each
 * subject; a subject that is not named may be anything). Emptiness and coverage are then decided
 * set by set.
 *
 * Sound, not complete: what is said to be covered is covered, what is said to be impossible is. Not
 * everything that is so is found: subjects are taken as independent (a metadata key as a word and
 * as a number, two time zones), and a condition that would need more than `boxesMax` boxes is left
 * alone.
 */
import type { Condition, Test } from './condition.ts';
import { subjectKey } from './fields.ts';
import { complement, intersect, isEmpty, meet, unionOf, type ValueSet } from './sets.ts';

/** Subject → the values it may have. */
export type Box = ReadonlyMap<string, ValueSet>;

const boxesMax = 256;

/** The condition as boxes, none of them empty; undefined when there would be too many. */
export function boxesOf(condition: Condition, negated = false): readonly Box[] | undefined {
  switch (condition.kind) {
    case 'test':
      return testBoxes(condition, negated);
    case 'not':
      return boxesOf(condition.of, !negated);
    default: {
      const parts = condition.of.map((part) => boxesOf(part, negated));
      const isAll = (condition.kind === 'all') !== negated;
      return isAll ? product(parts) : sum(parts);
    }
  }
}

function testBoxes({ subject, set }: Test, negated: boolean): readonly Box[] {
  const values = negated ? complement(set) : set;
  return isEmpty(values) ? [] : [new Map([[subjectKey(subject), values]])];
}

type Boxes = readonly Box[] | undefined;

function sum(parts: readonly Boxes[]): Boxes {
  const boxes: Box[] = [];
  for (const part of parts) {
    if (!part) return undefined;
    boxes.push(...part);
  }
  return boxes.length > boxesMax ? undefined : boxes;
}

function product(parts: readonly Boxes[]): Boxes {
  let boxes: readonly Box[] = [new Map()];
  // Impossible is impossible, whatever the parts that are too large to look at say.
  if (parts.some((part) => part?.length === 0)) return [];
  for (const part of parts) {
    if (!part || boxes.length * part.length > boxesMax * 4) return undefined;
    boxes = boxes.flatMap((a) => part.flatMap((b) => commonBox(a, b) ?? []));
    if (boxes.length > boxesMax) return undefined;
  }
  return boxes;
}

/** What is in both; undefined when nothing is. */
function commonBox(a: Box, b: Box): Box | undefined {
  const common = new Map(a);
  for (const [key, set] of b) {
    const own = common.get(key);
    const both = own ? intersect(own, set) : set;
    if (isEmpty(both)) return undefined;
    common.set(key, both);
  }
  return common;
}

/** What is in `box` and not in `other`, in boxes that do not overlap. */
function without(box: Box, other: Box): Box[] {
  if (!commonBox(box, other)) return [box];
  const left: Box[] = [];
  let inside = box;
  for (const [key, set] of other) {
    const own = inside.get(key);
    const outside = own ? intersect(own, complement(set)) : complement(set);
    if (!isEmpty(outside)) left.push(new Map([...inside, [key, outside]]));
    inside = new Map([...inside, [key, own ? intersect(own, set) : set]]);
  }
  return left;
}

/**
 * Whether everything in `boxes` is in one of `covers`; undefined when that is too much work to find
 * out.
 */
export function coverage(boxes: readonly Box[], covers: readonly Box[]): boolean | undefined {
  let answer: boolean | undefined = true;
  for (const box of boxes) {
    const one = coverageOf(box, covers);
    if (one === false) return false;
    answer = answer && one;
  }
  return answer;
}

/** As {@link coverage} says, and no when it does not. */
export function covered(boxes: readonly Box[], covers: readonly Box[]): boolean {
  return coverage(boxes, covers) === true;
}

function coverageOf(box: Box, covers: readonly Box[]): boolean | undefined {
  let left: readonly Box[] = [box];
  for (const cover of relevant(box, covers)) {
    left = left.flatMap((one) => without(one, cover));
    if (left.length === 0) return true;
    if (left.length > boxesMax) return undefined;
  }
  return false;
}

/**
 * The covers that matter. Those that do not touch the box do not; nor do all that name a subject of
 * which they leave a value of the box out together: the others must cover the box at that value,
 * and since they do not ask for the subject, they then cover it everywhere. With hundreds of rules
 * mostly nothing is left.
 */
function relevant(box: Box, covers: readonly Box[]): readonly Box[] {
  let kept = covers.filter((cover) => touches(box, cover));
  for (;;) {
    const useless = new Set<string>();
    for (const [key, sets] of setsBySubject(kept)) {
      if (leaveOut(box.get(key), sets)) useless.add(key);
    }
    if (useless.size === 0) return kept;
    kept = kept.filter((cover) => ![...cover.keys()].some((key) => useless.has(key)));
  }
}

function touches(box: Box, cover: Box): boolean {
  for (const [key, set] of cover) {
    const own = box.get(key);
    if (own && !meet(own, set)) return false;
  }
  return true;
}

function setsBySubject(covers: readonly Box[]): Map<string, [ValueSet, ...ValueSet[]]> {
  const subjects = new Map<string, [ValueSet, ...ValueSet[]]>();
  for (const cover of covers) {
    for (const [key, set] of cover) {
      const known = subjects.get(key);
      if (known) known.push(set);
      else subjects.set(key, [set]);
    }
  }
  return subjects;
}

/** Whether a value of the box is in none of the sets; `own` undefined: it may be any. */
function leaveOut(own: ValueSet | undefined, sets: readonly [ValueSet, ...ValueSet[]]): boolean {
  const rest = complement(unionOf(sets));
  return own ? meet(own, rest) : !isEmpty(rest);
}
