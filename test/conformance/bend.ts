/** Reading and changing canned answers by path: how the kit makes a wrong answer of a right one. */
import type { Json, JsonObject } from '#sdk';
import type { Path } from './sample.ts';

const isBranch = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null;

/** What stands at the path; undefined when nothing does. */
export function valueAt(body: Json | undefined, path: Path): Json | undefined {
  let found: Json | undefined = body;
  for (const step of path.split('.')) found = isBranch(found) ? found[step] : undefined;
  return found;
}

/** A copy with another value at the path; undefined takes the field out. */
export function withValue(body: Json, path: Path, value: Json | undefined): Json {
  if (valueAt(body, path) === undefined) {
    throw new Error(`the sample's answer has nothing at "${path}": ${JSON.stringify(body)}`);
  }
  const copy = structuredClone(body);
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  const parent = (steps.length === 0 ? copy : valueAt(copy, steps.join('.'))) as Record<
    string,
    Json
  >;
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return copy;
}

/** The paths of everything in the body, branches included. */
export function pathsOf(body: Json | undefined, prefix = ''): Path[] {
  if (!isBranch(body)) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const path = prefix === '' ? name : `${prefix}.${name}`;
    return [path, ...pathsOf(value, path)];
  });
}

/**
 * One major digit more, in the spelling it came in: 1050 → 1051, `"10.50"` → `"11.50"`,
 * `"250000.00"` → `"250001.00"`.
 */
export function raised(value: Json | undefined): Json {
  if (typeof value === 'number') return value + 1;
  const match = typeof value === 'string' ? /^(\d+)(\.\d+)?$/.exec(value) : null;
  if (!match) throw new Error(`the sample's amount is no number: ${JSON.stringify(value)}`);
  return `${Number(match[1]) + 1}${match[2] ?? ''}`;
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

/** Text as it is, everything else as JSON. */
export const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);

/** Every value that stands in a request: of a JSON or form body and of the query. */
export function valuesSent(request: { url: string; body?: string | Uint8Array }): string[] {
  const query = [...new URL(request.url).searchParams.values()];
  if (request.body === undefined) return query;
  const text =
    typeof request.body === 'string' ? request.body : Buffer.from(request.body).toString();
  try {
    const body = JSON.parse(text) as Json;
    return [...query, ...pathsOf(body).map((path) => textOf(valueAt(body, path)))];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [...query, ...new URLSearchParams(text).values()];
  }
}
