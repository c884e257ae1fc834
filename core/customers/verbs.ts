/**
 * Creating, changing and erasing customers. Each is one commit with its event.
 *
 * Events are never rewritten, so personal data in one would outlive the customer's deletion: they
 * name the customer and the fields that changed, and whoever needs the rest reads the customer.
 */
import { isoTime, type Clock } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import { eventChange } from '../events/event.ts';
import { Problem } from '../sdk/problem.ts';
import { Conflict, insert, update, type Change, type Row } from '../storage/index.ts';
import type { CustomerRecord } from './customer.ts';
import type { CustomerCreateBody, CustomerUpdateBody } from './schema.ts';

const plainFields = [
  'reference',
  'email',
  'name',
  'phone',
  'phone_country_code',
  'description',
] as const;

const jsonFields = ['address', 'metadata'] as const;

type Columns = Pick<CustomerRecord, (typeof plainFields)[number] | (typeof jsonFields)[number]>;

const nothing: Columns = {
  reference: null,
  email: null,
  name: null,
  phone: null,
  phone_country_code: null,
  description: null,
  address: null,
  metadata: null,
};

/** The columns a body speaks of; JSON fields as text. */
function columnsOf(body: CustomerUpdateBody): Partial<Columns> {
  const columns: Record<string, string | null> = {};
  for (const field of plainFields) {
    const value = body[field];
    if (value !== undefined) columns[field] = value;
  }
  for (const field of jsonFields) {
    const value = body[field];
    if (value !== undefined) columns[field] = value === null ? null : JSON.stringify(value);
  }
  return columns;
}

export interface Drafted {
  readonly customer: CustomerRecord;
  readonly changes: readonly Change[];
}

/** A new customer and its event, as changes not yet committed. */
export function draftCustomer(merchantId: string, body: CustomerCreateBody, clock: Clock): Drafted {
  const now = clock.now();
  const at = isoTime(now);
  const customer: CustomerRecord = {
    id: newId('customer', now),
    merchant_id: merchantId,
    ...nothing,
    ...columnsOf(body),
    created_at: at,
    updated_at: at,
    deleted_at: null,
    version: 1,
  };
  const data = { id: customer.id, object: 'customer' };
  return {
    customer,
    changes: [
      insert('customers', { ...customer }),
      eventChange('customer.created', { merchantId }, data, now),
    ],
  };
}

/** The customer as `body` says it should be; the event names what was set, not to what. */
export function changeCustomer(
  customer: CustomerRecord,
  body: CustomerUpdateBody,
  clock: Clock,
): Drafted {
  const now = clock.now();
  const set = columnsOf(body);
  const stamps = { updated_at: isoTime(now), version: customer.version + 1 };
  const data = { id: customer.id, object: 'customer', changed: Object.keys(set) };
  return {
    customer: { ...customer, ...set, ...stamps },
    changes: [
      guarded(customer, { ...set, ...stamps }),
      eventChange('customer.updated', { merchantId: customer.merchant_id }, data, now),
    ],
  };
}

/** The row stays, because payments point at it; whatever tells of the person goes. */
export function eraseCustomer(customer: CustomerRecord, clock: Clock): readonly Change[] {
  const now = clock.now();
  const at = isoTime(now);
  const stamps = { updated_at: at, deleted_at: at, version: customer.version + 1 };
  const data = { id: customer.id, object: 'customer' };
  return [
    guarded(customer, { ...nothing, ...stamps }),
    eventChange('customer.deleted', { merchantId: customer.merchant_id }, data, now),
  ];
}

function guarded(customer: CustomerRecord, set: Row): Change {
  const where = { id: customer.id, version: customer.version };
  return update('customers', set, where, 'customer_version');
}

/** A commit that was refused, as the caller should hear it; anything else is thrown on. */
export function refuseCustomer(error: unknown): never {
  if (error instanceof Conflict && error.guard === 'customers_reference') {
    throw new Problem('reference_taken', 'another customer of yours has this reference', {
      param: 'reference',
    });
  }
  // A payment method of his was changed at the same moment.
  const guards = ['customer_version', 'method_version'];
  if (error instanceof Conflict && guards.includes(error.guard)) {
    throw new Problem('concurrent_change', 'the customer was changed meanwhile: read it again');
  }
  throw error;
}
