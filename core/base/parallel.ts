/** Work side by side, bounded: a processor that comes back must not be stormed. */

/** Runs `work` over `items`, at most `limit` at a time; the first that throws ends the wait. */
export async function inParallel<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // One iterator for all: each worker takes what nobody has taken yet.
  const queue = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
