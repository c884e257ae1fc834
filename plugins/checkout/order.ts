/** What a session or link costs, from whichever of the three ways it was told in. */
import { Problem } from '#sdk';
import type { LineItem } from './record.ts';

export interface Priced {
  readonly amount?: number;
  readonly line_items?: readonly LineItem[];
  readonly subtotal?: number;
  readonly discount_amount?: number;
}

export interface Price {
  readonly amount: number;
  readonly subtotal?: number;
}

const refuse = (param: string, why: string) => new Problem('invalid_request', why, { param });

/**
 * An amount, or lines or a subtotal, less a discount. Both may be said when they agree. Throws
 * `invalid_request`.
 */
export function priceOf({ amount, line_items: lines, ...rest }: Priced): Price {
  const { discount_amount: discount = 0 } = rest;
  const sum = lines?.reduce((total, one) => total + one.quantity * one.unit_amount, 0);
  const subtotal = sum ?? rest.subtotal;
  if (subtotal === undefined) {
    if (amount === undefined) throw refuse('amount', 'give amount, line_items or subtotal');
    if (discount > 0) throw refuse('discount_amount', 'a discount needs line_items or subtotal');
    return { amount };
  }
  if (rest.subtotal !== undefined && rest.subtotal !== subtotal) {
    throw refuse('subtotal', `the line items come to ${subtotal}, not to ${rest.subtotal}`);
  }
  const total = subtotal - discount;
  if (!Number.isSafeInteger(total) || total < 1) {
    throw refuse('discount_amount', `nothing is left to pay: ${subtotal} less ${discount}`);
  }
  if (amount !== undefined && amount !== total) {
    throw refuse('amount', `it comes to ${total}, not to ${amount}`);
  }
  return { amount: total, subtotal };
}
