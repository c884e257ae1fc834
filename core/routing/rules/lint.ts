/**
 * What is allowed in a rules file and still most likely a mistake: rules that can never decide,
 * conditions that nothing meets, no default, names that nothing has. What it says is so; it does
 * not find everything that is (see boxes.ts).
 */
import { setImmediate } from 'node:timers/promises';
import { byPlace, dotted, type Finding, type Path } from './document.ts';
import { boxesOf, coverage, covered, type Box } from './boxes.ts';
import { testsIn, type Condition } from './condition.ts';
import { near } from './reading.ts';
import type { AccountRef, KnownAccount, Rule, Rules } from './rule.ts';
import { isEmpty } from './sets.ts';

export interface LintFinding extends Finding {
  /** An error makes the rule useless; a warning may be meant. */
  readonly level: 'error' | 'warning';
}

export interface LintOptions {
  /** Names and weights are held against these. */
  readonly accounts?: readonly KnownAccount[];
}

/** In the order of the file. */
export function lint(rules: Rules, options: LintOptions = {}): readonly LintFinding[] {
  const steps = lintSteps(rules, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Works for so long, and lets others go first then: requests that wait for the same thread. */
const turnMs = 10;

/** As {@link lint}, for a server: some thousand rules take a while. */
export async function lintInTurns(
  rules: Rules,
  options: LintOptions = {},
): Promise<readonly LintFinding[]> {
  const steps = lintSteps(rules, options);
  let startedMs = performance.now();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (performance.now() - startedMs < turnMs) continue;
    await setImmediate();
    startedMs = performance.now();
  }
}

/** One rule a step. */
function* lintSteps(
  rules: Rules,
  { accounts }: LintOptions,
): Generator<undefined, readonly LintFinding[]> {
  const findings: LintFinding[] = [];
  const tell: Tell = (level, path, message) => {
    findings.push({ level, place: rules.placeOf(path), key: dotted(path), message });
  };
  yield* tellUnreachable(rules, tell);
  tellNoDefault(rules, tell);
  const all = rules.fallback ? [...rules.rules, rules.fallback] : rules.rules;
  for (const rule of all) {
    tellTwice(rule, tell);
    if (accounts) {
      tellUnknown(rule, accounts, rules, tell);
      tellUnweighted(rule, accounts, tell);
    }
    yield;
  }
  tellUnusedGroups(rules, all, tell);
  return findings.toSorted(byPlace);
}

type Tell = (level: LintFinding['level'], path: Path, message: string) => void;

interface Covering {
  readonly rule: Rule;
  readonly boxes: readonly Box[];
}

function* tellUnreachable({ rules }: Rules, tell: Tell): Generator<undefined, void> {
  const before: Covering[] = [];
  const all: Box[] = [];
  for (const rule of rules) {
    const boxes = boxesOf(rule.condition);
    if (boxes?.length === 0) tellImpossible(rule, tell);
    else if (boxes) {
      tellCovered(rule, boxes, before, all, tell);
      before.push({ rule, boxes });
      all.push(...boxes);
    }
    yield;
  }
}

/** One rule above that matches as much is named; several together are not. */
function tellCovered(
  rule: Rule,
  boxes: readonly Box[],
  before: readonly Covering[],
  all: readonly Box[],
  tell: Tell,
): void {
  const together = coverage(boxes, all);
  if (together === false) return;
  const single = before.find((one) => covered(boxes, one.boxes));
  if (single) {
    const message = `never reached: "${single.rule.name}" above matches all that it matches`;
    tell('error', rule.path, message);
  } else if (together) {
    tell('error', rule.path, 'never reached: the rules above match together all that it matches');
  }
}

/** The smallest part that nothing meets, at its own place. */
function tellImpossible(rule: Rule, tell: Tell): void {
  const when = [...rule.path, 'when'];
  const empty = testsIn(rule.condition).find(({ set }) => isEmpty(set));
  if (empty) tell('error', empty.path, 'impossible: no value meets this condition');
  else {
    const clash = clashIn(rule.condition);
    const what = clash === undefined ? 'its conditions contradict each other' : clash;
    tell('error', when, `impossible: ${what}, so the rule matches nothing`);
  }
}

/** The first two parts of an `all` that exclude each other, by their keys. */
function clashIn(condition: Condition): string | undefined {
  if (condition.kind !== 'all') return undefined;
  for (const [at, a] of condition.of.entries()) {
    for (const b of condition.of.slice(at + 1)) {
      const both = boxesOf({ kind: 'all', of: [a, b] });
      if (both?.length !== 0) continue;
      const [first, second] = [a, b].map((part) => lastKeys(part));
      return `${first} and ${second} contradict each other`;
    }
  }
  return undefined;
}

function lastKeys(condition: Condition): string {
  const paths = testsIn(condition).map(({ path }) => dotted(path.slice(path.indexOf('when') + 1)));
  return paths[0] ?? 'a condition';
}

function tellNoDefault({ rules, fallback }: Rules, tell: Tell): void {
  if (fallback) return;
  const boxes = rules.map(({ condition }) => boxesOf(condition) ?? []);
  if (covered([new Map()], boxes.flat())) return;
  tell('warning', ['rules'], 'no default: a payment that no rule matches is refused');
}

function tellTwice(rule: Rule, tell: Tell): void {
  const seen = new Set<string>();
  for (const ref of rule.use.accounts) {
    const name = refText(ref);
    if (seen.has(name)) {
      tell('warning', accountsPath(rule), `"${name}" stands twice in the list of accounts`);
    }
    seen.add(name);
  }
}

function accountsPath(rule: Rule): Path {
  return rule.path[0] === 'default' ? ['default', 'accounts'] : [...rule.path, 'use', 'accounts'];
}

function refText(ref: AccountRef): string {
  if (ref.kind === 'all') return 'all';
  return ref.kind === 'tag' ? `tag:${ref.name}` : ref.name;
}

function isMeant(ref: AccountRef, { id, name, tags }: KnownAccount): boolean {
  if (ref.kind === 'all') return true;
  return ref.kind === 'tag' ? tags.includes(ref.name) : ref.name === id || ref.name === name;
}

function tellUnknown(
  rule: Rule,
  accounts: readonly KnownAccount[],
  { groups }: Rules,
  tell: Tell,
): void {
  for (const ref of rule.use.accounts) {
    if (ref.kind === 'all' || accounts.some((account) => isMeant(ref, account))) continue;
    const names =
      ref.kind === 'tag'
        ? accounts.flatMap(({ tags }) => tags).map((tag) => `tag:${tag}`)
        : [...accounts.map(({ name }) => name), ...Object.keys(groups)];
    const text = refText(ref);
    tell('error', accountsPath(rule), `no account is meant by "${text}"${near(text, names)}`);
  }
}

function tellUnweighted(rule: Rule, accounts: readonly KnownAccount[], tell: Tell): void {
  const { strategy, weights, accounts: refs } = rule.use;
  const used = accounts.filter((account) => refs.some((ref) => isMeant(ref, account)));
  if (weights) {
    for (const { id, name } of used) {
      if (Object.hasOwn(weights, id) || Object.hasOwn(weights, name)) continue;
      tell('warning', accountsPath(rule), `"${name}" has no weight here, so it is the last resort`);
    }
    return;
  }
  if (strategy !== 'weighted_round_robin' || used.length < 2) return;
  if (used.some(({ weight }) => weight !== used[0]?.weight)) return;
  const message = 'no weights: all accounts have the same, so they simply take turns';
  tell('warning', accountsPath(rule), message);
}

function tellUnusedGroups({ groups }: Rules, all: readonly Rule[], tell: Tell): void {
  const used = new Set(all.flatMap(({ use }) => use.accounts).map(refText));
  for (const [name, refs] of Object.entries(groups)) {
    // Rules keep what a group stands for, so a group counts as used when all of that is.
    if (refs.every((ref) => used.has(refText(ref)))) continue;
    tell('warning', ['groups', name], `the group "${name}" is used by no rule`);
  }
}
