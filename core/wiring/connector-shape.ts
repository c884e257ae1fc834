/** What the compiler says of our own connectors, said at run time of one from elsewhere. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Type } from 'typebox';
import { methodTypes } from '../sdk/command.ts';
import type { AnyConnector } from '../sdk/connector.ts';
import { oneOf, strict } from '../sdk/vocabulary.ts';

const AmountFacts = strict({
  minimum: Type.Optional(Type.Integer({ minimum: 1 })),
  maximum: Type.Optional(Type.Integer({ minimum: 1 })),
  step: Type.Optional(Type.Integer({ minimum: 1 })),
});

const MethodFacts = strict({
  currencies: Type.Union([
    Type.Literal('all'),
    Type.Array(Type.String({ pattern: '^[A-Z]{3}$' }), { minItems: 1 }),
  ]),
  capture: Type.Array(oneOf(['automatic', 'manual']), { minItems: 1 }),
  partialCapture: Type.Boolean(),
  multipleCapture: Type.Boolean(),
  refund: oneOf(['none', 'whole', 'partial']),
  amounts: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Z]{3}$' }), AmountFacts)),
  banks: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
  requires: Type.Optional(Type.String({ minLength: 1 })),
});

/** The facts. Unknown ones are refused: they may be a misspelt promise. */
const Facts = strict({
  id: Type.String({ pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$', maxLength: 64 }),
  name: Type.String({ minLength: 1, maxLength: 100 }),
  settings: Type.Object({}),
  ref: Type.Object({}),
  replayWindowMs: Type.Integer({ minimum: 0 }),
  sandboxOnly: Type.Boolean(),
  methods: strict(
    Object.fromEntries(methodTypes.map((type) => [type, Type.Optional(MethodFacts)])),
  ),
});

const factNames = Object.keys(Facts.properties);
const factsFit = new Ajv2020({ strict: false }).compile(Facts);

/** Part → its functions; those with a mark have to be there when the part is. */
const functions = {
  operations: 'authorize! sync! capture void refund approve reject inspect'.split(' '),
  webhook: ['open!'],
  endpoint: ['register!', 'remove!'],
  customers: ['create!'],
  setups: ['create!', 'sync!', 'cancel!', 'forget!'],
  disputes: ['find!', 'respond', 'accept'],
  reports: ['balanceTransactions', 'payouts'],
} as const satisfies Partial<Record<keyof AnyConnector, readonly string[]>>;

const ownFunctions = ['check', 'settingsFault'];

type Members = Readonly<Record<string, unknown>>;

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with the literal, in words; undefined when it is a connector. */
export function connectorFault(value: unknown): string | undefined {
  if (!isMembers(value)) return 'it is no object';
  const facts = Object.fromEntries(factNames.map((name) => [name, value[name]]));
  if (!factsFit(JSON.parse(JSON.stringify(facts)))) {
    const [error] = factsFit.errors ?? [];
    const place = error?.instancePath.slice(1).replaceAll('/', '.') ?? '';
    return [place, error?.message].filter(Boolean).join(' ');
  }
  const known = new Set([...factNames, ...ownFunctions, ...Object.keys(functions)]);
  const odd = Object.keys(value).find((name) => !known.has(name));
  if (odd !== undefined) return `"${odd}" is no part of a connector`;
  if (!isMembers(value['operations'])) return 'operations is missing';
  const wrong = ownFunctions.find((name) => name in value && typeof value[name] !== 'function');
  if (wrong !== undefined) return `${wrong} is no function`;
  for (const [part, names] of Object.entries(functions)) {
    const fault = value[part] === undefined ? undefined : partFault(part, value[part], names);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function partFault(part: string, value: unknown, names: readonly string[]): string | undefined {
  if (!isMembers(value)) return `${part} is no object`;
  const allowed = names.map((name) => name.replace('!', ''));
  const odd = Object.keys(value).find((name) => !allowed.includes(name));
  if (odd !== undefined) return `"${odd}" is no function of ${part}`;
  for (const name of names) {
    const plain = name.replace('!', '');
    if (value[plain] === undefined && name === plain) continue;
    if (typeof value[plain] !== 'function') return `${part}.${plain} is no function`;
  }
  return undefined;
}
