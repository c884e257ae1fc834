/** Gives captured money back, in one or several parts. */
import { toDecimal, type Refund } from '#sdk';
import { readAnswer, type AcmePayOutcome } from './answers.ts';
import { post, type AcmePayContext } from './calls.ts';
import type { AcmePayRef } from './settings.ts';

export async function refund(
  context: AcmePayContext,
  command: Refund<AcmePayRef>,
): Promise<AcmePayOutcome> {
  const { operationId, amount, of } = command;
  const path = `/v1/payments/${encodeURIComponent(of.payment)}/refunds`;
  const answer = await post(context, path, operationId, {
    amount: { value: toDecimal(amount), currency: amount.currency },
    reason: command.reason,
  });
  return readAnswer(answer, 'refund');
}
