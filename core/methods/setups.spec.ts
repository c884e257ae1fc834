/** A method kept at a processor: begun durably, told once, never doubled. */
import { expect } from 'chai';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { keeperSecret } from '../../test/support/method-keeper.ts';
import { rawRows } from '../../test/support/storage.ts';
import { setupNews } from './index.ts';
import { startKeeping, type KeepingWorld } from '../../test/support/keeping-world.ts';

describeOnEachDatabase('set-ups', (database) => {
  let world: KeepingWorld;

  before(async () => {
    world = await startKeeping(await database.open());
  });
  after(() => (world as KeepingWorld | undefined)?.app.stop());
  beforeEach(() => world.begin());

  it('keeps a token as a payment method, with its events', async () => {
    const { account, withToken, create, methods, typesOf } = world;
    const { status, body } = await create(withToken('tok_1'));
    expect(status).to.equal(201);
    expect(body).to.include({ object: 'setup', status: 'succeeded', next_action: null });
    const [method] = await methods();
    expect(method).to.include({ id: body['payment_method'], kind: 'processor', account });
    expect(method).to.include({ type: 'card', usage: 'off_session', billing: null });
    expect(method?.['details']).to.include({ brand: 'visa', last4: '4242' });
    expect(await typesOf(body['id'])).to.deep.equal(['setup.succeeded']);
    const attached = await typesOf(body['payment_method']);
    expect(attached).to.deep.equal(['payment_method.attached']);
  });

  it('makes the customer known to the processor once', async () => {
    const { keeper, customer, withToken, create } = world;
    await create(withToken('tok_a'));
    await create(withToken('tok_b'));
    const made = keeper.calls.filter((call) => call === `customer ${customer}`);
    expect(made).to.have.length(1);
  });

  it('makes the customer known once also when two set-ups begin together', async () => {
    const { app, customer, withToken, create } = world;
    const both = await Promise.all([create(withToken('tok_c')), create(withToken('tok_d'))]);
    expect(both.map(({ status }) => status)).to.deep.equal([201, 201]);
    const rows = await app.running.db.find('processor_customers', { customer_id: customer });
    expect(rows).to.have.length(1);
  });

  it('keeps the same token once, however often and however close it comes', async () => {
    const { withToken, create, methods } = world;
    const first = await create(withToken('tok_same', { usage: 'on_session' }));
    const more = await Promise.all([
      create(withToken('tok_same', { usage: 'on_session' })),
      create(withToken('tok_same')),
      create(withToken('tok_same')),
    ]);
    for (const { status, body } of more) {
      expect(status).to.equal(201);
      expect(body['payment_method']).to.equal(first.body['payment_method']);
    }
    const kept = await methods();
    expect(kept).to.have.length(1);
    expect(kept[0]?.['usage'], 'what may be charged without him').to.equal('off_session');
  });

  it('shows what the customer has to do, and stores the secret sealed', async () => {
    const { app, create, read, stored } = world;
    const { status, body } = await create();
    expect(status).to.equal(201);
    expect(body['status']).to.equal('requires_action');
    expect(body['next_action']).to.include({
      type: 'confirm_in_browser',
      client_secret: keeperSecret,
    });
    expect((await read(body['id']))['next_action'].client_secret).to.equal(keeperSecret);
    expect((await stored()).next_action).to.match(/"client_secret":"k1\./);
    const events = await rawRows<{ data: string }>(app.running.db, 'select data from events');
    expect(JSON.stringify(events) + app.lines.join()).not.to.contain(keeperSecret);
  });

  it('succeeds when the customer has finished and somebody asks', async () => {
    const { keeper, create, sync, methods } = world;
    const { body } = await create();
    expect((await sync(body['id'])).body['status']).to.equal('requires_action');
    keeper.finish(body['id'], 'succeeded');
    const synced = await sync(body['id']);
    expect(synced.status).to.equal(200);
    expect(synced.body).to.include({ status: 'succeeded', next_action: null });
    expect(await methods()).to.have.length(1);
  });

  it('succeeds when the processor sends news of it, and is not surprised by more', async () => {
    const { app, keeper, account, create, read, methods, typesOf } = world;
    const { body } = await create();
    keeper.finish(body['id'], 'succeeded');
    const { desk } = app.running;
    const found = await desk.accounts.find(app.credentials.merchant_id, account);
    if (!found) throw new Error('the account is there');
    const ref = { setup: `ps_${body['id']}` };
    await Promise.all([setupNews(desk, found, ref), setupNews(desk, found, ref)]);
    expect(await setupNews(desk, found, ref)).to.equal(true);
    expect((await read(body['id']))['status']).to.equal('succeeded');
    expect(await typesOf(body['id'])).to.have.length(1);
    expect(await methods()).to.have.length(1);
    expect(await setupNews(desk, found, { setup: 'ps_nobody' })).to.equal(false);
  });

  it('stays open when the customer’s card was declined there, and says so', async () => {
    const { keeper, create, sync } = world;
    const { body } = await create();
    keeper.finish(body['id'], 'declined');
    const synced = await sync(body['id']);
    expect(synced.body['status']).to.equal('requires_action');
    expect(synced.body['last_error']).to.include({ code: 'declined', processor_code: '05' });
    keeper.finish(body['id'], 'succeeded');
    expect((await sync(body['id'])).body).to.include({ status: 'succeeded', last_error: null });
  });

  it('answers a declined method with 402 and the set-up inside', async () => {
    const { withToken, create, typesOf } = world;
    const { status, body } = await create(withToken('tok_declined'));
    expect(status).to.equal(402);
    expect(body).to.include({ code: 'setup_declined', decline_code: 'do_not_honor' });
    expect(body['setup']).to.include({ status: 'failed', payment_method: null });
    expect(await typesOf(body['setup'].id)).to.deep.equal(['setup.failed']);
  });

  it('is cancelled at the processor, once and for all', async () => {
    const { keeper, create, cancel } = world;
    const { body } = await create();
    const first = await cancel(body['id']);
    expect(first.status).to.equal(200);
    expect(first.body).to.include({ status: 'cancelled', next_action: null });
    expect((await cancel(body['id'])).status).to.equal(200);
    expect(keeper.calls.filter((call) => call.startsWith('cancel'))).to.have.length(1);
  });

  it('is not cancelled when the customer was faster, nor when the processor is down', async () => {
    const { keeper, create, read, cancel } = world;
    const { body } = await create();
    keeper.fail('cancel', 'timed_out');
    const down = await cancel(body['id']);
    expect([down.status, down.body['code']]).to.deep.equal([502, 'processor_unreachable']);
    expect((await read(body['id']))['status']).to.equal('requires_action');
    keeper.finish(body['id'], 'succeeded');
    const late = await cancel(body['id']);
    expect([late.status, late.body['code']]).to.deep.equal([409, 'setup_state']);
    expect((await read(body['id']))['status']).to.equal('succeeded');
  });

  it('answers a repeated request as it did at first, byte for byte', async () => {
    const { keeper, withToken, create } = world;
    const first = await create(withToken('tok_twice'), 'twice');
    const again = await create(withToken('tok_twice'), 'twice');
    expect(again.text).to.equal(first.text);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect((await create(withToken('tok_other'), 'twice')).status).to.equal(422);
    expect(keeper.calls.filter((call) => call.startsWith('create'))).to.have.length(1);
  });

  it('is refused without a customer, a usable account or a sensible method', async () => {
    const { app, account, customer, bodyOf, create } = world;
    const codeOf = async (more: object) => (await create(bodyOf(more))).body['code'];
    const never = (id: string) => `${id.slice(0, -4)}0000`;
    expect(await codeOf({ customer_id: never(customer) })).to.equal('customer_unknown');
    expect(await codeOf({ account: never(account) })).to.equal('account_unusable');
    expect(await codeOf({ payment_method: { type: 'token' } })).to.equal('invalid_request');
    expect(await codeOf({ payment_method: { type: 'hosted', token: 't' } })).to.equal(
      'invalid_request',
    );
    const simulator = (await app.call('/v1/accounts')).body['data'].find(
      (one: { connector: string }) => one.connector === 'card-simulator',
    );
    expect(await codeOf({ account: simulator.id })).to.equal('not_supported');
    expect(await app.running.db.find('setups', { customer_id: customer })).to.deep.equal([]);
  });
});
