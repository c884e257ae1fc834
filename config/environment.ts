/** The environment variables that set a key by themselves, over whatever the file says. */
import type { TSchema } from 'typebox';
import type { SchemaNode } from '../core/yaml/describe.ts';
import type { Path } from '../core/yaml/findings.ts';
import type { CheckedDocument } from '../core/yaml/positions.ts';
import { readAs, type Environment } from './substitute.ts';

/** Which variable sets which key; of two for one key the upper one wins. */
export const variables: readonly (readonly [variable: string, ...path: string[]])[] = [
  ['POINTSMAN_MODE', 'mode'],
  ['POINTSMAN_DATA', 'data_dir'],
  ['POINTSMAN_HOST', 'server', 'host'],
  ['POINTSMAN_PORT', 'server', 'port'],
  // What hosting platforms set.
  ['PORT', 'server', 'port'],
  ['POINTSMAN_BASE_URL', 'server', 'base_url'],
  ['DATABASE_URL', 'database', 'url'],
  ['POINTSMAN_MASTER_KEY', 'secrets', 'master_key'],
  ['POINTSMAN_SMTP_URL', 'mail', 'smtp_url'],
  ['POINTSMAN_SIMULATOR_PORT', 'simulator', 'port'],
  ['POINTSMAN_SIMULATOR_URL', 'simulator', 'url'],
  ['POINTSMAN_LOG_LEVEL', 'log', 'level'],
];

/**
 * A document with the keys that the environment sets and nothing else. An empty variable counts as
 * not set: that is how compose files pass on what is missing.
 */
export function readEnvironment(
  schema: TSchema,
  environment: Environment,
): CheckedDocument & { sets(path: Path): boolean } {
  const value: Record<string, unknown> = {};
  const places = new Map<string, string>();
  for (const [variable, ...path] of variables) {
    const text = environment[variable];
    const [section = '', key] = path;
    if (!text || places.has(path.join('.'))) continue;
    places.set(path.join('.'), variable);
    const setting = readAs(nodeAt(schema, path), text);
    if (key === undefined) value[section] = setting;
    else value[section] = { ...(value[section] as object | undefined), [key]: setting };
  }
  return {
    value,
    sets: (path) => places.has(path.join('.')),
    at: (path) => ({ variable: places.get(path.join('.')) ?? 'the environment' }),
  };
}

function nodeAt(schema: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((node, key) => node?.properties?.[key], schema);
}
