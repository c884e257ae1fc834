/** Which intent an operation is about. */
import { Fault } from '#sdk';
import type { StripeRef } from './settings.ts';

/** Throws `rejected` for a handle that is not an authorization's: nothing was asked of Stripe. */
export function intentIn({ intent }: StripeRef): string {
  if (intent === undefined) throw new Fault('rejected', 'the handle names no payment intent');
  return intent;
}
