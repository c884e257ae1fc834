/** Form parameters as Stripe reads them: strings, nested by brackets, an empty one unsets. */
import * as qs from 'qs';
import { invalid, missing } from './problem.ts';

export type Params = Readonly<Record<string, unknown>>;

/** `a[b]=1&c[0]=x` → `{a: {b: '1'}, c: ['x']}`. */
export function parseForm(body: string): Params {
  return qs.parse(body, { depth: 20, arrayLimit: 1000, parameterLimit: 5000 });
}

export function text(params: Params, name: string): string | undefined {
  const value = params[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function requiredText(params: Params, name: string): string {
  const value = text(params, name);
  if (value === undefined) throw missing(name);
  return value;
}

export function whole(params: Params, name: string): number | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (!/^-?\d+$/.test(value)) {
    throw invalid(`Invalid integer: ${value}`, { code: 'parameter_invalid_integer', param: name });
  }
  return Number(value);
}

export function flag(params: Params, name: string): boolean | undefined {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (value !== 'true' && value !== 'false') {
    throw invalid(`Invalid boolean: ${value}`, { param: name });
  }
  return value === 'true';
}

export function group(params: Params, name: string): Params | undefined {
  const value = params[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Params)
    : undefined;
}

export function list(params: Params, name: string): string[] | undefined {
  const value = params[name];
  if (Array.isArray(value)) return value.map(String);
  const entries = group(params, name);
  return entries === undefined ? undefined : Object.values(entries).map(String);
}

/** The limits are Stripe's: 50 keys, names of 40 characters, values of 500. */
export function mergeMetadata(now: Record<string, string>, params: Params): Record<string, string> {
  if (params.metadata === '') return {};
  const merged = { ...now };
  for (const [key, value] of Object.entries(group(params, 'metadata') ?? {})) {
    const param = `metadata[${key}]`;
    if (typeof value !== 'string') throw invalid('Metadata values are strings.', { param });
    if (key.length > 40) throw invalid('Metadata keys have at most 40 characters.', { param });
    if (value.length > 500) throw invalid('Metadata values: at most 500 characters.', { param });
    if (value === '') delete merged[key];
    else merged[key] = value;
  }
  if (Object.keys(merged).length > 50) throw invalid('Too many keys.', { param: 'metadata' });
  return merged;
}
