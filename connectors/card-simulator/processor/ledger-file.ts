/**
 * The ledger on disk: JSON lines, only ever appended to. One write and one fdatasync serve every
 * answer that waits (group commit), off the event loop.
 */
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LedgerRecord } from './model.ts';

export interface LedgerFile {
  /** Queues a record; {@link flushed} tells when it is on disk. */
  append(record: LedgerRecord): void;
  /** Resolves when everything appended so far is durable. Rejects for ever after a failed write. */
  flushed(): Promise<void>;
  close(): Promise<void>;
}

/** Without a file: everything is "durable" at once and gone with the process. */
export const memoryLedger: LedgerFile = {
  append: () => undefined,
  flushed: async () => undefined,
  close: async () => undefined,
};

/**
 * Opens (and creates) the file, hands every stored record to `load` in order and cuts off a torn
 * last line. Throws when a line in the middle cannot be read: such a ledger is not to be trusted.
 */
export async function openLedgerFile(
  path: string,
  load: (record: LedgerRecord) => void,
): Promise<LedgerFile> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+', 0o600);
  try {
    await file.truncate(await readRecords(file, path, load));
  } catch (cause) {
    await file.close();
    throw cause;
  }
  return new AppendedFile(file);
}

/** Reads all lines; answers with the length in bytes of the part that is whole. */
async function readRecords(
  file: FileHandle,
  path: string,
  load: (record: LedgerRecord) => void,
): Promise<number> {
  const chunk = Buffer.alloc(1 << 20);
  let rest = Buffer.alloc(0);
  let whole = 0;
  let torn: unknown;
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return whole;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      // A line that cannot be read is forgiven only as the very last one: a write cut by a crash.
      if (torn !== undefined) {
        throw new Error(`${path} cannot be read at byte ${whole}`, { cause: torn });
      }
      let record: LedgerRecord | undefined;
      try {
        record = JSON.parse(rest.toString('utf8', start, end)) as LedgerRecord;
      } catch (cause) {
        torn = cause;
      }
      if (record !== undefined) {
        load(record);
        whole += end + 1 - start;
      }
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
}

class AppendedFile implements LedgerFile {
  readonly #file: FileHandle;
  #waiting: string[] = [];
  /** The batch being written, if any. */
  #writing: Promise<void> | undefined;
  /** The batch that collects what arrives meanwhile. */
  #next: Promise<void> | undefined;
  #failure: unknown;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  append(record: LedgerRecord): void {
    this.#waiting.push(`${JSON.stringify(record)}\n`);
  }

  flushed(): Promise<void> {
    // After a failed write nobody can say what the file holds: nothing is acknowledged any more.
    if (this.#failure !== undefined) {
      return Promise.reject(new Error('the ledger file failed', { cause: this.#failure }));
    }
    if (this.#waiting.length === 0) return this.#writing ?? Promise.resolve();
    this.#next ??= this.#after(this.#writing);
    return this.#next;
  }

  async close(): Promise<void> {
    try {
      await this.flushed();
    } finally {
      await this.#file.close();
    }
  }

  /** The next batch: starts when the current one is done, and takes all that waits by then. */
  async #after(current: Promise<void> | undefined): Promise<void> {
    // One turn of the loop lets requests that arrived together share the batch.
    await (current ?? new Promise<void>((resolve) => setImmediate(resolve)));
    this.#writing = this.#next;
    this.#next = undefined;
    const text = this.#waiting.join('');
    this.#waiting = [];
    try {
      await this.#file.appendFile(text);
      await this.#file.datasync();
    } catch (cause) {
      this.#failure = cause;
      throw cause;
    } finally {
      if (this.#next === undefined) this.#writing = undefined;
    }
  }
}
