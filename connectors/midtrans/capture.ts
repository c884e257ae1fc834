/** Captures all or a part of a hold, once; Midtrans gives the rest back by itself. */
import { Fault, type Capture } from '#sdk';
import { change, lookUp, type MidtransContext } from './calls.ts';
import { refusalOf } from './declines.ts';
import { toRupiah } from './money.ts';
import { orderIdOf } from './order.ts';
import type { MidtransRef } from './settings.ts';
import { done, readTransaction, refOf, type MidtransOutcome } from './transaction.ts';

export async function capture(
  context: MidtransContext,
  command: Capture<MidtransRef>,
): Promise<MidtransOutcome> {
  const { of } = command;
  const gross = toRupiah(command.amount);
  const key = orderIdOf(command);
  const fields = await change(context, {
    path: '/v2/capture',
    body: {
      transaction_id: of.transaction ?? (await transactionOf(context, of)),
      gross_amount: gross,
    },
    key,
  });
  const transaction = readTransaction(fields);
  if (transaction.status === 'deny') {
    // The bank's "no" to this capture: the hold stands, and may be tried again or released.
    const ref = refOf(of, transaction);
    return { status: 'declined', ...refusalOf(fields, transaction.status), ref };
  }
  if (transaction.standing === 'captured') return done(command, transaction);
  throw new Fault('unintelligible', `a capture answered with ${transaction.status}`);
}

/** The order's own transaction: known from the answer that said it succeeded, or asked for. */
async function transactionOf(context: MidtransContext, of: MidtransRef): Promise<string> {
  const fields = await lookUp(context, of.order);
  if (!fields) throw new Fault('rejected', 'Midtrans has no such order');
  return readTransaction(fields).id;
}
