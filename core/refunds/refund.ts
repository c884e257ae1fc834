/** Giving money back: part by part, until nothing that was captured is left. */
import { advance } from '../payments/advance.ts';
import { capabilityOf } from '../payments/capability.ts';
import { refundable } from '../payments/amounts.ts';
import type { Caller } from '../payments/create.ts';
import { decideAgain, now, paymentFor, type Desk } from '../payments/desk.ts';
import type { Settled } from '../payments/engine.ts';
import { newOperation } from '../payments/operation.ts';
import { holdingAuthorization } from '../payments/hold.ts';
import { presentRefund } from '../payments/present.ts';
import type { OperationRecord } from '../payments/record.ts';
import { refusalOf } from '../payments/refusal.ts';
import { isOfProfile, paymentsOfProfile } from '../payments/store.ts';
import { operationInsert } from '../payments/settle.ts';
import { syncFirst } from '../payments/sync.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal, Reply } from '../sdk/route.ts';
import { findOne, listOf, page, type Database } from '../storage/index.ts';
import type { RefundBody, RefundListQuery } from './schema.ts';

/**
 * The amount is reserved in the commit of the intention, so parallel refunds can never add up to
 * more than was captured; it is released when the processor says no.
 */
export async function createRefund(desk: Desk, caller: Caller, body: RefundBody): Promise<Reply> {
  return decideAgain(async () => {
    const before = await syncFirst(desk, await paymentFor(desk, caller.principal, body.payment));
    const left = refundable(before);
    if (before.amount_captured === 0 || (left === 0 && before.amount_refund_pending === 0)) {
      throw new Problem(
        'payment_state',
        `a payment that is ${before.status} has nothing to refund`,
        {
          param: 'payment',
          members: { payment_status: before.status },
        },
      );
    }
    const amount = body.amount ?? left;
    if (amount > left || amount === 0) {
      throw new Problem(
        'amount_too_large',
        `at most ${left} can be refunded, ${amount} was asked`,
        {
          param: 'amount',
          members: { amount_refundable: left },
        },
      );
    }
    const { account, authorization } = await holdingAuthorization(desk, before);
    const facts = capabilityOf(account, before, 'refund');
    if (amount < before.amount_captured && facts.refund !== 'partial') {
      throw new Problem('not_supported', 'this processor account refunds whole payments only', {
        param: 'amount',
      });
    }
    const moment = now(desk);
    const details = {
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
    };
    const { id: accountId } = account.record;
    const operation = newOperation(before, 'refund', accountId, amount, details, moment.ms);
    const { payment, changes } = advance(
      before,
      { amount_refund_pending: before.amount_refund_pending + amount },
      moment,
      ['refund.created'],
      operation,
    );
    return desk.engine.perform({
      payment,
      operation,
      changes: [...changes, operationInsert(operation)],
      account,
      subject: authorization,
      slot: caller.slot,
      answer: (settled) => answer(caller, settled),
    });
  });
}

function answer(caller: Caller, { operation }: Settled): { status: number; body: unknown } {
  const body = presentRefund(operation);
  const problem = refusalOf(operation, body);
  if (problem) return { status: problem.status, body: problem.toJson(caller.requestId) };
  return { status: operation.state === 'succeeded' ? 201 : 202, body };
}

export async function refundById(
  desk: Pick<Desk, 'db'>,
  principal: Principal,
  id: string,
): Promise<OperationRecord> {
  const where = { id, merchant_id: principal.merchantId, kind: 'refund' };
  const refund = await findOne<OperationRecord>(desk.db, 'operations', where);
  if (refund && (await isOfProfile(desk.db, principal, refund))) return refund;
  throw new Problem('not_found', 'there is no such refund');
}

export async function listRefunds(db: Database, principal: Principal, query: RefundListQuery) {
  const own = paymentsOfProfile(db, principal);
  const found = await page<OperationRecord>(
    db,
    'operations',
    principal.merchantId,
    query,
    (select) => {
      void select.where('kind', 'refund');
      if (query.payment !== undefined) void select.where('payment_id', query.payment);
      if (own) void select.whereIn('payment_id', own);
    },
  );
  return listOf(found, found.rows.map(presentRefund));
}
