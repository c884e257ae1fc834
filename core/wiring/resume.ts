/**
 * The answer to a repeated request whose first run left none: it was cut off, or its outcome was
 * not known yet. It hears how things stand now; nothing is sent again.
 */
import { prefixes } from '../base/id.ts';
import { resumeSetup } from '../methods/index.ts';
import type { IdempotencyRecord } from '../idempotency/idempotency.ts';
import { answerTo, paymentFor, shown, type Desk } from '../payments/desk.ts';
import { presentRefund } from '../payments/present.ts';
import { refusalOf } from '../payments/refusal.ts';
import { storedOr, type OperationRecord, type OperationResult } from '../payments/record.ts';
import { operationById, operationsOf } from '../payments/store.ts';
import { isUnresolved } from '../payments/machine.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal, Reply } from '../sdk/route.ts';

export function resumeWith(desk: Desk) {
  return async (
    principal: Principal,
    { payment_id, operation_id }: IdempotencyRecord,
    requestId: string,
  ): Promise<Reply> => {
    if (operation_id?.startsWith(`${prefixes.setup}_`)) {
      return resumeSetup(desk, principal.merchantId, operation_id, requestId);
    }
    if (payment_id === null || operation_id === null) {
      throw new Problem('idempotency_key_in_use', 'the first request with this key has not ended', {
        headers: { 'retry-after': '1' },
      });
    }
    const payment = await paymentFor(desk, principal, payment_id);
    const operation = await latestTry(desk, await operationById(desk.db, operation_id));
    if (operation.kind === 'refund') {
      const body = presentRefund(operation);
      const problem = refusalOf(operation, body);
      if (problem) return { status: problem.status, body: problem.toJson(requestId) };
      return { status: isUnresolved(operation.state) ? 202 : 200, body };
    }
    if (isUnresolved(operation.state)) {
      return { status: 202, body: shown(desk, payment, principal) };
    }
    return answerTo(desk, principal, requestId, 200, { payment, operation });
  };
}

/** An authorization that was tried elsewhere after it surely did not leave goes by its last try. */
async function latestTry(desk: Desk, first: OperationRecord): Promise<OperationRecord> {
  const { absent } = storedOr<OperationResult>(first.result, {});
  if (first.kind !== 'authorize' || first.state !== 'failed' || absent) return first;
  const tries = (await operationsOf(desk.db, first.payment_id)).filter(
    ({ kind, id }) => kind === 'authorize' && id >= first.id,
  );
  return tries.at(-1) ?? first;
}
