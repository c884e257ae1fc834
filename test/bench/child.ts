/** The driver's side of a measured process: start it on its core, ask it, stop it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OptionsOf, Role } from './subject.ts';

export interface Child<Facts> {
  readonly facts: Facts;
  /** Calls a verb of the role; rejects with its error. */
  ask<T>(verb: string, argument?: unknown): Promise<T>;
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** The core it is pinned to; undefined leaves it to the kernel. */
  readonly core: number | undefined;
  /** A folder for V8's CPU profile of the whole run. */
  readonly profileDir?: string | undefined;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

const program = fileURLToPath(new URL(`./subject${extname(import.meta.url)}`, import.meta.url));

/** Its log lines go to /dev/null: they are made and written, and nobody has to read them. */
export async function startChild<Facts>(
  role: Role,
  options: OptionsOf<typeof role>,
  { core, profileDir }: ChildOptions,
): Promise<Child<Facts>> {
  const profiling = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const line = [process.execPath, ...profiling, program, role, JSON.stringify(options)];
  const [command = '', ...rest] =
    core === undefined ? line : ['taskset', '-c', String(core), ...line];
  const child = spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  const waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>();
  let count = 0;
  const expect = <T>(id: number): Promise<T> =>
    new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  child.on('message', ({ id, result, error }: Answer) => {
    if (error === undefined) waiting.get(id)?.resolve(result as never);
    else waiting.get(id)?.reject(new Error(`${role}: ${error}`));
    waiting.delete(id);
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) {
      reject(new Error(`${role}: the process ended with ${code}`));
    }
  });
  const ask = <T>(verb: string, argument?: unknown): Promise<T> => {
    count += 1;
    child.send({ id: count, verb, argument });
    return expect<T>(count);
  };
  const facts = await expect<Facts>(0);
  return {
    facts,
    ask,
    stop: async () => {
      await ask('stop');
      await exited;
    },
  };
}
