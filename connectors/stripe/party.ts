/** People and addresses in Stripe's words. */
import type { Address, Party } from '#sdk';
import type { Form } from './form.ts';

export function addressOf(address: Address | undefined): Form | undefined {
  if (!address || Object.keys(address).length === 0) return undefined;
  const { line1, line2, city, state, postal_code, country } = address;
  return { line1, line2, city, state, postal_code, country };
}

export function phoneOf({ phone, phone_country_code }: Party): string | undefined {
  return phone === undefined ? undefined : [phone_country_code, phone].filter(Boolean).join(' ');
}

/** Stripe wants a name and an address or nothing; a part of it is nothing it could deliver to. */
export function shippingOf(shipping: Party | undefined, customer: Party | undefined) {
  const name = shipping?.name ?? customer?.name;
  const address = addressOf(shipping?.address);
  if (!shipping || name === undefined || !address) return undefined;
  return { name, address, phone: phoneOf(shipping) };
}

/** `billing_details` of a payment method; also the fields of a customer. */
export function contactOf(party: Party): Form {
  return {
    name: party.name,
    email: party.email,
    phone: phoneOf(party),
    address: addressOf(party.address),
  };
}
