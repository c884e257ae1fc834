/** Lets a held charge through or turns it away. */
import type { Review } from '#sdk';
import { readFollowUp, type SimulatorOutcome } from './answers.ts';
import { chargePath, post, type SimulatorContext } from './calls.ts';
import type { CardSimulatorRef } from './settings.ts';

type Command = Review<CardSimulatorRef>;

const decide =
  (verdict: 'approve' | 'reject') =>
  async (context: SimulatorContext, command: Command): Promise<SimulatorOutcome> => {
    const path = chargePath(command.of, verdict);
    return readFollowUp(verdict, await post(context, path, { reference: command.operationId }));
  };

export const approve = decide('approve');
export const reject = decide('reject');
