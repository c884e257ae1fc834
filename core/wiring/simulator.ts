/** The card simulator as a process of its own: its books are out of the switch's reach. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Simulator {
  readonly url: string;
  stop(): Promise<void>;
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

/**
 * Starts it and waits until it listens. It ends with us, even when we are killed: its stdin closes.
 */
export async function startSimulator(options: {
  readonly port: number;
  readonly dataDir: string;
}): Promise<Simulator> {
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
    { stdio: ['pipe', 'pipe', 'pipe'] },
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
