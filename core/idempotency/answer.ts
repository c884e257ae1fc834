/** For what needs no processor: the change, the idempotency key and its answer in one commit. */
import type { IdempotencySlot, Reply } from '../sdk/route.ts';
import type { Change, Database } from '../storage/index.ts';
import type { Idempotency } from './idempotency.ts';

/** Commits `changes` with the answer to them and gives the answer back as a reply. */
export async function commitWithAnswer(
  deps: { readonly db: Database; readonly idempotency: Idempotency },
  slot: IdempotencySlot | undefined,
  answer: { readonly status: number; readonly body: unknown },
  changes: readonly Change[],
): Promise<Reply> {
  const text = JSON.stringify(answer.body);
  const taken = slot ? [deps.idempotency.takeDone(slot, { status: answer.status, text })] : [];
  await deps.db.commit([...changes, ...taken]);
  return { ...answer, text };
}
