/** Customers, and the account itself. */
import type { Call, Route } from './call.ts';
import { page, wants } from './lists.ts';
import { mergeMetadata, text } from './params.ts';
import type { Customer } from './types.ts';

function create({ world, account, params }: Call): Customer {
  const customer = account.add<Customer>({
    id: world.id('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: world.now(),
    currency: null,
    default_source: null,
    delinquent: false,
    description: text(params, 'description') ?? null,
    email: text(params, 'email') ?? null,
    invoice_prefix: world.secret('invoice').slice(0, 8).toUpperCase(),
    invoice_settings: {
      custom_fields: null,
      default_payment_method: null,
      footer: null,
      rendering_options: null,
    },
    livemode: false,
    metadata: mergeMetadata({}, params),
    name: text(params, 'name') ?? null,
    next_invoice_sequence: 1,
    phone: text(params, 'phone') ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    test_clock: null,
  });
  world.emit(account, 'customer.created', customer);
  return customer;
}

function update({ world, account, params, id }: Call): Customer {
  const customer = account.get('customer', id);
  customer.metadata = mergeMetadata(customer.metadata, params);
  for (const name of ['email', 'phone', 'description'] as const) {
    if (params[name] !== undefined) customer[name] = text(params, name) ?? null;
  }
  if (params.name !== undefined) customer.name = text(params, 'name') ?? null;
  world.emit(account, 'customer.updated', customer);
  return customer;
}

function remove({ world, account, id }: Call): object {
  const customer = account.get('customer', id);
  account.remove(id);
  for (const method of account.all('payment_method')) {
    if (method.customer === id) method.customer = null;
  }
  world.emit(account, 'customer.deleted', customer);
  return { id, object: 'customer', deleted: true };
}

function accountObject({ world, account }: Call): object {
  return {
    id: account.id,
    object: 'account',
    business_type: 'company',
    capabilities: { card_payments: 'active', transfers: 'active' },
    charges_enabled: account.chargesEnabled,
    country: 'US',
    created: world.now(),
    default_currency: 'usd',
    details_submitted: true,
    email: `${account.name.toLowerCase()}@merchant.test`,
    metadata: {},
    payouts_enabled: account.chargesEnabled,
    type: 'standard',
  };
}

export const customerRoutes: readonly Route[] = [
  { method: 'POST', path: '/v1/customers', handle: create },
  {
    method: 'GET',
    path: '/v1/customers',
    handle: (call) => {
      const all = call.account.all('customer');
      const path = '/v1/customers';
      return page(
        call,
        path,
        all.filter((it) => wants(call.params, 'email', it.email)),
      );
    },
  },
  {
    method: 'GET',
    path: '/v1/customers/:id',
    handle: ({ account, id }) => account.get('customer', id),
  },
  { method: 'POST', path: '/v1/customers/:id', handle: update },
  { method: 'DELETE', path: '/v1/customers/:id', handle: remove },
  { method: 'GET', path: '/v1/account', handle: accountObject },
];
