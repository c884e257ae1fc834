/** `tests:` → what the author of the rules expects of them. */
import type { Path } from './document.ts';
import { currencies } from '../../base/currency.ts';
import { amountMax } from '../../base/money.ts';
import type { MethodType } from '../../sdk/command.ts';
import type { PaymentFacts } from './facts.ts';
import { fields, type Field } from './fields.ts';
import {
  alternatives,
  flag,
  integer,
  isMapping,
  list,
  mapping,
  near,
  note,
  text,
  unfit,
  word,
  type Reading,
} from './reading.ts';
import { strategyNames, type Expectation } from './rule.ts';

/** A Monday noon: what a test means that does not say when. */
export const testTimeMs = Date.UTC(2026, 0, 5, 12);

const expectKeys = ['rule', 'strategy', 'account', 'accounts', 'order'] as const;
const isoPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
const anyText = /^[^]{1,200}$/;

/** `ruleNames`: those that an expectation may name. */
export function readTests(
  reading: Reading,
  path: Path,
  value: unknown,
  ruleNames: readonly string[],
): readonly Expectation[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.length === 0) return [];
  const tests = list(reading, path, value, 'a list of tests', (at, entry) =>
    readTest(reading, at, entry, ruleNames),
  );
  return tests ?? [];
}

function readTest(
  reading: Reading,
  path: Path,
  value: unknown,
  ruleNames: readonly string[],
): Expectation | undefined {
  const before = reading.findings.length;
  const keys = ['name', 'payment', 'unavailable', 'expect'];
  const read = mapping(reading, path, value, keys, {
    name: 'what the test shows',
    payment: 'at least amount and currency',
    expect: alternatives(expectKeys),
  });
  if (!read || reading.findings.length > before) return undefined;
  const allowed = 'text of 1 to 200 characters';
  const name = text(reading, [...path, 'name'], read['name'], allowed, anyText);
  const payment = readPayment(reading, [...path, 'payment'], read['payment']);
  const unavailable =
    'unavailable' in read
      ? readNames(reading, [...path, 'unavailable'], read['unavailable'])
      : undefined;
  const expect = readExpect(reading, [...path, 'expect'], read['expect'], ruleNames);
  if (reading.findings.length > before || name === undefined || !payment || !expect) {
    return undefined;
  }
  return { name, path, payment, unavailable: unavailable ?? [], expect };
}

function readNames(reading: Reading, path: Path, value: unknown): string[] | undefined {
  const allowed = 'the name or id of an account';
  return list(reading, path, value, `a list of accounts, each ${allowed}`, (at, entry) =>
    text(reading, at, entry, allowed, anyText),
  );
}

function readExpect(
  reading: Reading,
  path: Path,
  value: unknown,
  ruleNames: readonly string[],
): Expectation['expect'] | undefined {
  const read = mapping(reading, path, value, expectKeys);
  if (!read) return undefined;
  if (Object.keys(read).length === 0) {
    return note(reading, path, `nothing is expected, allowed: ${alternatives(expectKeys)}`);
  }
  const at = (key: string) => [...path, key];
  const { rule, strategy, account, accounts, order } = read;
  const isRule = typeof rule === 'string' && ruleNames.includes(rule);
  if (rule !== undefined && !isRule) {
    const hint = near(rule, ruleNames);
    note(reading, at('rule'), `there is no rule of that name, allowed: a rule or default${hint}`);
  }
  const nameOf = (key: string, entry: unknown) =>
    text(reading, at(key), entry, 'the name or id of an account', anyText);
  return {
    rule: isRule ? rule : undefined,
    strategy:
      strategy === undefined ? undefined : word(reading, at('strategy'), strategy, strategyNames),
    account: account === undefined ? undefined : nameOf('account', account),
    accounts: accounts === undefined ? undefined : readNames(reading, at('accounts'), accounts),
    order: order === undefined ? undefined : readNames(reading, at('order'), order),
  };
}

/** Facts in the words of a rules file; what is left out is what most payments are. */
export function readPayment(
  reading: Reading,
  path: Path,
  value: unknown,
): PaymentFacts | undefined {
  const before = reading.findings.length;
  const known = [...Object.keys(fields).filter((name) => name !== 'time'), 'at'];
  const read = mapping(reading, path, value, known, {
    amount: 'an integer in minor units',
    currency: 'an ISO 4217 code',
  });
  if (!read || reading.findings.length > before) return undefined;
  const facts: Record<string, unknown> = {
    payment_method: 'card' satisfies MethodType,
    capture_method: 'automatic',
    attempt: 1,
    off_session: false,
    at_ms: testTimeMs,
  };
  for (const [name, entry] of Object.entries(read)) {
    const at = [...path, name];
    if (name === 'at') facts['at_ms'] = readMoment(reading, at, entry);
    else facts[name] = readFact(reading, at, name as keyof typeof fields, entry);
  }
  return reading.findings.length > before ? undefined : (facts as unknown as PaymentFacts);
}

function readMoment(reading: Reading, path: Path, value: unknown): number | undefined {
  const ms = typeof value === 'string' && isoPattern.test(value) ? Date.parse(value) : NaN;
  if (!Number.isNaN(ms)) return ms;
  return unfit(reading, path, value, 'a moment such as 2026-11-21T10:00:00Z');
}

function readFact(
  reading: Reading,
  path: Path,
  name: keyof typeof fields,
  value: unknown,
): unknown {
  const field: Field = fields[name];
  switch (field.kind) {
    case 'amount':
      return integer(reading, path, value, 1, amountMax);
    case 'integer':
      return integer(reading, path, value, field.minimum, field.maximum);
    case 'currency':
      return word(reading, path, value, currencies);
    case 'words':
      return word(reading, path, value, field.words);
    case 'country':
      return text(reading, path, value, 'a country of two capital letters', /^[A-Z]{2}$/);
    case 'text':
      return text(reading, path, value, field.shape.allowed, field.shape.pattern);
    case 'boolean':
      return flag(reading, path, value);
    case 'bin': {
      const digits = typeof value === 'number' ? String(value) : value;
      return text(reading, path, digits, 'six to eight digits', /^\d{6,8}$/);
    }
    case 'metadata':
      return isMapping(value) ? value : unfit(reading, path, value, 'a mapping of keys to values');
    case 'time':
      return unfit(reading, path, value, 'the key "at" instead');
  }
}
