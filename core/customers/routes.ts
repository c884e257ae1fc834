/** Customers over HTTP: create, list, get, update, delete. */
import type { Clock } from '../base/clock.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { listOf, page, type Change, type Database } from '../storage/index.ts';
import type { CustomerRecord, Customers } from './customer.ts';
import { presentCustomer } from './present.ts';
import {
  CustomerCreateSchema,
  CustomerDeletedSchema,
  CustomerListQuerySchema,
  CustomerListSchema,
  CustomerParams,
  CustomerSchema,
  CustomerUpdateSchema,
} from './schema.ts';
import { changeCustomer, draftCustomer, eraseCustomer, refuseCustomer } from './verbs.ts';

export interface CustomerRouteDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly customers: Customers;
  readonly idempotency: Idempotency;
  /** What has to go with a customer, in the commit of his deletion: his payment methods. */
  erasedBeside?(customer: CustomerRecord): Promise<readonly Change[]>;
}

const shared = { tag: 'Customers', rate: 'management' } as const;
const reading = { kind: 'merchant', scope: 'customers:read' } as const;
const writing = { kind: 'merchant', scope: 'customers:write' } as const;
const exampleParams = { customer_id: '{customer_id}' };

async function found(
  deps: CustomerRouteDeps,
  merchantId: string,
  id: string,
): Promise<CustomerRecord> {
  const customer = await deps.customers.find(merchantId, id);
  if (!customer) throw new Problem('not_found', 'there is no such customer');
  return customer;
}

export function customerRoutes(deps: CustomerRouteDeps): readonly Route[] {
  return [createRoute(deps), listRoute(deps), getRoute(deps), updateRoute(deps), deleteRoute(deps)];
}

function createRoute(deps: CustomerRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'createCustomer',
    method: 'post',
    path: '/v1/customers',
    summary: 'Create a customer',
    access: writing,
    body: CustomerCreateSchema,
    bodyOptional: true,
    replies: { 201: CustomerSchema },
    problems: ['reference_taken'],
    examples: [
      {
        summary: 'A customer of your shop',
        body: {
          reference: 'crm-1001',
          email: 'jane.doe@example.com',
          name: 'Jane Doe',
          phone: '812 3456 7890',
          phone_country_code: '+62',
          address: { line1: 'Jalan Sudirman 1', city: 'Jakarta', country: 'ID' },
          metadata: { tier: 'gold' },
        },
        status: 201,
      },
      { summary: 'One to be filled in later', body: {}, status: 201 },
    ],
    async handle({ principal, body, slot }) {
      const { merchantId } = principal;
      // An optional body that was left out may arrive as nothing at all.
      const { customer, changes } = draftCustomer(merchantId, body ?? {}, deps.clock);
      const answer = { status: 201, body: presentCustomer(customer) };
      return commitWithAnswer(deps, slot, answer, changes).catch(refuseCustomer);
    },
  });
}

function listRoute(deps: CustomerRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'listCustomers',
    method: 'get',
    path: '/v1/customers',
    summary: 'List customers, newest first',
    access: reading,
    query: CustomerListQuerySchema,
    replies: { 200: CustomerListSchema },
    problems: ['invalid_cursor'],
    examples: [
      { summary: 'The newest', status: 200 },
      { summary: 'By reference', query: { reference: 'crm-1001', limit: 1 }, status: 200 },
    ],
    async handle({ principal, query }) {
      const { email, reference } = query;
      const { db } = deps;
      const { merchantId } = principal;
      const shown = await page<CustomerRecord>(db, 'customers', merchantId, query, (select) => {
        void select.whereNull('deleted_at');
        if (email !== undefined) void select.where({ email });
        if (reference !== undefined) void select.where({ reference });
      });
      return { status: 200, body: listOf(shown, shown.rows.map(presentCustomer)) };
    },
  });
}

function getRoute(deps: CustomerRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'getCustomer',
    method: 'get',
    path: '/v1/customers/{customer_id}',
    summary: 'Get a customer',
    access: reading,
    params: CustomerParams,
    replies: { 200: CustomerSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: exampleParams, status: 200 }],
    async handle({ principal, params }) {
      const customer = await found(deps, principal.merchantId, params.customer_id);
      return { status: 200, body: presentCustomer(customer) };
    },
  });
}

function updateRoute(deps: CustomerRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'updateCustomer',
    method: 'patch',
    path: '/v1/customers/{customer_id}',
    summary: 'Change a customer',
    description: 'What is left out stays. `null` clears a field.',
    access: writing,
    params: CustomerParams,
    body: CustomerUpdateSchema,
    replies: { 200: CustomerSchema },
    problems: ['not_found', 'reference_taken', 'concurrent_change'],
    examples: [
      {
        summary: 'A new name, no description',
        params: exampleParams,
        body: { name: 'Jane Roe', description: null },
        status: 200,
      },
    ],
    async handle({ principal, params, body }) {
      const before = await found(deps, principal.merchantId, params.customer_id);
      const { customer, changes } = changeCustomer(before, body, deps.clock);
      await deps.db.commit(changes).catch(refuseCustomer);
      return { status: 200, body: presentCustomer(customer) };
    },
  });
}

function deleteRoute(deps: CustomerRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'deleteCustomer',
    method: 'delete',
    path: '/v1/customers/{customer_id}',
    summary: 'Delete a customer',
    description:
      'Erases everything the customer object says of the person, and every card of the vault. What ' +
      'a processor keeps cannot be charged any more, and is forgotten there as soon as it answers. ' +
      'Payments keep the id and the details they were made with.',
    access: writing,
    params: CustomerParams,
    replies: { 200: CustomerDeletedSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'For good', params: exampleParams, status: 200 }],
    async handle({ principal, params }) {
      const customer = await found(deps, principal.merchantId, params.customer_id);
      const beside = (await deps.erasedBeside?.(customer)) ?? [];
      const changes = [...eraseCustomer(customer, deps.clock), ...beside];
      await deps.db.commit(changes).catch(refuseCustomer);
      return { status: 200, body: { id: customer.id, object: 'customer', deleted: true } };
    },
  });
}
