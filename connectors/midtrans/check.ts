/** Whether the credentials work: GET status of an order that cannot be, answered at all. */
import type { AccountFacts } from '#sdk';
import { lookUp, type MidtransContext } from './calls.ts';

/** No id of the switch's has a dot. */
const nobodysOrder = 'pointsman.credentials.check';

/** A wrong key is a Fault `unauthorized`. Midtrans has no call that tells of the account itself. */
export async function check(context: MidtransContext): Promise<AccountFacts> {
  await lookUp(context, nobodysOrder);
  const { merchant_id: reference } = context.settings;
  return { ...(reference !== undefined && { reference }), country: 'ID', currency: 'IDR' };
}
