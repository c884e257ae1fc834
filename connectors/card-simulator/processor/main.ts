/**
 * The processor as a program: `main.ts --port 0 --host 127.0.0.1 --ledger FILE [--with-parent]
 * [--public-url URL]`. Prints one JSON line when it is ready. Exit codes: 0 stopped, 1 could not
 * start, 2 wrong arguments.
 */
import { parseArgs } from 'node:util';
import { startProcessor, type Processor } from './server.ts';

const options = {
  port: { type: 'string', default: '0' },
  host: { type: 'string', default: '127.0.0.1' },
  /** Left out: memory only. */
  ledger: { type: 'string' },
  /** Stop when stdin closes: the spawning switch holds the other end of the pipe. */
  'with-parent': { type: 'boolean', default: false },
  'public-url': { type: 'string' },
} as const;

function report(event: string, members: Record<string, unknown>): void {
  console.log(JSON.stringify({ event, ...members }));
}

function readArguments() {
  try {
    const { values } = parseArgs({ options });
    const port = Number(values.port);
    if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { ...values, port };
    throw new Error(`--port must be from 0 to 65535, not "${values.port}"`);
  } catch (cause) {
    console.error(String(cause));
    return undefined;
  }
}

/** Stops once, whoever asks first; leaving nothing open lets the process end by itself. */
function stopOnSignals(processor: Processor, withParent: boolean): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    processor.close().then(
      () => process.exit(0),
      (cause: unknown) => {
        console.error(String(cause));
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (!withParent) return;
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
}

const values = readArguments();
if (!values) process.exit(2);
try {
  const { port, host, ledger } = values;
  const processor = await startProcessor({
    port,
    host,
    ...(ledger !== undefined && { ledgerFile: ledger }),
    ...(values['public-url'] !== undefined && { publicUrl: values['public-url'] }),
  });
  stopOnSignals(processor, values['with-parent']);
  report('listening', { url: processor.url, port: processor.port, pid: process.pid });
} catch (cause) {
  console.error(JSON.stringify({ event: 'not_started', message: String(cause) }));
  process.exit(1);
}
