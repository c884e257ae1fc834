/** Asks what became of an operation, by the switch's own id: so a lost answer is no loss. */
import type { Sync } from '#sdk';
import { readCharge, readFollowUp, type SimulatorOutcome } from './answers.ts';
import { find, type SimulatorContext } from './calls.ts';
import type { CardSimulatorRef } from './settings.ts';

export async function sync(
  context: SimulatorContext,
  query: Sync<CardSimulatorRef>,
): Promise<SimulatorOutcome | 'not_found'> {
  const answer = await find(context, query.operationId);
  if (answer === undefined) return 'not_found';
  return query.kind === 'authorize' ? readCharge(answer) : readFollowUp(query.kind, answer);
}
