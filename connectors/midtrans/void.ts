/**
 * Calls off what is not captured: a hold, a customer's unfinished try, a hosted page. Which of
 * Midtrans's ways does it depends on how far the order is, so that is asked first. Named `release`
 * because `void` is a word of the language.
 */
import { Fault, type Void } from '#sdk';
import { change, lookUp, orderPath, type MidtransContext } from './calls.ts';
import { orderIdOf } from './order.ts';
import type { MidtransRef } from './settings.ts';
import { closePage, closePageOf } from './snap.ts';
import { done, readTransaction, type MidtransOutcome, type Transaction } from './transaction.ts';

type Command = Void<MidtransRef>;

export async function release(
  context: MidtransContext,
  command: Command,
): Promise<MidtransOutcome> {
  const { of } = command;
  let fields = await lookUp(context, of.order);
  if (!fields) {
    // GET status knows no order before its customer has chosen how to pay.
    if (of.snap === undefined) throw new Fault('rejected', 'Midtrans has no such order');
    if ((await closePage(context, of.snap)) === 'closed') {
      const { operationId, amount } = command;
      return { status: 'succeeded', operationId, amount, ref: { order: of.order, snap: of.snap } };
    }
    fields = await lookUp(context, of.order);
    if (!fields) throw new Fault('rejected', 'the customer is just choosing how to pay');
  }
  const ended = await end(context, command, readTransaction(fields));
  await closePageOf(context, of);
  return done(command, ended);
}

/** The order's transaction once nothing can come of it any more. */
async function end(
  context: MidtransContext,
  command: Command,
  found: Transaction,
): Promise<Transaction> {
  switch (found.standing) {
    case 'open':
      return turn(context, command, found, command.because === 'expired' ? 'expire' : 'cancel');
    case 'authorized':
    case 'review':
      return turn(context, command, found, 'cancel');
    case 'captured':
      throw new Fault('rejected', 'it has been captured: it can only be refunded');
    case 'over':
      // Called off before, or nothing that could be: the same end.
      return found;
  }
}

async function turn(
  context: MidtransContext,
  command: Command,
  found: Transaction,
  verb: 'expire' | 'cancel',
): Promise<Transaction> {
  const path = orderPath(found.id, verb);
  const fields = await change(context, { path, key: orderIdOf(command) });
  const turned = readTransaction(fields);
  // Under the same key an earlier answer may come again, about a try before this one.
  if (turned.status === verb && turned.id === found.id) return turned;
  throw new Fault('unintelligible', `${verb} answered with ${turned.status}`);
}
