/**
 * What a process asked of the disk and told the network, read back from `strace -f -y -xx`: writes
 * with their bytes, syncs, and answers that left. Only what a power cut could tell apart.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The calls to trace; everything SQLite does to a file, and all that leaves by a socket. */
export const tracedCalls = 'pwrite64,fsync,fdatasync,ftruncate,unlink,write,writev';

export type TraceEvent =
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'sent'; readonly text: string };

/**
 * Every event of the trace in order. A call that another thread interrupted counts when it ended.
 */
export async function* readTrace(file: string): AsyncGenerator<TraceEvent> {
  const begun = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) {
    const [, pid = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(pid, rest.slice(0, -'<unfinished ...>'.length).trimEnd());
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(rest)?.[0];
    const call = resumed === undefined ? rest : (begun.get(pid) ?? '') + rest.slice(resumed.length);
    const event = eventOf(call);
    if (event) yield event;
  }
}

function eventOf(call: string): TraceEvent | undefined {
  const name = call.slice(0, call.indexOf('('));
  const result = Number(/= (-?\d+)[^=]*$/.exec(call)?.[1] ?? -1);
  if (result < 0) return undefined;
  if (name === 'unlink') return { kind: 'remove', path: stringsOf(call).toString('utf8') };
  const path = pathOf(call);
  switch (name) {
    case 'pwrite64': {
      const at = lastNumberOf(call);
      return { kind: 'write', path, at, bytes: stringsOf(call).subarray(0, result) };
    }
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', path };
    case 'ftruncate':
      return { kind: 'truncate', path, length: lastNumberOf(call) };
    case 'write':
    case 'writev':
      if (!/^(socket|TCP)/.test(path)) return undefined;
      return { kind: 'sent', text: stringsOf(call).toString('utf8') };
    default:
      return undefined;
  }
}

/** The last argument: where a write begins, how long a file is to be. */
function lastNumberOf(call: string): number {
  const [, digits] = /, (\d+)\) +=/.exec(call) ?? [];
  if (digits === undefined) throw new Error(`not understood: … ${call.slice(-80)}`);
  return Number(digits);
}

/** Of the first argument, `23</tmp/pointsman.db-wal>`; strace may write it in hex, as strings. */
function pathOf(call: string): string {
  const inside = /^\w+\(\d+<(.*?)>[,)]/.exec(call)?.[1] ?? '';
  return bytesOf(inside.replace(/^"|"$/g, '')).toString('utf8');
}

/** All quoted strings of a call, one after the other. */
function stringsOf(call: string): Buffer {
  return Buffer.concat(
    [...call.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, hex = '']) => bytesOf(hex)),
  );
}

function bytesOf(text: string): Buffer {
  return text.startsWith('\\x')
    ? Buffer.from(text.replaceAll('\\x', ''), 'hex')
    : Buffer.from(text, 'latin1');
}
