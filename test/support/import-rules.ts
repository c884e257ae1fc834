/**
 * The rules about who may import what, as functions: test/architecture.spec.ts holds the tree
 * against them, and the tutorial's spec the files that a newcomer makes (docs/STYLE.md tells why).
 * A part that is not in the table may import nothing: a new folder in core needs a decision here.
 */
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { SourceFile } from './tree.ts';

const vocabulary = ['core/base', 'core/sdk'];
const ground = [...vocabulary, 'core/storage'];

/** Left to right: a feature knows those before it, never one after it. */
const features =
  'idempotency events ledger jobs access customers accounts methods routing payments refunds disputes incoming webhooks checkout'
    .split(' ')
    .map((name) => `core/${name}`);

/** Part → the parts of ours that it may import besides itself. */
const allowed: Readonly<Record<string, readonly string[] | 'all'>> = {
  'core/base': [],
  'core/sdk': ['core/base'],
  'core/yaml': ['core/base'],
  'core/storage': vocabulary,
  'core/outbound': vocabulary,
  'core/http': [...ground, 'core/access', 'core/idempotency'],
  // The host of plugins: its native calls go through the door that HTTP goes through, so that one
  // place checks, counts keys and answers.
  'core/plugins': [...ground, 'core/idempotency', 'core/events', 'core/access', 'core/http'],
  'core/wiring': 'all',
  ...Object.fromEntries(features.map((part, at) => [part, [...ground, ...features.slice(0, at)]])),
  'core/routing': [...ground, 'core/yaml', ...features.slice(0, features.indexOf('core/routing'))],
  config: [...vocabulary, 'core/yaml'],
  migrations: ground,
  bin: [...vocabulary, 'core/wiring', 'config'],
  test: 'all',
};

/** One home for each library that would otherwise shape the whole code. */
const homes: Readonly<Record<string, readonly string[]>> = {
  express: ['core/http'],
  axios: ['core/outbound'],
  nodemailer: ['core/outbound'],
  inversify: ['core/wiring'],
  'reflect-metadata': ['core/wiring'],
  knex: ['core/storage', 'migrations'],
  'better-sqlite3': ['core/storage', 'migrations'],
  pg: ['core/storage', 'migrations'],
};

/** `core/payments/store.ts` → `core/payments`; `connectors/acme/index.ts` → `connectors/acme`. */
function partOf(path: string): string {
  const [top, second, third] = path.split('/');
  const nested = ['core', 'connectors', 'plugins'].includes(String(top)) && third !== undefined;
  return nested ? `${top}/${second}` : String(top);
}

/** One sentence for each forbidden import; pure, so that the rules can be tried on any files. */
export function violations(
  files: readonly { path: string; imports: readonly string[] }[],
): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap((name) => {
      const reason = objection(path, name);
      return reason === undefined ? [] : [`${path} imports ${name}: ${reason}.`];
    }),
  );
}

function objection(path: string, name: string): string | undefined {
  const part = partOf(path);
  // spec-….ts is what specs of one folder share.
  const isSpec = /(\.spec\.ts|\/spec-[^/]+\.ts)$/.test(path) || part === 'test';
  const outside = part.startsWith('connectors') || part.startsWith('plugins');
  if (isSpec && !outside) return undefined;
  if (name === 'computed') {
    return part === 'core/wiring' || path === 'bin/launch.mjs'
      ? undefined
      : 'only core/wiring may import a module whose name is computed';
  }
  const isOurs = name.startsWith('.') || name.startsWith('#') || name.startsWith('/');
  if (!isOurs) {
    if (isBuiltin(name)) return undefined;
    const library = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
    const home = homes[library];
    if (home === undefined || home.includes(part)) return undefined;
    return `${library} is imported only in ${home.join(' and ')}`;
  }
  const target = name === '#sdk' ? 'core/sdk/index.ts' : posix.join(posix.dirname(path), name);
  const other = partOf(target);
  if (other === part) return undefined;
  if (outside) {
    const isList = path === `${part}/index.ts` && other.startsWith(`${part}/`);
    if (name === '#sdk' || isList || (isSpec && other === 'test')) return undefined;
    return `${part} may import only '#sdk', Node, packages and files of its own folder`;
  }
  const may = allowed[part];
  if (may === undefined) return `${part} has no place in the table of test/support/import-rules.ts`;
  if (may === 'all' || may.includes(other)) return undefined;
  return `${part} may import ${may.length === 0 ? 'nothing of ours' : `only ${may.join(', ')}`}`;
}

/** Processors that the core names; the simulator is ours, and the sandbox may speak of it. */
export function processorNames(
  files: readonly SourceFile[],
  processors: readonly string[],
): string[] {
  return files
    .filter(({ path }) => path.startsWith('core/'))
    .flatMap(({ path, text }) =>
      processors
        .filter((name) => text.toLowerCase().includes(name) || path.includes(name))
        .map((name) => `${path} names ${name}: no processor's name belongs in core.`),
    );
}
