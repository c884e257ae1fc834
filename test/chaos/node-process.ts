/**
 * One process under test: started, killed without notice, frozen, and started again whenever it has
 * ended by itself, as a supervisor would. Its address stays the same throughout.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface Program {
  /** Everything after `node`. */
  readonly line: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly port: number;
  /** Where both of its outputs are appended. */
  readonly output: string;
}

/** No boot may take longer; on a busy machine the usual one takes 0.5–1 s. */
const bootLimitMs = 60_000;
const pollMs = 10;
/** A process that ends by itself is started again after this, as a supervisor does. */
const restartPauseMs = 150;

/** It ends with the driver: the driver's end of its stdin closes, however the driver ends. */
const endWithParent =
  'data:text/javascript,process.stdin.on("end",()=>process.exit(9)).resume().unref()';

export class NodeProcess {
  readonly url: string;
  readonly bootsMs: number[] = [];
  /** Ends that nobody here had asked for: exit codes. */
  readonly falls: string[] = [];
  readonly #program: Program;
  #child: ChildProcess | undefined;
  #wanted = false;
  #booting: Promise<void> = Promise.resolve();

  constructor(program: Program) {
    this.#program = program;
    this.url = `http://127.0.0.1:${program.port}`;
  }

  /** Starts it and waits until it says that it is ready. */
  async start(): Promise<void> {
    this.#wanted = true;
    this.#booting = this.#boot();
    await this.#booting;
  }

  /** SIGKILL, then a new start; resolves when the new one is ready. */
  async kill(): Promise<void> {
    await this.#booting;
    this.#wanted = false;
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await this.start();
  }

  /** Stops the clock of the process itself: it holds its connections and knows nothing of it. */
  async freeze(ms: number): Promise<void> {
    await this.#booting;
    this.#child?.kill('SIGSTOP');
    await delay(ms);
    this.#child?.kill('SIGCONT');
  }

  /** Resolves when it is up: at once, or after the boot that is under way. */
  async settled(): Promise<void> {
    await this.#booting;
  }

  /** SIGTERM; killed when that does not end it within ten seconds. */
  async stop(): Promise<void> {
    this.#wanted = false;
    await this.#booting.catch((error: unknown) => {
      this.falls.push(`no boot: ${String(error)}`);
    });
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const hard = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await gone;
    clearTimeout(hard);
  }

  async #boot(): Promise<void> {
    const startedMs = performance.now();
    this.#spawn();
    while (!(await isReady(this.url))) {
      if (performance.now() - startedMs > bootLimitMs) {
        throw new Error(`${this.url} is not ready after ${bootLimitMs} ms`);
      }
      await delay(pollMs);
    }
    this.bootsMs.push(performance.now() - startedMs);
  }

  #spawn(): void {
    const { line, env, cwd, output } = this.#program;
    const log = openSync(output, 'a');
    const child = spawn(process.execPath, ['--import', endWithParent, ...line], {
      cwd,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    this.#child = child;
    child.once('exit', (code, signal) => {
      if (!this.#wanted || this.#child !== child) return;
      this.falls.push(String(code ?? signal));
      setTimeout(() => {
        if (this.#wanted && this.#child === child) this.#spawn();
      }, restartPauseMs);
    });
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false; // not listening yet, or no longer: asked again until bootLimitMs
  }
}

/** A port that is free now. The kernel hands them out in turn, so it stays free for a while. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
