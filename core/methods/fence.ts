/** What a customer's deletion and a new method of his have to agree on. */
import type { CustomerRecord } from '../customers/customer.ts';
import { update, type Change } from '../storage/index.ts';

/**
 * Beside a new method: a deletion of the customer that has not seen it loses its compare-and-swap,
 * and a method of a customer who is being deleted loses this one.
 */
export function fence({ id, version }: CustomerRecord, guard: string): Change {
  return update('customers', { version: version + 1 }, { id, version }, guard);
}
