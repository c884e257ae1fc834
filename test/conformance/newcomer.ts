/** Runs programs of the tree as a newcomer does: as processes, on a folder in data/. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder inside the tree, so that '#sdk' and the packages are found; git ignores data/. */
export function makeFolder(name: string): string {
  mkdirSync(join(root, 'data'), { recursive: true });
  return mkdtempSync(join(root, `data/${name}-`));
}

/** Runs Node with these arguments in the root. */
export function runNode(...args: readonly string[]): Promise<Run> {
  // No test database: a connector needs none, and Postgres takes seconds to start.
  const env = { ...process.env, POINTSMAN_TEST_DATABASES: 'sqlite' };
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { cwd: root, env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

/** The compiler's complaints about a folder, under the tree's own settings. */
export async function compileFolder(folder: string): Promise<string> {
  const config = join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ extends: join(root, 'tsconfig.json'), include: ['.'] }));
  const { code, out } = await runNode('node_modules/typescript/bin/tsc', '-p', config);
  return code === 0 ? '' : out || `tsc ended with ${code}`;
}

export interface KitRun {
  readonly passes: readonly string[];
  /** Title → what the case complained of. */
  readonly failures: ReadonlyMap<string, string>;
}

interface Report {
  readonly passes: readonly { readonly title: string }[];
  readonly failures: readonly {
    readonly title: string;
    readonly err: { readonly message: string };
  }[];
}

/** What the kit says of the connector in a folder: `npx mocha <folder>/conformance.spec.ts`. */
export async function runKit(folder: string, spec = 'conformance.spec.ts'): Promise<KitRun> {
  const output = join(folder, 'report.json');
  const { err } = await runNode(
    'node_modules/mocha/bin/mocha.js',
    '--reporter=json',
    `--reporter-option=output=${output}`,
    join(folder, spec),
  );
  try {
    const { passes, failures } = JSON.parse(readFileSync(output, 'utf8')) as Report;
    return {
      passes: passes.map(({ title }) => title),
      failures: new Map(failures.map(({ title, err: { message } }) => [title, message])),
    };
  } catch (error) {
    throw new Error(`mocha wrote no report: ${err}`, { cause: error });
  }
}
