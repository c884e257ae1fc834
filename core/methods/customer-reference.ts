/** Who a customer is at a processor account: made known there once, remembered here. */
import { isoTime } from '../base/clock.ts';
import type { Account } from '../accounts/account.ts';
import { contextOf } from '../accounts/context.ts';
import type { CustomerRecord } from '../customers/customer.ts';
import type { Address, Party } from '../sdk/command.ts';
import { Conflict, findOne, insert } from '../storage/index.ts';
import type { MethodsDeps, ProcessorCustomerRecord } from './record.ts';

type Deps = Pick<MethodsDeps, 'db' | 'clock' | 'mode'>;

/**
 * The processor's own id of the customer; made there when it has none yet. Undefined when the
 * account's connector knows no customers. Throws the connector's Faults: nothing was stored then,
 * and a repeat finds what the processor made (our id of the customer is its key).
 */
export async function customerReference(
  deps: Deps,
  account: Account,
  merchantId: string,
  customerId: string,
  party: Party,
): Promise<string | undefined> {
  const { customers } = account.connector;
  if (!customers) return undefined;
  const known = await knownReference(deps, account.record.id, customerId);
  if (known !== undefined) return known;
  const context = contextOf(account, deps.mode, deps.clock);
  const reference = await customers.create(context, { customerId, party });
  const record: ProcessorCustomerRecord = {
    merchant_id: merchantId,
    customer_id: customerId,
    account_id: account.record.id,
    reference,
    created_at: isoTime(deps.clock.now()),
  };
  try {
    await deps.db.commit([insert('processor_customers', { ...record })]);
    return reference;
  } catch (error) {
    // Two payments of a new customer at once: the first reference that was stored is everybody's.
    const first =
      error instanceof Conflict && (await knownReference(deps, account.record.id, customerId));
    if (typeof first === 'string') return first;
    throw error;
  }
}

/** What is remembered of the customer at this account; asks nobody. */
export async function knownReference(
  { db }: Pick<Deps, 'db'>,
  accountId: string,
  customerId: string,
): Promise<string | undefined> {
  const where = { customer_id: customerId, account_id: accountId };
  return (await findOne<ProcessorCustomerRecord>(db, 'processor_customers', where))?.reference;
}

/** A customer as a processor is told of him. */
export function partyOf(customer: CustomerRecord): Party {
  const { name, email, phone, phone_country_code, address } = customer;
  return {
    ...(name === null ? {} : { name }),
    ...(email === null ? {} : { email }),
    ...(phone === null ? {} : { phone }),
    ...(phone_country_code === null ? {} : { phone_country_code }),
    ...(address === null ? {} : { address: JSON.parse(address) as Address }),
  };
}
