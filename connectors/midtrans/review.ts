/** Lets a challenged payment through or turns it away. */
import { Fault, type Review } from '#sdk';
import { change, orderPath, type MidtransContext } from './calls.ts';
import { orderIdOf } from './order.ts';
import type { MidtransRef } from './settings.ts';
import { closePageOf } from './snap.ts';
import { done, readTransaction, type MidtransOutcome, type Transaction } from './transaction.ts';

const verbs = { approve: 'approve', reject: 'deny' } as const;

const decide =
  (verdict: keyof typeof verbs) =>
  async (context: MidtransContext, command: Review<MidtransRef>): Promise<MidtransOutcome> => {
    const path = orderPath(command.of.order, verbs[verdict]);
    const fields = await change(context, { path, key: orderIdOf(command) });
    const transaction = readTransaction(fields);
    if (!isDecided(verdict, transaction)) {
      throw new Fault('unintelligible', `${verbs[verdict]} answered with ${transaction.status}`);
    }
    // On a hosted page whoever was turned away could try another card.
    if (verdict === 'reject') await closePageOf(context, command.of);
    return done(command, transaction);
  };

export const approve = decide('approve');
export const reject = decide('reject');

/** Whether the transaction stands where the verdict puts it. */
export function isDecided(verdict: keyof typeof verbs, { standing, status }: Transaction): boolean {
  if (verdict === 'reject') return status === 'deny' || status === 'cancel';
  return standing === 'authorized' || standing === 'captured';
}
