/** The payment goes on to the next account, where that can neither pay twice nor is in vain. */
import type { Account } from '../accounts/account.ts';
import { limitGuard } from '../routing/board.ts';
import { Conflict, type Change, type Database } from '../storage/index.ts';
import type { PassedOver } from '../routing/failover.ts';
import { cascade, mayCascade, reasonOf } from './cascade.ts';
import type { EngineDeps, Intent } from './intent.ts';
import type { Verdict } from './judge.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';

export interface Attempt {
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
}

/**
 * The next account's intention, durable; undefined when the payment ends here: no account is left,
 * too many were tried (one that is passed over was not), or somebody else changed the payment
 * meanwhile. `calling` learns of the new operation before anybody can read it.
 */
export async function nextAccount(
  deps: Pick<EngineDeps, 'db' | 'clock' | 'routing' | 'observer'>,
  { routed, method }: Intent,
  failed: Attempt & { readonly verdict: Verdict; readonly attempts: number },
  untried: Account[],
  calling: Set<string>,
): Promise<(Attempt & { readonly account: Account }) | undefined> {
  const { payment, operation, verdict, attempts } = failed;
  if (!routed || !method || !mayCascade(operation, verdict, routed, method)) return undefined;
  if (attempts >= routed.failover.max_attempts) return undefined;
  const { clock, db, routing } = deps;
  const passedOver: Record<string, PassedOver> = {};
  for (let account = untried.shift(); account; account = untried.shift()) {
    const { id } = account.record;
    if (routing.health.standingOf(id) === 'unhealthy') {
      passedOver[id] = 'unhealthy';
      continue;
    }
    const next = { account, passedOver };
    const moved = cascade(payment, operation, verdict, next, routed, clock.now());
    calling.add(moved.operation.id);
    const refused = await tryCommit(db, moved.changes);
    if (refused === undefined) {
      routing.book.ended(payment.merchant_id, [...moved.released, ...moved.taken]);
      deps.observer.failedOver(operation, account, reasonOf(verdict));
      return { payment: moved.payment, operation: moved.operation, account };
    }
    calling.delete(moved.operation.id);
    // Another payment took the last of this account's limit; the one after it may have room.
    if (refused !== limitGuard) return undefined;
    passedOver[id] = 'limit_reached';
  }
  return undefined;
}

/** The guard that refused it: when somebody else changed the payment, nothing new is begun. */
async function tryCommit(db: Database, changes: readonly Change[]): Promise<string | undefined> {
  try {
    await db.commit(changes);
    return undefined;
  } catch (error) {
    if (error instanceof Conflict) return error.guard;
    throw error;
  }
}
