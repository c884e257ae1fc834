/**
 * What the account behind a payment can do with it: presence of the operation, facts of the method.
 */
import type { Account } from '../accounts/account.ts';
import type { MethodFacts } from '../sdk/connector.ts';
import { Problem } from '../sdk/problem.ts';
import { storedOr, type MethodSummary, type PaymentRecord } from './record.ts';

/** The method's facts. Throws `not_supported` when the connector has no such operation. */
export function capabilityOf(
  account: Account,
  payment: PaymentRecord,
  operation: 'capture' | 'void' | 'refund' | 'approve' | 'reject',
): MethodFacts {
  const { type, via = type } = storedOr<MethodSummary>(payment.method, { type: 'card' });
  // What was entered with the processor is known by what it turned out to be, where that is known.
  const { methods, operations } = account.connector;
  const facts = methods[type] ?? methods[via];
  if (!facts || !operations[operation] || (operation === 'refund' && facts.refund === 'none')) {
    throw new Problem(
      'not_supported',
      `${account.connector.name} has no ${operation} for this payment`,
    );
  }
  return facts;
}
