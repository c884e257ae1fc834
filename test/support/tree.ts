/** The checkout as data, for the tests about the tree itself: every source file and its imports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** Relative to the root, with slashes: `core/base/money.ts`. */
  readonly path: string;
  readonly text: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['bin', 'config', 'connectors', 'core', 'migrations', 'plugins', 'test'];

/** Every .ts, .mjs and .cjs file of ours. */
export function sourceFiles(): SourceFile[] {
  const present = folders.filter((folder) => existsSync(`${root}${folder}`));
  return present.flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|cjs)$/.test(name))
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .map((path) => ({ path, text: readFileSync(`${root}${path}`, 'utf8') })),
  );
}

/** Names of the folders inside one of ours. */
export function foldersIn(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/**
 * What a file imports, as written: static, type-only, dynamic, re-exported and required. An import
 * whose name is computed comes out as `computed`.
 */
export function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const named = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"`])([^'"`$\n]+)\1/g;
  const computed = /(?<![.\w])(?:import|require)\s*\(\s*(?!\s|['"][^'"]+['"]|`[^`$]+`)/g;
  return [
    ...[...code.matchAll(named)].map((match) => String(match[2])),
    ...[...code.matchAll(computed)].map(() => 'computed'),
  ];
}

const stringsAndComments =
  /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;

/** Comments gone, line breaks kept. Strings are read over, so that `'//'` starts no comment. */
export function withoutComments(text: string): string {
  return text.replace(stringsAndComments, (found) =>
    found.startsWith('/') ? found.replace(/[^\n]/g, '') : found,
  );
}

/** Strings emptied, comments and line breaks kept. */
export function withoutStrings(text: string): string {
  return text.replace(stringsAndComments, (found) =>
    found.startsWith('/') ? found : `''${found.replace(/[^\n]/g, '')}`,
  );
}

/** Strings emptied as well: only words that are code are left. */
export function codeOnly(text: string): string {
  return text.replace(stringsAndComments, (found) =>
    found.startsWith('/') ? found.replace(/[^\n]/g, '') : `''${found.replace(/[^\n]/g, '')}`,
  );
}
