/**
 * The JSON Schema of a rules file, for editors: completion, and a first check while typing. Made
 * from the table of fields; what a schema cannot say (names, zones, empty ranges) `parseRules`
 * does.
 */
import { amountMax } from '../../base/money.ts';
import { binAllowed } from './read-ranges.ts';
import { accountsAllowed } from './read-use.ts';
import { fields, type Field } from './fields.ts';
import { strategyNames } from './rule.ts';

type Node = Readonly<Record<string, unknown>>;

const closed = (properties: Node, required: readonly string[] = []): Node => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length > 0 && { required }),
});
const listOf = (items: Node): Node => ({ type: 'array', minItems: 1, items });
const textUpTo = (maxLength: number): Node => ({ type: 'string', minLength: 1, maxLength });
const whole = (minimum: number, maximum: number): Node => ({ type: 'integer', minimum, maximum });
const boundNames = ['from', 'to', 'gt', 'gte', 'lt', 'lte'];
const bounds = (number: Node): Node => Object.fromEntries(boundNames.map((name) => [name, number]));

/** A value, a list, or a mapping of in, not and (where it may be unknown) exists. */
function choice(one: Node, canBeUnknown = true): Node {
  const either = { anyOf: [one, listOf(one)] };
  const exists = canBeUnknown ? { exists: { type: 'boolean' } } : {};
  const mapping = { ...closed({ in: either, not: either, ...exists }), minProperties: 1 };
  return { anyOf: [one, listOf(one), mapping] };
}

const range = (number: Node): Node => ({ ...closed(bounds(number)), minProperties: 1 });

const amount: Node = {
  ...closed(
    {
      currency: single('currency'),
      equal: whole(0, amountMax),
      ...bounds(whole(0, amountMax)),
    },
    ['currency'],
  ),
  minProperties: 2,
};
const digits = (text: string): Node => ({
  anyOf: [{ type: 'string', pattern: text }, { type: 'integer' }],
});
const bin = digits('^[0-9]{1,8}$');
const scalar: Node = { type: ['string', 'number', 'boolean'] };
const clock: Node = { type: 'string', pattern: '^([01]?[0-9]|2[0-4]):[0-5][0-9]$' };
const time = closed(
  {
    zone: { type: 'string', description: 'An IANA name such as Asia/Jakarta.' },
    days: listOf({ enum: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] }),
    from: clock,
    to: clock,
  },
  ['zone'],
);

/** One value of a field, written once under $defs: a list of currencies is long. */
function single(name: string): Node {
  return { $ref: `#/$defs/${name}` };
}

function isShared({ kind }: Field): boolean {
  return kind === 'currency' || kind === 'words' || kind === 'country' || kind === 'text';
}

function sharedValues(): Node {
  const shared = Object.entries<Field>(fields).filter(([, field]) => isShared(field));
  return Object.fromEntries(shared.map(([name, field]) => [name, factOf(field)]));
}

function conditionOn(name: string, field: Field): Node {
  switch (field.kind) {
    case 'amount':
      return { anyOf: [amount, listOf(amount)] };
    case 'currency':
      return choice(single(name), false);
    case 'words':
    case 'country':
    case 'text':
      return choice(single(name));
    case 'boolean':
      return choice({ type: 'boolean' });
    case 'integer': {
      const number = whole(field.minimum, field.maximum);
      const one = { anyOf: [number, range(number)] };
      return { anyOf: [...(choice(one, false)['anyOf'] as readonly Node[])] };
    }
    case 'bin': {
      const one = { anyOf: [bin, closed({ from: bin, to: bin }, ['from', 'to'])] };
      return { ...choice(one), description: binAllowed };
    }
    case 'metadata': {
      const value = { anyOf: [choice(scalar), range({ type: 'number' })] };
      const propertyNames = { maxLength: 40 };
      return { type: 'object', minProperties: 1, propertyNames, additionalProperties: value };
    }
    case 'time':
      return { anyOf: [time, listOf(time)] };
  }
}

function whenSchema(): Node {
  const entries = Object.entries<Field>(fields).map(([name, field]) => [
    name,
    { description: field.about, ...conditionOn(name, field) },
  ]);
  const nested = { $ref: '#/$defs/when' };
  const properties = {
    ...Object.fromEntries(entries),
    all: { ...listOf(nested), description: 'Every one of them must hold.' },
    any: { ...listOf(nested), description: 'One of them must hold.' },
    not: { ...nested, description: 'It must not hold.' },
  };
  return { ...closed(properties), minProperties: 1, description: 'All of its keys must hold.' };
}

