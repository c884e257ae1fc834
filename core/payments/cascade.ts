/** Going to the next account: only for an authorization that surely had no effect where it was. */
import { isoTime } from '../base/clock.ts';
import type { Account } from '../accounts/account.ts';
import type { Change } from '../storage/index.ts';
import type { Verdict } from './judge.ts';
import { newAuthorization } from './operation.ts';
import type { OperationRecord, PaymentRecord } from './record.ts';
import { operationChange, operationInsert, paymentChange } from './settle.ts';

/** Faults after which another account may be tried: the request surely had no effect. */
const cascading = new Set(['unreachable', 'throttled', 'unauthorized']);

export function mayCascade(operation: OperationRecord, verdict: Verdict): boolean {
  return (
    operation.kind === 'authorize' &&
    verdict.state === 'failed' &&
    cascading.has(verdict.result.fault ?? '')
  );
}

/** The failed attempt and the next account's intention, in one commit. */
export function cascade(
  payment: PaymentRecord,
  operation: OperationRecord,
  verdict: Verdict,
  next: Account,
  nowMs: number,
): { payment: PaymentRecord; operation: OperationRecord; changes: Change[] } {
  const now = isoTime(nowMs);
  const after: PaymentRecord = {
    ...payment,
    account_id: next.record.id,
    version: payment.version + 1,
    updated_at: now,
  };
  const failed: OperationRecord = {
    ...operation,
    state: 'failed',
    version: operation.version + 1,
    result: JSON.stringify(verdict.result),
    next_check_at: null,
    updated_at: now,
  };
  const again = newAuthorization(after, next, nowMs);
  return {
    payment: after,
    operation: again,
    changes: [
      paymentChange(payment, after),
      operationChange(operation, failed),
      operationInsert(again),
    ],
  };
}
