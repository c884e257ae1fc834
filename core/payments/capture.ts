/** Taking what was authorized: all of it, a part, or part after part where the connector can. */
import { capabilityOf } from './capability.ts';
import type { Caller } from './create.ts';
import { advance } from './advance.ts';
import { capturable } from './amounts.ts';
import { answerTo, decideAgain, now, type Desk, paymentFor } from './desk.ts';
import { newOperation } from './operation.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import type { CaptureBody } from './schema.ts';
import { operationInsert } from './settle.ts';
import { assertHoldFree, assertHoldLasts, holdingAuthorization } from './hold.ts';
import { syncFirst } from './sync.ts';

export async function capturePayment(
  desk: Desk,
  caller: Caller,
  id: string,
  body: CaptureBody,
): Promise<Reply> {
  const { principal } = caller;
  return decideAgain(async () => {
    const before = await syncFirst(desk, await paymentFor(desk, principal, id));
    assertHoldFree(before, 'captured');
    const { account, authorization } = await holdingAuthorization(desk, before);
    assertHoldLasts(before, authorization, desk.clock.now());
    const left = capturable(before);
    const amount = body.amount ?? left;
    if (amount > left) {
      throw new Problem(
        'amount_too_large',
        `at most ${left} can be captured, ${amount} was asked`,
        {
          param: 'amount',
          members: { amount_capturable: left },
        },
      );
    }
    const facts = capabilityOf(account, before, 'capture');
    if (amount < left && !facts.partialCapture) {
      throw new Problem(
        'not_supported',
        'this processor account captures whole authorizations only',
        {
          param: 'amount',
        },
      );
    }
    const final = amount === left || body.final === true || !facts.multipleCapture;
    const moment = now(desk);
    const pending = before.amount_hold_pending + amount;
    const { payment, changes } = advance(before, { amount_hold_pending: pending }, moment);
    const { id: accountId } = account.record;
    const operation = newOperation(payment, 'capture', accountId, amount, { final }, moment.ms);
    return desk.engine.perform({
      payment,
      operation,
      changes: [...changes, operationInsert(operation)],
      account,
      subject: authorization,
      slot: caller.slot,
      answer: (settled) => answerTo(desk, principal, caller.requestId, 200, settled),
    });
  });
}