const ref: Node = { ...textUpTo(200), description: accountsAllowed };
const useProperties: Node = {
  strategy: { enum: [...strategyNames] },
  accounts: { anyOf: [ref, listOf(ref)], description: accountsAllowed },
  weights: {
    type: 'object',
    minProperties: 1,
    additionalProperties: whole(0, 10_000),
    description: 'Account → its part of the successful payments (weighted_round_robin).',
  },
  catch_up: {
    ...whole(1, 1_000_000),
    description: 'Payments an account may be behind and still catch up (weighted_round_robin).',
  },
};
const afterwards: Node = {
  failover: closed({ max_attempts: whole(1, 10), soft_declines: { type: 'boolean' } }),
  retry_later: closed({ max_attempts: whole(1, 10), within_hours: whole(1, 720) }, [
    'max_attempts',
    'within_hours',
  ]),
};

function factOf(field: Field): Node {
  switch (field.kind) {
    case 'amount':
      return whole(1, amountMax);
    case 'integer':
      return whole(field.minimum, field.maximum);
    case 'currency':
    case 'words':
      return { enum: [...field.words] };
    case 'country':
      return { type: 'string', pattern: '^[A-Z]{2}$' };
    case 'text':
      return { type: 'string', pattern: field.shape.pattern.source };
    case 'boolean':
      return { type: 'boolean' };
    case 'bin':
      return digits('^[0-9]{6,8}$');
    case 'metadata':
      return { type: 'object' };
    case 'time':
      return { type: 'string', description: 'A moment such as 2026-11-21T10:00:00Z.' };
  }
}

function testSchema(): Node {
  const facts = Object.entries<Field>(fields).map(([name, field]) => [
    name === 'time' ? 'at' : name,
    { description: field.about, ...(isShared(field) ? single(name) : factOf(field)) },
  ]);
  const names = listOf(textUpTo(200));
  const expect = {
    rule: textUpTo(100),
    strategy: { enum: [...strategyNames] },
    account: textUpTo(200),
    accounts: names,
    order: names,
  };
  return closed(
    {
      name: textUpTo(200),
      payment: closed(Object.fromEntries(facts), ['amount', 'currency']),
      unavailable: names,
      expect: { ...closed(expect), minProperties: 1 },
    },
    ['name', 'payment', 'expect'],
  );
}

/** A JSON Schema (2020-12) of the whole file. */
export function rulesFileSchema(): object {
  const rule = closed(
    {
      name: textUpTo(100),
      description: textUpTo(1_000),
      when: { $ref: '#/$defs/when' },
      use: closed(useProperties, ['strategy', 'accounts']),
      ...afterwards,
    },
    ['name', 'when', 'use'],
  );
  const fallback = { description: textUpTo(1_000), ...useProperties, ...afterwards };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Pointsman routing rules',
    ...closed(
      {
        version: { const: 1 },
        groups: { type: 'object', additionalProperties: listOf(ref) },
        rules: { type: 'array', items: rule, description: 'The first that matches decides.' },
        default: closed(fallback, ['strategy', 'accounts']),
        tests: { type: 'array', items: testSchema() },
      },
      ['version', 'rules'],
    ),
    $defs: { when: whenSchema(), ...sharedValues() },
  };
}

/** docs/routing.schema.json as it is committed: as Prettier leaves it. */
export function rulesFileSchemaText(): string {
  return `${printed(rulesFileSchema(), '', 0)}\n`;
}

// Prettier's width, less the comma that may follow.
const widthMax = 99;

/** JSON with lists of plain values on one line where they fit. `used`: columns before it. */
function printed(value: unknown, indent: string, used: number): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const isPlain = value.every((one) => typeof one !== 'object');
    const line = `[${value.map((one) => JSON.stringify(one)).join(', ')}]`;
    if (isPlain && used + line.length <= widthMax) return line;
    const entries = value.map((one) => `${deeper}${printed(one, deeper, deeper.length)}`);
    return `[\n${entries.join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).map(([key, one]) => {
    const start = `${deeper}${JSON.stringify(key)}: `;
    return `${start}${printed(one, deeper, start.length)}`;
  });
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`;
}
