/**
 * Going to the next account: for an authorization that surely had no effect where it was, or that
 * the issuer declined with the advice to try another one.
 */
import { isoTime } from '../base/clock.ts';
import type { Account } from '../accounts/account.ts';
import { changesOf, type Delta } from '../routing/board.ts';
import type { FailedOver, PassedOver } from '../routing/failover.ts';
import { placeAt, takenOf } from '../routing/reserved.ts';
import type { Routed } from '../routing/route.ts';
import type { MethodInput } from '../sdk/command.ts';
import type { Change } from '../storage/index.ts';
import { movedOn } from './conclude.ts';
import type { Verdict } from './judge.ts';
import { newAuthorization } from './operation.ts';
import {
  storedOr,
  type OperationDetails,
  type OperationRecord,
  type PaymentRecord,
} from './record.ts';
import { operationChange, operationInsert, paymentChange, released } from './settle.ts';

/** Faults after which another account may be tried: the request surely had no effect. */
const cascading = new Set(['unreachable', 'throttled', 'unauthorized']);

/**
 * A decline moved no money, and is passed on only with the word of the processor that another
 * account may approve; what belongs to one account (a token, a page of the processor's) cannot go.
 */
export function mayCascade(
  operation: OperationRecord,
  { state, result }: Verdict,
  { failover }: Routed,
  method: MethodInput,
): boolean {
  // A token was made by one account, and no other knows it.
  if (operation.kind !== 'authorize' || method.type === 'token') return false;
  if (state === 'failed') return cascading.has(result.fault ?? '');
  const soft = state === 'declined' && result.advice === 'other_account';
  return soft && failover.soft_declines && method.type === 'card';
}

/** The fault, or that it was declined. */
export function reasonOf({ state, result }: Verdict): string {
  return result.fault ?? state;
}

export interface Cascaded {
  readonly payment: PaymentRecord;
  readonly operation: OperationRecord;
  readonly changes: readonly Change[];
  /** What the next account holds now, and what the last one does not any more. */
  readonly taken: readonly Delta[];
  readonly released: readonly Delta[];
}

/** The account it goes on to, and those before it in the order that were not asked. */
export interface Next {
  readonly account: Account;
  readonly passedOver: Readonly<Record<string, PassedOver>>;
}

/** The attempt that failed and the next account's intention, in one commit. */
export function cascade(
  payment: PaymentRecord,
  operation: OperationRecord,
  verdict: Verdict,
  { account: next, passedOver }: Next,
  { scope, limitsFor }: Routed,
  nowMs: number,
): Cascaded {
  const moment = { ms: nowMs, iso: isoTime(nowMs) };
  const after: PaymentRecord = {
    ...payment,
    account_id: next.record.id,
    version: payment.version + 1,
    updated_at: moment.iso,
  };
  const ended = movedOn(operation, verdict, moment);
  const { method = 'card' } = storedOr<OperationDetails>(operation.details, {});
  const { reserved, deltas } = takenOf(next, limitsFor(next), scope, payment, nowMs);
  const { origin } = operation;
  const failover: FailedOver = {
    after: operation.id,
    reason: reasonOf(verdict),
    ...(Object.keys(passedOver).length > 0 && { passed_over: passedOver }),
  };
  const again = { ...newAuthorization(after, next, method, reserved, nowMs, failover), origin };
  const place = scope === undefined ? [] : [placeAt(payment.merchant_id, scope, next.record.id)];
  const taken = [...place, ...deltas];
  const given = released(operation, ended);
  return {
    payment: after,
    operation: again,
    changes: [
      paymentChange(payment, after),
      operationChange(operation, ended),
      operationInsert(again),
      ...changesOf([...given, ...taken]),
    ],
    taken,
    released: given,
  };
}
