/**
 * A disk as a power cut leaves it: of each file the bytes that a later sync covered, and apart from
 * them those that were written and not synced, of which any may be there and any may be gone.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { TraceEvent } from './trace.ts';

type Pending = Extract<TraceEvent, { kind: 'write' | 'truncate' }>;
type OnDisk = Exclude<TraceEvent, { kind: 'sent' }>;

interface File {
  durable: Buffer;
  pending: Pending[];
}

export class Disk {
  readonly #files = new Map<string, File>();

  /** Takes over what is on the real disk now; all of it counts as durable. */
  load(path: string): void {
    if (existsSync(path)) this.#files.set(path, { durable: readFileSync(path), pending: [] });
  }

  apply(event: OnDisk): void {
    if (event.kind === 'remove') {
      // Forgotten at once, synced or not: a stale rollback journal would undo everything after it.
      this.#files.delete(event.path);
      return;
    }
    const file = this.#files.get(event.path) ?? { durable: Buffer.alloc(0), pending: [] };
    this.#files.set(event.path, file);
    if (event.kind === 'sync') {
      file.durable = written(file.durable, file.pending);
      file.pending = [];
    } else {
      file.pending.push(event);
    }
  }

  /** The file after the cut; `survives` says of each unsynced write whether it had got there. */
  after(path: string, survives: () => boolean): Buffer | undefined {
    const file = this.#files.get(path);
    return file && written(file.durable, file.pending.filter(survives));
  }

  /** Writes the image under another name; a file that is not there is not made. */
  restore(path: string, as: string, survives: () => boolean): void {
    const bytes = this.after(path, survives);
    if (bytes) writeFileSync(as, bytes);
  }
}

function written(durable: Buffer, pending: readonly Pending[]): Buffer {
  if (pending.length === 0) return durable;
  let length = durable.length;
  let most = length;
  for (const step of pending) {
    length = step.kind === 'truncate' ? step.length : Math.max(length, step.at + step.bytes.length);
    most = Math.max(most, length);
  }
  const image = Buffer.alloc(most);
  durable.copy(image);
  for (const step of pending) {
    if (step.kind === 'truncate') image.fill(0, step.length);
    else step.bytes.copy(image, step.at);
  }
  return image.subarray(0, length);
}
