/** The program `pointsman`, called by bin/launch.mjs when everything is built. */
import { fileURLToPath } from 'node:url';
import { run } from './cli/program.ts';
import { processTerminal } from './cli/terminal.ts';

/** Runs the command line `argv` (without node and script); the exit code is set, not thrown. */
export async function main(argv: string[]): Promise<void> {
  // `pointsman events list | head` closes the pipe early: that is no failure, and no news either.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await run(argv, processTerminal());
}

// Started by itself, as the tests do: node --conditions=source --import tsx bin/pointsman.ts
if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
