/** Gives captured money back, in one or several parts. */
import type { Refund } from '#sdk';
import { readFollowUp, type SimulatorOutcome } from './answers.ts';
import { chargePath, post, type SimulatorContext } from './calls.ts';
import type { CardSimulatorRef } from './settings.ts';

export async function refund(
  context: SimulatorContext,
  command: Refund<CardSimulatorRef>,
): Promise<SimulatorOutcome> {
  const answer = await post(context, chargePath(command.of, 'refunds'), {
    reference: command.operationId,
    amount: command.amount.amount,
    reason: command.reason,
  });
  return readFollowUp('refund', answer);
}
