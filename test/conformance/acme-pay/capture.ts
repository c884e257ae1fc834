/** Takes all or a part of what was authorized. */
import { toDecimal, type Capture } from '#sdk';
import { readAnswer, type AcmePayOutcome } from './answers.ts';
import { post, type AcmePayContext } from './calls.ts';
import type { AcmePayRef } from './settings.ts';

export async function capture(
  context: AcmePayContext,
  command: Capture<AcmePayRef>,
): Promise<AcmePayOutcome> {
  const { operationId, amount, of } = command;
  const path = `/v1/payments/${encodeURIComponent(of.payment)}/captures`;
  const answer = await post(context, path, operationId, {
    amount: { value: toDecimal(amount), currency: amount.currency },
    last: command.final,
  });
  return readAnswer(answer, 'capture');
}
