/**
 * The words of a finding: what a schema allows, and what was found without giving a secret away.
 */
import { formatAllowed } from './formats.ts';
import { nearest } from './nearest.ts';

/** JSON Schema as far as a configuration uses it. */
export interface SchemaNode {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly format?: string;
  readonly pattern?: string;
  readonly writeOnly?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

/** `an integer from 0 to 65535`, `sandbox or live`, `a mapping with the keys host, port` … */
export function describeAllowed(schema: SchemaNode): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return alternatives(schema.enum.map(String));
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return alternatives([...new Set(branches.map(describeAllowed))]);
  switch (schema.type) {
    case 'integer':
      return `an integer${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return describeText(schema);
    case 'array':
      return describeList(schema);
    case 'object': {
      const keys = Object.keys(schema.properties ?? {});
      return keys.length === 0 ? 'a mapping' : `a mapping with the keys ${keys.join(', ')}`;
    }
    default:
      return 'another value';
  }
}

function alternatives(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SchemaNode): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    minimum === undefined ? '' : ` of at least ${minimum}`,
    exclusiveMinimum === undefined ? '' : ` above ${exclusiveMinimum}`,
    maximum === undefined ? '' : ` of at most ${maximum}`,
    exclusiveMaximum === undefined ? '' : ` below ${exclusiveMaximum}`,
  ];
  return bounds.filter((bound) => bound !== '').join(' and');
}

function describeText({ format, pattern, minLength, maxLength }: SchemaNode): string {
  const named = format === undefined ? undefined : formatAllowed(format);
  if (named !== undefined && format !== 'password') return named;
  if (format !== undefined && named === undefined) return `text in the form "${format}"`;
  if (pattern !== undefined) return `text that matches ${pattern}`;
  if (maxLength !== undefined) return `text of ${minLength ?? 0} to ${maxLength} characters`;
  return minLength === undefined ? 'text' : `text of at least ${minLength} characters`;
}

function describeList({ items, minItems, maxItems }: SchemaNode): string {
  const size = range({
    ...(minItems === undefined ? {} : { minimum: minItems }),
    ...(maxItems === undefined ? {} : { maximum: maxItems }),
  });
  const what = items ? `, each ${describeAllowed(items)}` : '';
  return `a list${size === '' ? '' : ` (entries:${size})`}${what}`;
}

/**
 * What stands there. A value is only quoted where a plain, public value is expected: text in the
 * place of a mapping may well be a misplaced connection string. `variables` are those the value was
 * put together from; then only their names are shown.
 */
export function describeFound(
  value: unknown,
  schema: SchemaNode,
  variables: readonly string[],
): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (variables.length > 0) {
    return `the value of ${variables.map((name) => `\${${name}}`).join(' and ')}`;
  }
  const several = schema.type === 'object' || schema.type === 'array';
  if (several && typeof value === 'string') return 'text';
  if (isSecret(schema)) return '[secret]';
  if (typeof value === 'string') {
    return looksSecret(value) ? 'text that is not shown' : JSON.stringify(value);
  }
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/**
 * Also one that holds a secret somewhere below: the value may be the secret, one level too high.
 */
export function isSecret(schema: SchemaNode): boolean {
  if (schema.writeOnly === true || schema.format === 'password') return true;
  const below = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.items ? [schema.items] : []),
  ];
  return below.some(isSecret);
}

/**
 * URLs with a user, keys, anything too long to be a setting: not quoted, whatever key it is under.
 */
function looksSecret(text: string): boolean {
  return (
    text.length > 60 ||
    /\/\/[^/]*@/.test(text) ||
    /^(sk|pk|rk|whsec)_/.test(text) ||
    /[A-Za-z0-9+/=_-]{32}/.test(text)
  );
}

/** Whether a key may be shown: one that is not a plain word may be a value in the wrong place. */
export function isPlainKey(key: string): boolean {
  return /^[A-Za-z_][\w.-]{0,31}$/.test(key) && !looksSecret(key);
}

/** ` (did you mean "live"?)` when something is near, else nothing. */
export function suggestion(found: unknown, candidates: readonly string[]): string {
  const near = typeof found === 'string' ? nearest(found, candidates) : undefined;
  return near === undefined ? '' : ` (did you mean "${near}"?)`;
}

/**
 * Where else in the schema a key of that name is known: `port` → `server.port`, `simulator.port`.
 */
export function elsewhere(schema: SchemaNode, key: string, above = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, below]) => {
    const dottedName = above === '' ? name : `${above}.${name}`;
    return [...(name === key ? [dottedName] : []), ...elsewhere(below, key, dottedName)];
  });
}
