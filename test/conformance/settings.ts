/** Which of an account's settings are secret, and what another account's would be. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { TSchema } from 'typebox';

interface Field {
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Field>>;
}

const propertiesOf = (schema: TSchema): Readonly<Record<string, Field>> =>
  (schema as Field).properties ?? {};

/** Names of the settings that are credentials, by {@link secretText}'s mark. */
export function secretNames(schema: TSchema): string[] {
  return Object.entries(propertiesOf(schema))
    .filter(([, { format }]) => format === 'password')
    .map(([name]) => name);
}

export function secretsIn(schema: TSchema, settings: unknown): string[] {
  const fields = settings as Readonly<Record<string, unknown>>;
  return secretNames(schema).flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' ? [value] : [];
  });
}

/** The same settings with the last letters of each credential changed: prefixes stay valid. */
export function withOtherSecrets(schema: TSchema, settings: unknown): unknown {
  const fields = { ...(settings as Record<string, unknown>) };
  for (const name of secretNames(schema)) {
    const value = fields[name];
    if (typeof value === 'string') fields[name] = `${value.slice(0, -5)}Zk9qX`;
  }
  return fields;
}

const checks = new WeakMap<TSchema, ValidateFunction>();

/** As the switch compiles a connector's schemas: strict, so that a slip in one is an error. */
export function compiled(schema: TSchema): ValidateFunction {
  const known = checks.get(schema);
  if (known) return known;
  const ajv = new Ajv2020({ strict: true });
  formats.default(ajv);
  const check = ajv.compile(schema);
  checks.set(schema, check);
  return check;
}
