/** The text of a rules file → rules that are ready to decide, or all that is wrong with it. */
import { createHash } from 'node:crypto';
import {
  byPlace,
  ConfigError,
  type Finding,
  type Path,
  readYaml,
  type YamlDocument,
} from './document.ts';
import { always, canonicalCondition, matcherOf, testsIn, type Condition } from './condition.ts';
import { factNames } from './fields.ts';
import { mapping, note, text, unfit, type Reading } from './reading.ts';
import { readTests } from './read-tests.ts';
import { readFailover, readGroups, readRetryLater, readUse, type Names } from './read-use.ts';
import { readWhen } from './read-when.ts';
import { defaultName, type KnownAccount, type Parsed, type Rule, type Use } from './rule.ts';

/** A rules file of a thousand rules has about 200 kB. */
export const rulesBytesMax = 1_048_576;

const topKeys = ['version', 'groups', 'rules', 'default', 'tests'] as const;
const afterwards = ['failover', 'retry_later'] as const;
const ruleKeys = ['name', 'description', 'when', 'use', ...afterwards] as const;
const fallbackKeys = ['description', 'strategy', 'accounts', 'weights', 'catch_up', ...afterwards];

/**
 * Reads and checks a whole rules file. `fileName` is what findings call it. With `accounts`, names
 * of accounts and tags are checked too. Never throws for what stands in the text.
 */
export function parseRules(
  source: string,
  fileName: string,
  { accounts }: { readonly accounts?: readonly KnownAccount[] } = {},
): Parsed {
  if (Buffer.byteLength(source) > rulesBytesMax) {
    const message = `the file is larger than ${rulesBytesMax} bytes`;
    return { findings: [{ place: { file: fileName }, key: '', message }] };
  }
  let document: YamlDocument;
  try {
    document = readYaml(source, fileName);
  } catch (error) {
    if (error instanceof ConfigError) return { findings: error.findings };
    throw error;
  }
  return readFile({ document, findings: [] }, fileName, accounts);
}

function readFile(
  reading: Reading,
  file: string,
  accounts: readonly KnownAccount[] | undefined,
): Parsed {
  const { document, findings } = reading;
  const read = mapping(reading, [], document.value, topKeys, {
    version: '1',
    rules: 'a list of rules (it may be empty: [])',
  });
  if (!read) return { findings };
  if ('version' in read && read['version'] !== 1) {
    unfit(reading, ['version'], read['version'], '1');
  }
  const groups = readGroups(reading, ['groups'], read['groups'], accounts);
  const names: Names = { groups, accounts };
  const rules = 'rules' in read ? readRules(reading, read['rules'], names) : [];
  const fallback =
    'default' in read ? readFallback(reading, ['default'], read['default'], names) : undefined;
  const named = [...rulesNamed(read['rules']), defaultName];
  const tests = readTests(reading, ['tests'], read['tests'], named);
  if (findings.length > 0) return { findings: ordered(findings) };
  return {
    rules: {
      file,
      version: versionOf(rules, fallback),
      rules,
      fallback,
      groups,
      tests,
      placeOf: (path) => document.at(path),
    },
  };
}

const ordered = (findings: readonly Finding[]) => findings.toSorted(byPlace);

/** The names of all rules, of the broken ones too. */
function rulesNamed(value: unknown): string[] {
  const entries: readonly unknown[] = Array.isArray(value) ? value : [];
  return entries.flatMap((rule) => {
    const name: unknown = (rule as { name?: unknown } | null)?.name;
    return typeof name === 'string' ? [name] : [];
  });
}

function readRules(reading: Reading, value: unknown, names: Names): Rule[] {
  if (!Array.isArray(value)) {
    unfit(reading, ['rules'], value, 'a list of rules');
    return [];
  }
  const seen = new Map<string, number>();
  return value.flatMap((entry: unknown, at) => {
    const path: Path = ['rules', at];
    const rule = readRule(reading, path, entry, names);
    const name = rulesNamed([entry])[0];
    const first = name === undefined ? undefined : seen.get(name);
    if (first !== undefined) {
      note(reading, [...path, 'name'], `rules[${first}] has this name already; names are unique`);
    } else if (name !== undefined) seen.set(name, at);
    return rule ? [rule] : [];
  });
}

