/** The card simulator as a process of its own: its books are out of the switch's reach. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Simulator {
  readonly url: string;
  stop(): Promise<void>;
}

export interface SimulatorOptions {
  readonly port: number;
  readonly dataDir: string;
}

export class SimulatorFailed extends Error {
  override name = 'SimulatorFailed';
}

/** From dist it is JavaScript, from the sources TypeScript with the same loader as ours. */
function program(): string {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(
    new URL(`../../connectors/card-simulator/processor/main.${ending}`, import.meta.url),
  );
}

/** One that lost its parent a moment ago may still hold the port: a few tries, then the reason. */
const triesMax = 6;
const pauseMs = 500;

/** Starts the simulator; throws SimulatorFailed with its own words when it will not. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await launch(options);
    } catch (error) {
      if (!(error instanceof SimulatorFailed) || attempt === triesMax) throw error;
      if (!error.message.includes('EADDRINUSE')) throw error;
    }
    await setTimeout(pauseMs);
  }
}

/**
 * Starts it and waits until it listens. It ends with us, even when we are killed: its stdin closes.
 */
async function launch(options: SimulatorOptions): Promise<Simulator> {
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      program(),
      '--port',
      String(options.port),
      '--ledger',
      join(options.dataDir, 'simulator-ledger.jsonl'),
      '--with-parent',
    ],
    // A group of its own: Ctrl-C goes to the whole group, and we still have payments to answer.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  );
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000);
  });
  const exited = once(child, 'exit');
  const line = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([text]) => text as string),
    exited.then(() => undefined),
  ]);
  if (line === undefined) {
    throw new SimulatorFailed(
      `the card simulator did not start on port ${options.port}: ${complaint.trim() || 'no reason given'}`,
    );
  }
  child.stdout.resume();
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    stop: async () => {
      child.stdin.end();
      child.kill('SIGTERM');
      await exited;
    },
  };
}
