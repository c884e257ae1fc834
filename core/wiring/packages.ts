/**
 * Connectors and plugins from elsewhere. A package exports `sdk`, the number of the contracts it
 * was made for, and a default function from the sdk to a connector or plugin; it needs nothing of
 * ours installed. What cannot be used stops the start: a switch without a connector would leave its
 * payments alone.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { schemaFault } from '../accounts/schema.ts';
import type { AnyConnector } from '../sdk/connector.ts';
import * as sdk from '../sdk/index.ts';
import { connectorFault } from './connector-shape.ts';

/** Under which key of the configuration a package is named. */
type Kind = 'connectors' | 'plugins';

/** A package that cannot be used; the message names the key, the package and the reason. */
export class PackageRefused extends Error {
  override name = 'PackageRefused';

  constructor(name: string, reason: string, key: Kind = 'connectors') {
    super(`${key}: "${name}" ${reason}`);
  }
}

/**
 * Loads packages by name (looked for in the `node_modules` of `folders` and above them, then in
 * ours) or by path (`./…`, `/…`, relative to the first folder). Throws {@link PackageRefused}.
 */
export async function loadPackages(
  names: readonly string[],
  folders: readonly string[],
  present: readonly AnyConnector[],
): Promise<readonly AnyConnector[]> {
  const owners = new Map(present.map(({ id }) => [id, 'a connector of ours']));
  const loaded: AnyConnector[] = [];
  for (const name of names) {
    const connector = await makeFrom<AnyConnector>(name, folders, 'connectors', connectorIn);
    const owner = owners.get(connector.id);
    if (owner !== undefined) {
      throw new PackageRefused(name, `makes a connector "${connector.id}", and so does ${owner}`);
    }
    owners.set(connector.id, `"${name}"`);
    loaded.push(connector);
  }
  return loaded;
}

function connectorIn(made: unknown): string | undefined {
  return connectorFault(made) ?? schemasFault(made as AnyConnector);
}

/**
 * What a package makes of the sdk, frozen. `faultIn` says what is wrong with it. Throws
 * {@link PackageRefused}.
 */
export async function makeFrom<T>(
  name: string,
  folders: readonly string[],
  kind: Kind,
  faultIn: (made: unknown) => string | undefined,
): Promise<T> {
  const file = find(name, folders);
  if (file === undefined) {
    const places = isPath(name) ? resolve(folders[0] ?? '.', name) : folders.join(', ');
    throw new PackageRefused(name, `was not found (looked in ${places})`, kind);
  }
  let module: Readonly<Record<string, unknown>>;
  try {
    module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw refused(name, kind, `cannot be loaded from ${file}`, error);
  }
  const made = madeBy(name, kind, module);
  const fault = faultIn(made);
  if (fault !== undefined) {
    throw new PackageRefused(name, `makes no usable ${kind.slice(0, -1)}: ${fault}`, kind);
  }
  return Object.freeze(made) as T;
}

function madeBy(name: string, kind: Kind, module: Readonly<Record<string, unknown>>): unknown {
  const { sdk: version, default: make } = module;
  if (version !== sdk.sdkVersion) {
    const found = typeof version === 'number' ? `version ${version}` : 'no version';
    const exported = `exports ${found} of the sdk as "sdk"`;
    const reason = `${exported}, and this switch has version ${sdk.sdkVersion}`;
    throw new PackageRefused(name, reason, kind);
  }
  if (typeof make !== 'function') {
    throw new PackageRefused(name, 'has no function as its default export', kind);
  }
  try {
    return (make as (given: typeof sdk) => unknown)(sdk);
  } catch (error) {
    throw refused(name, kind, `failed to make its ${kind.slice(0, -1)}`, error);
  }
}

function schemasFault({ settings, ref }: AnyConnector): string | undefined {
  for (const [member, schema] of Object.entries({ settings, ref })) {
    const fault = schemaFault(schema);
    if (fault !== undefined) return `${member} is no JSON Schema: ${fault}`;
  }
  return undefined;
}

function refused(name: string, kind: Kind, what: string, cause: unknown): PackageRefused {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return Object.assign(new PackageRefused(name, `${what}: ${reason}`, kind), { cause });
}

const isPath = (name: string): boolean => /^(\.{1,2}(\/|$)|\/)/.test(name);

function find(name: string, folders: readonly string[]): string | undefined {
  if (isPath(name)) return entryOf(resolve(folders[0] ?? '.', name));
  const ours = fileURLToPath(new URL('.', import.meta.url));
  for (const start of [...folders.map((folder) => resolve(folder)), ours]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const file = entryOf(join(folder, 'node_modules', name));
      if (file !== undefined) return file;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

/** The file a folder is imported as, or the file itself; undefined when there is none. */
function entryOf(place: string): string | undefined {
  if (!existsSync(place)) return undefined;
  if (statSync(place).isFile()) return place;
  const described = join(place, 'package.json');
  const { exports, main } = existsSync(described)
    ? (JSON.parse(readFileSync(described, 'utf8')) as { exports?: unknown; main?: string })
    : {};
  const entry = importTarget(exports) ?? main ?? 'index.js';
  try {
    return createRequire(join(place, 'package.json')).resolve(`./${entry.replace(/^\.\//, '')}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Of `exports`, what an `import` of the package itself gets. */
function importTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const given = exports as Readonly<Record<string, unknown>>;
  for (const condition of ['.', 'node', 'import', 'default']) {
    const target = importTarget(given[condition]);
    if (target !== undefined) return target;
  }
  return undefined;
}
