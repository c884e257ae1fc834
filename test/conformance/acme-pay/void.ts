/** Lets a hold go. Named `release`, because `void` is a word of the language. */
import type { Void } from '#sdk';
import { readAnswer, type AcmePayOutcome } from './answers.ts';
import { post, type AcmePayContext } from './calls.ts';
import type { AcmePayRef } from './settings.ts';

export async function release(
  context: AcmePayContext,
  { operationId, of, reason }: Void<AcmePayRef>,
): Promise<AcmePayOutcome> {
  const path = `/v1/payments/${encodeURIComponent(of.payment)}/voids`;
  return readAnswer(await post(context, path, operationId, { reason }), 'void');
}
