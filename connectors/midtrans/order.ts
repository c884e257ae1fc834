/** What every new order says, at Snap and at the Core API alike. */
import { Fault, type Authorize, type JsonObject, type Party } from '#sdk';
import { toRupiah } from './money.ts';

/**
 * How long a customer has, in minutes: as long as the switch waits for him. Counted by Midtrans
 * from its own now (no start time is sent: the sandbox's clock can be moved, theirs cannot).
 */
export const patienceMinutes = 60;

/** At most 50 characters of these for an order_id, 46 for an Idempotency-Key: one rule for both. */
export function orderIdOf({ operationId }: { readonly operationId: string }): string {
  if (/^[A-Za-z0-9_-]{1,46}$/.test(operationId)) return operationId;
  throw new Fault('rejected', 'the operation id cannot be an order_id');
}

export function orderOf(command: Authorize): JsonObject {
  const { details } = command;
  const gross = toRupiah(command.amount);
  const customer = customerOf(details.customer, details.billing);
  return {
    transaction_details: { order_id: orderIdOf(command), gross_amount: gross },
    // One line: the sum of the lines has to be gross_amount, and the switch has no prices.
    item_details: [
      { id: 'payment', name: cut(details.description, 50) ?? 'Payment', price: gross, quantity: 1 },
    ],
    ...(customer && { customer_details: customer }),
    ...(details.reference !== undefined && { custom_field1: cut(details.reference, 255) }),
  };
}

function customerOf(
  customer: Party | undefined,
  billing: Party | undefined,
): JsonObject | undefined {
  const name = customer?.name ?? billing?.name;
  const email = customer?.email ?? billing?.email;
  const phone = phoneOf(customer) ?? phoneOf(billing);
  const { line1, line2, city, postal_code: code } = billing?.address ?? customer?.address ?? {};
  const street = [line1, line2].filter((line) => line !== undefined).join(', ');
  // country_code is ISO 3166 alpha-3 there and alpha-2 here: left out, it is optional.
  const address = present({ address: cut(street, 255), city: cut(city, 255), postal_code: code });
  return present({
    first_name: cut(name, 255),
    email,
    phone,
    billing_address: address,
  });
}

function phoneOf(party: Party | undefined): string | undefined {
  if (party?.phone === undefined) return undefined;
  const phone = `${party.phone_country_code ?? ''}${party.phone}`;
  return /^\+?[0-9 ()-]{5,40}$/.test(phone) ? phone : undefined;
}

/** Whole characters, so that no half of a pair is sent; undefined for nothing. */
function cut(text: string | undefined, length: number): string | undefined {
  const kept = Array.from((text ?? '').trim())
    .slice(0, length)
    .join('')
    .trim();
  return kept === '' ? undefined : kept;
}

/** The fields that are there; undefined when none is. */
function present(fields: JsonObject): JsonObject | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
