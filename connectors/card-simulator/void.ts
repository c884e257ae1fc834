/** Releases what is not captured. Named `release` because `void` is a word of the language. */
import type { Void } from '#sdk';
import { readFollowUp, type SimulatorOutcome } from './answers.ts';
import { chargePath, post, type SimulatorContext } from './calls.ts';
import type { CardSimulatorRef } from './settings.ts';

export async function release(
  context: SimulatorContext,
  command: Void<CardSimulatorRef>,
): Promise<SimulatorOutcome> {
  const answer = await post(context, chargePath(command.of, 'voids'), {
    reference: command.operationId,
    amount: command.amount.amount,
    reason: command.reason,
  });
  return readFollowUp('void', answer);
}
