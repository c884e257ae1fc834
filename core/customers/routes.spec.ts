/** Customers: kept as given, changed field by field, erased when deleted. */
import { expect } from 'chai';
import { call, openBench, principalOf, problemOf, slotOf } from '../access/fixture.spec.ts';
import type { Bench, Call } from '../access/fixture.spec.ts';
import type { EventRecord } from '../events/event.ts';
import type { Route } from '../sdk/route.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { Customers, type CustomerRecord } from './customer.ts';
import { customerRoutes } from './routes.ts';

describeOnEachDatabase('customers', (database) => {
  let bench: Bench;
  let customers: Customers;
  let routes: readonly Route[];
  before(async () => {
    bench = await openBench(await database.open());
    customers = new Customers(bench.db);
    routes = customerRoutes({ ...bench, customers });
  });
  // Unset where the suite was skipped for want of a database.
  after(() => (bench as Bench | undefined)?.db.close());

  const own = (id: string, input: Omit<Call, 'principal'> = {}) =>
    call(routes, id, { principal: principalOf(bench.own), ...input });
  const foreign = (id: string, input: Omit<Call, 'principal'> = {}) =>
    call(routes, id, { principal: principalOf(bench.other), ...input });

  const jane = {
    email: 'jane@example.com',
    name: 'Jane Doe',
    phone: '812 3456',
    phone_country_code: '+62',
    description: 'Likes tea',
    address: { line1: 'Jalan Sudirman 1', country: 'ID' },
    metadata: { tier: 'gold', visits: 3, vip: true },
  };
  const create = async (body: object) => (await own('createCustomer', { body })).body;
  const eventsOf = async (customerId: string) =>
    (await bench.db.find<EventRecord>('events', { merchant_id: bench.own.merchant.id })).filter(
      ({ data }) => data.includes(customerId),
    );
  const idsOf = async (query: object) =>
    ((await own('listCustomers', { query })).body['data'] as { id: string }[]).map(({ id }) => id);

  it('come back as they were given, or empty', async () => {
    const full = await create({ ...jane, reference: 'crm-1' });
    expect(full).to.deep.include({ ...jane, reference: 'crm-1' });
    const params = { customer_id: String(full['id']) };
    expect((await own('getCustomer', { params })).body).to.deep.equal(full);
    const { body } = await own('createCustomer');
    expect(body).to.deep.include({ reference: null, email: null, address: null, metadata: {} });
  });

  it('land with their idempotency key, or not at all', async () => {
    const slot = slotOf(bench.own, 'customer');
    const body = { reference: 'once' };
    const { body: created } = await own('createCustomer', { body, slot });
    const stored = await bench.idempotency.find(bench.own.merchant.id, 'customer');
    expect(stored && bench.idempotency.answerOf(stored)).to.deep.equal({
      status: 201,
      text: JSON.stringify(created),
    });
    const second = slotOf(bench.own, 'customer 2');
    const problem = await problemOf(
      own('createCustomer', { body, slot: second }),
      'reference_taken',
    );
    expect(problem.options.param).to.equal('reference');
    expect(await bench.idempotency.find(bench.own.merchant.id, 'customer 2')).to.equal(undefined);
    expect((await foreign('createCustomer', { body })).status).to.equal(201);
  });

  it('change field by field; null clears, what is left out stays', async () => {
    const before = await create(jane);
    const params = { customer_id: String(before['id']) };
    bench.clock.advance(1);
    const change = { name: 'Jane Roe', phone: null, address: null, metadata: { tier: 'silver' } };
    const { body } = await own('updateCustomer', { params, body: change });
    expect(body).to.deep.equal({ ...before, ...change, updated_at: body['updated_at'] });
    expect(body['updated_at']).not.to.equal(before['updated_at']);
    expect((await own('getCustomer', { params })).body).to.deep.equal(body);
    const cleared = await own('updateCustomer', { params, body: { metadata: null } });
    expect(cleared.body['metadata']).to.deep.equal({});
  });

  it('take no reference that another one has', async () => {
    await create({ reference: 'taken' });
    const { id } = await create({ reference: 'free' });
    const params = { customer_id: String(id) };
    const change = own('updateCustomer', { params, body: { reference: 'taken' } });
    expect((await problemOf(change, 'reference_taken')).options.param).to.equal('reference');
    expect(await eventsOf(params.customer_id)).to.have.length(1);
  });

  it('changed twice at once lose no change silently', async () => {
    const { id } = await create({ name: 'Raced' });
    const params = { customer_id: String(id) };
    const outcomes = await Promise.allSettled([
      own('updateCustomer', { params, body: { name: 'One' } }),
      own('updateCustomer', { params, body: { description: 'Two' } }),
    ]);
    const landed = outcomes.filter(({ status }) => status === 'fulfilled').length;
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue;
      await problemOf(Promise.reject(outcome.reason), 'concurrent_change');
    }
    const [row] = await bench.db.find<CustomerRecord>('customers', { id: params.customer_id });
    expect(row?.version).to.equal(1 + landed);
    expect(await eventsOf(params.customer_id)).to.have.length(1 + landed);
  });

  it('deleted, keep their row and lose everything personal', async () => {
    const { id } = await create({ ...jane, reference: 'erase-me' });
    const params = { customer_id: String(id) };
    await own('updateCustomer', { params, body: { name: 'Jane Secondname' } });
    expect((await own('deleteCustomer', { params })).body).to.deep.equal({
      id,
      object: 'customer',
      deleted: true,
    });
    const [row] = await bench.db.find<CustomerRecord>('customers', { id: params.customer_id });
    const { merchant_id, created_at, updated_at, deleted_at, version, ...rest } =
      row as CustomerRecord;
    expect({ merchant_id, version }).to.deep.equal({
      merchant_id: bench.own.merchant.id,
      version: 3,
    });
    expect([created_at, updated_at, deleted_at].every((at) => at !== null)).to.equal(true);
    const { id: kept, ...erased } = rest;
    expect(kept).to.equal(id);
    expect(Object.values(erased).every((value) => value === null)).to.equal(true);

    expect(await customers.find(bench.own.merchant.id, params.customer_id)).to.equal(undefined);
    for (const verb of ['getCustomer', 'deleteCustomer']) {
      await problemOf(own(verb, { params }), 'not_found');
    }
    await problemOf(own('updateCustomer', { params, body: { name: 'Back' } }), 'not_found');
    expect(await idsOf({ reference: 'erase-me' })).to.deep.equal([]);
    expect((await create({ reference: 'erase-me' }))['id']).not.to.equal(id);
  });

  it('are told of in events that hold nothing personal, since events stay for ever', async () => {
    const { id } = await create({ ...jane, reference: 'quiet' });
    const params = { customer_id: String(id) };
    await own('updateCustomer', { params, body: { name: 'Jane Roe', email: null } });
    await own('deleteCustomer', { params });
    const events = await eventsOf(params.customer_id);
    expect(events.map(({ type }) => type)).to.have.members([
      'customer.created',
      'customer.updated',
      'customer.deleted',
    ]);
    const data = (type: string) =>
      JSON.parse(events.find((event) => event.type === type)?.data ?? 'null') as unknown;
    expect(data('customer.created')).to.deep.equal({ id, object: 'customer' });
    expect(data('customer.deleted')).to.deep.equal({ id, object: 'customer' });
    expect(data('customer.updated')).to.have.deep.property('changed', ['email', 'name']);
    expect(JSON.stringify(events)).not.to.match(/[Jj]ane|quiet|tea/);
  });

  it('are listed newest first, by e-mail address and by reference', async () => {
    const email = 'twice@example.com';
    const [first, second] = [await create({ email }), await create({ email, reference: 'listed' })];
    expect(await idsOf({ email })).to.have.members([first['id'], second['id']]);
    expect(await idsOf({ reference: 'listed' })).to.deep.equal([second['id']]);
    expect(await idsOf({ email: 'nobody@example.com' })).to.deep.equal([]);
    const page = (await own('listCustomers', { query: { email, limit: 1 } })).body;
    expect(page['has_more']).to.equal(true);
  });

  it('of others look like absent ones', async () => {
    const { id } = await create(jane);
    for (const customer_id of [String(id), `cus_${'0'.repeat(26)}`]) {
      const params = { customer_id };
      for (const verb of ['getCustomer', 'deleteCustomer']) {
        const problem = await problemOf(foreign(verb, { params }), 'not_found');
        expect(problem.message).to.equal('there is no such customer');
      }
      await problemOf(foreign('updateCustomer', { params, body: { name: 'Mine' } }), 'not_found');
    }
    const query = { starting_after: String(id) };
    await problemOf(foreign('listCustomers', { query }), 'invalid_cursor');
  });
});
