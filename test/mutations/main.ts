/**
 * Plants each seeded bug in a copy of the tree, runs the suites that must notice, and tells caught
 * or missed. The suites are first run without any bug: one that fails by itself would catch
 * everything.
 *
 *   tsx test/mutations/main.ts [--only "timeout,news:"] [--skip-control]
 *
 * Exit codes: 0 every bug was caught, 1 one was missed or does not fit the sources any more.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutations } from './list.ts';
import type { Edit, Mutation } from './mutation.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

const copied = [
  'bin',
  'config',
  'connectors',
  'core',
  'migrations',
  'plugins',
  'test',
  'package.json',
  'tsconfig.json',
  '.mocharc.json',
];

/** A suite that hangs has noticed something too; no healthy one takes this long. */
const suiteLimitMs = 300_000;

interface Result {
  readonly verdict: 'caught' | 'missed' | 'broken';
  /** The test that noticed, or why there is no verdict. */
  readonly by: string;
}

function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'pointsman-mutants-'));
  for (const name of copied) cpSync(join(root, name), join(copy, name), { recursive: true });
  // Package by package: through one link to the whole folder an `npm ci` in the copy, which is the
  // first thing npm does when the lock differs, would empty the real one.
  mkdirSync(join(copy, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules'))) {
    symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
  }
  return copy;
}

/** The text with the edit made; throws unless what is searched for is there exactly once. */
function edited(text: string, { file, search, replace }: Edit): string {
  const parts = text.split(search);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(`${file} holds ${parts.length - 1} times: ${search}`);
}

/** Makes the edits; answers how to undo them. */
function plant(copy: string, edits: readonly Edit[]): () => void {
  const before = new Map<string, string>();
  for (const edit of edits) {
    const path = join(copy, edit.file);
    const text = readFileSync(path, 'utf8');
    if (!before.has(path)) before.set(path, text);
    writeFileSync(path, edited(text, edit));
  }
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}

type Suites = Pick<Mutation, 'caughtBy' | 'titles' | 'postgres'>;

async function run(copy: string, { caughtBy, titles = '', postgres = false }: Suites) {
  const line = [
    join(copy, 'node_modules/mocha/bin/mocha.js'),
    '--bail',
    '--exit',
    ...(postgres ? [] : ['--grep', `\\(SQLite\\).*${titles}`]),
    ...caughtBy,
  ];
  const child = spawn(process.execPath, line, {
    cwd: copy,
    env: {
      ...process.env,
      POINTSMAN_TEST_DATABASES: postgres ? 'sqlite,postgres' : 'sqlite',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: suiteLimitMs,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, output };
}

async function tryOut(copy: string, mutation: Mutation): Promise<Result> {
  let undo: () => void;
  try {
    undo = plant(copy, mutation.edits);
  } catch (error) {
    return { verdict: 'broken', by: `the edit does not fit: ${String(error)}` };
  }
  try {
    const { code, signal, output } = await run(copy, mutation);
    if (signal !== null) return { verdict: 'caught', by: 'a suite that never ended' };
    if (code === 0) return { verdict: 'missed', by: mutation.caughtBy.join(', ') };
    // Without a failing test the suites did not even load: the edit is no program.
    if (!/\d+ failing/.test(output)) return { verdict: 'broken', by: output.slice(-800) };
    const [, title = 'a hook'] = /^ +1\) (.+)$/m.exec(output) ?? [];
    return { verdict: 'caught', by: title };
  } finally {
    undo();
  }
}

/** The suites as they are must pass, each in the way the mutations run it. */
async function control(copy: string, chosen: readonly Mutation[]): Promise<boolean> {
  const ways = new Map(
    chosen.map(({ caughtBy, titles, postgres }) => [
      JSON.stringify([caughtBy, titles, postgres]),
      { caughtBy, ...(titles ? { titles } : {}), ...(postgres ? { postgres } : {}) },
    ]),
  );
  for (const way of ways.values()) {
    const { code, output } = await run(copy, way);
    const passed = /(\d+) passing/.exec(output)?.[1] ?? '0';
    if (code === 0 && passed !== '0') continue;
    console.log(
      `CONTROL ${way.caughtBy.join(', ')} fails without any bug:\n${output.slice(-2_000)}`,
    );
    return false;
  }
  return true;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      'skip-control': { type: 'boolean', default: false },
    },
  });
  const parts = values.only.split(',').map((part) => part.trim());
  const chosen = mutations.filter(({ name }) => parts.some((part) => name.includes(part)));
  if (chosen.length === 0) throw new Error(`no mutation is called ${values.only}`);
  const copy = copyTree();
  try {
    if (!values['skip-control'] && !(await control(copy, chosen))) {
      process.exitCode = 1;
      return;
    }
    let caught = 0;
    for (const mutation of chosen) {
      const { verdict, by } = await tryOut(copy, mutation);
      if (verdict === 'caught') caught += 1;
      console.log(`${verdict.toUpperCase()} ${mutation.name}: ${by}`);
    }
    console.log(`${caught} of ${chosen.length} seeded bugs caught`);
    process.exitCode = caught === chosen.length ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

await main();
