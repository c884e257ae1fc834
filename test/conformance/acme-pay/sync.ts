/** Asks what became of an operation, by the switch's own id: so a lost answer is no loss. */
import { Fault, type Sync } from '#sdk';
import { readAnswer, type AcmePayOutcome } from './answers.ts';
import { find, type AcmePayContext } from './calls.ts';
import type { AcmePayRef } from './settings.ts';

const objects = {
  authorize: 'payment',
  capture: 'capture',
  void: 'void',
  refund: 'refund',
} as const;

export async function sync(
  context: AcmePayContext,
  { operationId, kind }: Sync<AcmePayRef>,
): Promise<AcmePayOutcome | 'not_found'> {
  if (kind === 'approve' || kind === 'reject') {
    throw new Fault('rejected', 'Acme Pay holds nothing for review');
  }
  const answer = await find(context, operationId);
  return answer === undefined ? 'not_found' : readAnswer(answer, objects[kind]);
}