function readRule(reading: Reading, path: Path, value: unknown, names: Names): Rule | undefined {
  const read = mapping(reading, path, value, ruleKeys, {
    name: 'what the rule is called in decisions',
    when: 'a mapping of conditions',
    use: 'a mapping with the keys strategy, accounts',
  });
  if (!read) return undefined;
  const allowed = 'text of 1 to 100 characters';
  const name =
    'name' in read
      ? text(reading, [...path, 'name'], read['name'], allowed, /^\S(.{0,98}\S)?$/)
      : undefined;
  if (name === defaultName) {
    note(reading, [...path, 'name'], 'found "default", which is what the default is called');
  }
  describedWell(reading, path, read['description']);
  const when = 'when' in read ? readWhen(reading, [...path, 'when'], read['when']) : undefined;
  const use = 'use' in read ? readUse(reading, [...path, 'use'], read['use'], names) : undefined;
  const failover = readFailover(reading, [...path, 'failover'], read['failover']);
  const retryLater = readRetryLater(reading, [...path, 'retry_later'], read['retry_later']);
  if (name === undefined || !when || !use) return undefined;
  return ready({ name, path, condition: when, use, failover, retryLater });
}

/** The default has no conditions, so its strategy and accounts stand directly in it. */
function readFallback(
  reading: Reading,
  path: Path,
  value: unknown,
  names: Names,
): Rule | undefined {
  const read = mapping(reading, path, value, fallbackKeys);
  if (!read) return undefined;
  describedWell(reading, path, read['description']);
  const own = new Set<string>(['description', ...afterwards]);
  const rest = Object.fromEntries(
    Object.entries(read).filter(([key]) => fallbackKeys.includes(key) && !own.has(key)),
  );
  const use = readUse(reading, path, rest, names);
  const failover = readFailover(reading, [...path, 'failover'], read['failover']);
  const retryLater = readRetryLater(reading, [...path, 'retry_later'], read['retry_later']);
  return use && ready({ name: defaultName, path, condition: always, use, failover, retryLater });
}

function describedWell(reading: Reading, path: Path, value: unknown): void {
  if (value === undefined) return;
  const allowed = 'text of 1 to 1000 characters';
  text(reading, [...path, 'description'], value, allowed, /^[^]{1,1000}$/);
}

function ready(rule: Omit<Rule, 'matches' | 'looksAt' | 'conditionHash' | 'plan'>): Rule {
  return {
    ...rule,
    matches: matcherOf(rule.condition),
    looksAt: looksAt(rule.condition),
    conditionHash: hash(canonicalCondition(rule.condition)),
    plan: hash(canonicalUse(rule.use)),
  };
}

function looksAt(condition: Condition): string[] {
  return [...new Set(testsIn(condition).flatMap(({ subject }) => factNames(subject)))];
}

function canonicalUse({ strategy, accounts, weights, catchUp }: Use): string {
  const sorted = weights && Object.entries(weights).toSorted((a, b) => (a[0] < b[0] ? -1 : 1));
  const refs = accounts.map((ref) => (ref.kind === 'all' ? ['all'] : [ref.kind, ref.name]));
  return JSON.stringify([strategy, refs, sorted ?? null, catchUp]);
}

function versionOf(rules: readonly Rule[], fallback: Rule | undefined): string {
  const all = fallback ? [...rules, fallback] : rules;
  const parts = all.map(({ name, conditionHash, plan, failover, retryLater }) => [
    name,
    conditionHash,
    plan,
    [failover.max_attempts, failover.soft_declines],
    retryLater ? [retryLater.max_attempts, retryLater.within_hours] : null,
  ]);
  return hash(JSON.stringify([1, parts]));
}

// 64 bits: two of a merchant's versions share a hash once in billions of billions.
function hash(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
