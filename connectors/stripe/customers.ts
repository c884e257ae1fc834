/** Customers at Stripe: what saved methods belong to. */
import type { CustomerCommand } from '#sdk';
import { accepted, post, type StripeContext } from './calls.ts';
import { textOf, wordOf } from './fields.ts';
import { contactOf } from './party.ts';

/**
 * A repeat within the day finds the same customer by the idempotency key. Later it makes a second
 * one, which costs nothing: Stripe has no strongly consistent look-up by metadata.
 */
export async function createCustomer(
  context: StripeContext,
  { customerId, party }: CustomerCommand,
): Promise<string> {
  const customer = accepted(
    await post(context, '/v1/customers', customerId, {
      ...contactOf(party),
      metadata: { pointsman_customer: customerId },
    }),
  );
  wordOf(customer, 'object', ['customer']);
  return textOf(customer, 'id');
}
