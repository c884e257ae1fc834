/** Whose credentials these are, and whether he may charge. */
import type { AccountFacts } from '#sdk';
import { accepted, get, type StripeContext } from './calls.ts';
import { flagOf, optionalTextOf, textOf, wordOf } from './fields.ts';

export async function check(context: StripeContext): Promise<AccountFacts> {
  const account = accepted(await get(context, '/v1/account'));
  wordOf(account, 'object', ['account']);
  const country = optionalTextOf(account, 'country');
  const currency = optionalTextOf(account, 'default_currency')?.toUpperCase();
  return {
    reference: textOf(account, 'id'),
    ...(country !== undefined && { country }),
    ...(currency !== undefined && { currency }),
    chargesEnabled: flagOf(account, 'charges_enabled'),
    payoutsEnabled: flagOf(account, 'payouts_enabled'),
  };
}
