/**
 * One process a SQLite file. The lock is an open exclusive transaction on a file of its own: the
 * operating system drops it when the process dies, however it dies, so no stale lock can remain.
 */
import SqliteHandle from 'better-sqlite3';

export class FileLocked extends Error {
  override name = 'FileLocked';
}

export interface FileLock {
  release(): void;
}

/** Takes the lock or throws FileLocked at once. */
export function lockFile(file: string): FileLock {
  const handle = new SqliteHandle(file, { timeout: 0 });
  try {
    handle.exec('begin exclusive');
  } catch (cause) {
    handle.close();
    if (cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_BUSY') {
      throw new FileLocked(
        'another pointsman process has this database open; stop it first, or use Postgres for several processes',
      );
    }
    throw cause;
  }
  return { release: () => handle.close() };
}
