/** Set-ups whose answer is lost, late or silent: asked about, never guessed, concluded once. */
import { expect } from 'chai';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { minute, second } from '../base/clock.ts';
import { dueSetups, nextSetupCheckAt } from './index.ts';
import { startKeeping, type KeepingWorld } from '../../test/support/keeping-world.ts';

describeOnEachDatabase('set-ups nobody has heard of', (database) => {
  let world: KeepingWorld;

  before(async () => {
    world = await startKeeping(await database.open());
  });
  after(() => (world as KeepingWorld | undefined)?.app.stop());
  beforeEach(() => world.begin());

  it('is not begun at a processor that never heard of the customer', async () => {
    const { keeper, withToken, create } = world;
    keeper.fail('customer', 'timed_out');
    const { status, body } = await create(withToken('tok_x'));
    expect(status).to.equal(502);
    expect(body['code']).to.equal('processor_unreachable');
    expect(body['setup']).to.include({ status: 'failed' });
    expect(keeper.calls.some((call) => call.startsWith('create'))).to.equal(false);
  });

  it('fails when the request surely did not leave, or was refused', async () => {
    const { keeper, create } = world;
    keeper.fail('create', 'unreachable');
    expect((await create()).body['code']).to.equal('processor_unreachable');
    keeper.fail('create', 'rejected');
    expect((await create()).body['code']).to.equal('processor_refused');
  });

  it('a lost answer is asked for: what was kept is found, once', async () => {
    const { app, keeper, withToken, create, read, methods } = world;
    keeper.fail('create', 'timed_out', { done: true });
    const first = await create(withToken('tok_lost'), 'lost-answer');
    expect(first.status).to.equal(202);
    expect(first.body['status']).to.equal('processing');
    expect(await methods()).to.deep.equal([]);
    app.clock.advance(5 * second);
    await dueSetups(app.running.desk);
    expect(await read(first.body['id'])).to.include({ status: 'succeeded' });
    expect(await methods()).to.have.length(1);
    const again = await create(withToken('tok_lost'), 'lost-answer');
    expect(again.status).to.equal(201);
    expect(again.body).to.include({ id: first.body['id'], status: 'succeeded' });
    expect(keeper.calls.filter((call) => call.startsWith('create'))).to.have.length(1);
  });

  it('a request that got lost fails after “not found” was said twice, a grace apart', async () => {
    const { app, keeper, withToken, create, sync } = world;
    keeper.fail('create', 'timed_out');
    const { body } = await create(withToken('tok_never'));
    expect((await sync(body['id'])).status).to.equal(202);
    expect((await sync(body['id'])).status).to.equal(202);
    app.clock.advance(11 * minute);
    const { body: after } = await sync(body['id']);
    expect(after['status']).to.equal('failed');
    expect(after['last_error'].code).to.equal('not_sent');
  });

  it('what turns up after it was given up is kept all the same', async () => {
    const { app, keeper, create, sync, typesOf } = world;
    keeper.fail('create', 'timed_out');
    const { body } = await create();
    await sync(body['id']);
    app.clock.advance(11 * minute);
    expect((await sync(body['id'])).body['status']).to.equal('failed');
    keeper.finish(body['id'], 'succeeded');
    expect((await sync(body['id'])).body['status']).to.equal('succeeded');
    const types = (await typesOf(body['id'])).toSorted();
    expect(types).to.deep.equal(['setup.failed', 'setup.succeeded']);
  });

  it('a processor that is silent proves nothing', async () => {
    const { app, keeper, create, sync } = world;
    const { body } = await create();
    keeper.fail('sync', 'broken', { times: 2 });
    expect((await sync(body['id'])).body['status']).to.equal('requires_action');
    app.clock.advance(20 * minute);
    expect((await sync(body['id'])).body['status']).to.equal('requires_action');
    expect(app.complaints.join()).to.contain('saved method');
  });

  it('an answer and a question at once conclude it once', async () => {
    const { keeper, withToken, create, sync, methods, typesOf, stored } = world;
    keeper.during('create', async () => {
      const { id } = await stored();
      expect((await sync(id)).body['status']).to.equal('succeeded');
    });
    const { status, body } = await create(withToken('tok_race'));
    expect(status).to.equal(201);
    expect(body['status']).to.equal('succeeded');
    expect(await methods()).to.have.length(1);
    expect(await typesOf(body['id'])).to.have.length(1);
  });

  it('“it was not sent” does not undo what somebody has heard of it meanwhile', async () => {
    const { keeper, create, sync, stored } = world;
    keeper.fail('create', 'throttled', { done: true });
    keeper.during('create', async () => {
      expect((await sync((await stored()).id)).body['status']).to.equal('requires_action');
    });
    const { status, body } = await create();
    expect(status).to.equal(201);
    expect(body['status']).to.equal('requires_action');
  });

  it('is not asked about while it is being called for', async () => {
    const { app, keeper, withToken, create } = world;
    keeper.during('create', async () => {
      app.clock.advance(100 * second);
      await dueSetups(app.running.desk);
    });
    const { body } = await create(withToken('tok_slow'));
    expect(keeper.calls).to.include(`create ${body['id']}`);
    expect(keeper.calls).not.to.include(`sync ${body['id']}`);
  });

  it('what waits for the customer is asked about ever more rarely, by one node at a time', async () => {
    const { app, keeper, create, sync, stored } = world;
    const { body } = await create();
    const { desk } = app.running;
    let rounds = 0;
    for (; rounds < 50; rounds += 1) {
      const { next_check_at: next } = await stored();
      if (next === null) break;
      expect(String(await nextSetupCheckAt(desk)) <= next).to.equal(true);
      app.clock.advance(Math.max(0, Date.parse(next) - app.clock.now()));
      await Promise.all([dueSetups(desk), dueSetups(desk)]);
    }
    const asked = keeper.calls.filter((call) => call === `sync ${body['id']}`);
    expect(asked).to.have.length(rounds).and.to.have.length(13);
    expect((await stored()).status).to.equal('requires_action');
    keeper.finish(body['id'], 'succeeded');
    expect((await sync(body['id'])).body['status']).to.equal('succeeded');
  });
});
