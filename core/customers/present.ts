/** Customers as the native API shows them. */
import type { AddressBody } from '../sdk/vocabulary.ts';
import type { JsonObject } from '../base/json.ts';
import type { CustomerRecord } from './customer.ts';

export function presentCustomer(customer: CustomerRecord) {
  return {
    id: customer.id,
    object: 'customer' as const,
    reference: customer.reference,
    email: customer.email,
    name: customer.name,
    phone: customer.phone,
    phone_country_code: customer.phone_country_code,
    description: customer.description,
    address: customer.address === null ? null : (JSON.parse(customer.address) as AddressBody),
    metadata: JSON.parse(customer.metadata ?? '{}') as JsonObject,
    created_at: customer.created_at,
    updated_at: customer.updated_at,
  };
}
