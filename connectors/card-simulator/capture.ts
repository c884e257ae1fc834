/** Captures all or a part of what was authorized. */
import type { Capture } from '#sdk';
import { readFollowUp, type SimulatorOutcome } from './answers.ts';
import { chargePath, post, type SimulatorContext } from './calls.ts';
import type { CardSimulatorRef } from './settings.ts';

export async function capture(
  context: SimulatorContext,
  command: Capture<CardSimulatorRef>,
): Promise<SimulatorOutcome> {
  const answer = await post(context, chargePath(command.of, 'captures'), {
    reference: command.operationId,
    amount: command.amount.amount,
    final: command.final,
  });
  return readFollowUp('capture', answer);
}
