/** When webhooks are sent again, until when, and what ends it. */
import { expect } from 'chai';
import { day, hour, minute } from '../../core/base/clock.ts';
import { DeliveryFault } from '../../core/webhooks/port.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { answered, startWebhookWorld, type WebhookWorld } from '../support/webhook-world.ts';

describeOnEachDatabase('a webhook that is not taken', (database) => {
  let world: WebhookWorld;
  let spare = 0;

  before(async () => {
    world = await startWebhookWorld(await database.open());
  });
  after(async () => {
    expect(world?.app.complaints ?? []).to.deep.equal([]);
    await world?.app.stop();
  });
  // What one test leaves waiting is not the next one's business.
  afterEach(async () => {
    const { body } = await world.app.call('/v1/webhook_endpoints?limit=100');
    for (const { id } of body['data']) {
      await world.app.call(`/v1/webhook_endpoints/${id}`, { method: 'DELETE' });
    }
    await world.settle();
    world.posts.length = 0;
    world.receivers.clear();
    // Lists are ordered by the millisecond.
    world.app.clock.advance(1_000);
  });

  /** One event that the endpoint is told of. */
  async function oneEvent(): Promise<void> {
    spare += 1;
    await world.app.call('/v1/customers', { body: { reference: `c-${spare}` } });
  }

  const customers = { events: ['customer.created'] };
  const offsets = (startMs: number) => world.posts.map(({ at }) => at - startMs);
  const now = () => world.app.running.webhooks.clock.now();

  it('is sent five times in all: at once, after 5 and 15 minutes, 1 and 6 hours', async () => {
    const { url } = await world.endpoint(customers);
    world.receivers.set(url, () => 500);
    const startMs = now();
    await oneEvent();
    await world.advance('7d');
    const exact = [0, 5 * minute, 15 * minute, hour, 6 * hour];
    expect(offsets(startMs)).to.deep.equal(exact);
    const [delivery] = await world.deliveries();
    expect(delivery).to.include({ state: 'failed', attempts: 5, next_attempt_at: null });
    expect(delivery).to.include({ last_status: 500, last_error: 'answered 500' });
  });

  it('carries the same bytes and the same id every time', async () => {
    const { url } = await world.endpoint(customers);
    world.receivers.set(url, () => 500);
    await oneEvent();
    await world.advance('7h');
    expect(world.posts).to.have.length(5);
    const bodies = new Set(world.posts.map(({ body }) => Buffer.from(body).toString('hex')));
    expect(bodies.size).to.equal(1);
    const ids = new Set(world.posts.map(({ headers }) => headers['webhook-id']));
    expect([...ids]).to.deep.equal([world.posts[0]?.event.id]);
  });

  it('is what the event is when it is asked for over the API', async () => {
    const { url } = await world.endpoint({ events: ['payment.captured'] });
    await world.app.call('/v1/payments', {
      body: {
        amount: 700,
        currency: 'USD',
        confirm: true,
        payment_method: {
          type: 'card',
          card: { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' },
        },
      },
    });
    await world.settle();
    const [posted] = world.posts;
    expect(posted?.url).to.equal(url);
    const shown = await world.app.call(`/v1/events/${posted?.event.id}`);
    expect(Buffer.from(posted?.body ?? []).toString('utf8')).to.equal(shown.text);
  });

  it('is not sent again once it was taken', async () => {
    const { url } = await world.endpoint(customers);
    let answers = 0;
    world.receivers.set(url, () => ((answers += 1) < 3 ? 503 : 200));
    await oneEvent();
    await world.advance('2d');
    expect(world.posts).to.have.length(3);
    expect((await world.deliveries())[0]).to.include({ state: 'delivered', attempts: 3 });
  });

  it('expires after 24 hours, whatever its schedule still has', async () => {
    const { url } = await world.endpoint({
      ...customers,
      schedule_s: [0, 43_200, 90_000, 100_000],
    });
    world.receivers.set(url, () => 500);
    const startMs = now();
    await oneEvent();
    await world.advance('23h59m59s');
    expect((await world.deliveries())[0]).to.include({ state: 'pending' });
    await world.advance('1s');
    expect((await world.deliveries())[0]).to.include({ state: 'expired', attempts: 2 });
    await world.advance('2d');
    expect(offsets(startMs)).to.deep.equal([0, 12 * hour]);
  });

  it('keeps its pauses when the switch was away at the time', async () => {
    const { url } = await world.endpoint(customers);
    world.receivers.set(url, () => 500);
    const startMs = now();
    await oneEvent();
    await world.settle();
    // Nobody works while the clock moves: the attempts at 5 and 15 minutes are missed.
    world.app.clock.advance(2 * hour);
    await world.advance('7d');
    const later = [2 * hour, 2 * hour + 10 * minute, 2 * hour + 55 * minute, 7 * hour];
    // The sixth hour is still ahead when the fourth attempt is made, and is kept as planned.
    expect(offsets(startMs)).to.deep.equal([0, ...later.slice(0, 3), 6 * hour]);
  });

  it('follows the schedule and the jitter of its endpoint', async () => {
    const plan = { schedule_s: [10, 110], jitter_percent: 50 };
    const { url } = await world.endpoint({ ...customers, ...plan });
    world.receivers.set(url, () => 500);
    const startMs = now();
    await oneEvent();
    await world.advance('1h');
    const [first, second, ...more] = offsets(startMs);
    expect(more).to.deep.equal([]);
    expect(first).to.equal(10_000);
    expect(second).to.be.within(110_000, 160_000);
  });

  it('counts 2xx as taken, or 200 alone where the endpoint says so; a redirect never', async () => {
    const usual = await world.endpoint(customers);
    const only = await world.endpoint({ ...customers, success: '200' });
    const moved = await world.endpoint(customers);
    for (const { url } of [usual, only]) world.receivers.set(url, () => 204);
    world.receivers.set(moved.url, () =>
      Promise.resolve(answered(302, '', { location: 'http://127.0.0.1/' })),
    );
    await oneEvent();
    await world.settle();
    const stateTo = async ({ id }: { id: string }) =>
      (await world.deliveries(`&endpoint=${id}`))[0]?.state;
    expect(await stateTo(usual)).to.equal('delivered');
    expect(await stateTo(only)).to.equal('pending');
    expect(await stateTo(moved)).to.equal('pending');
    expect(world.posts).to.have.length(3);
  });

  it('says in its log what was sent and what came back, without secrets and cards', async () => {
    const { url } = await world.endpoint(customers);
    const long = `no 4242424242424242 ${'x'.repeat(5_000)}`;
    const answers = [
      () => Promise.resolve(answered(418, long, { server: 'teapot', 'set-cookie': 's=1' })),
      () => Promise.reject(new DeliveryFault('refused', 'nobody listens', 3)),
    ];
    world.receivers.set(url, () => answers.shift()?.() ?? 200);
    await oneEvent();
    await world.advance('1h');
    const [{ id } = { id: '' }] = await world.deliveries();
    const { body } = await world.app.call(`/v1/webhook_deliveries/${id}`);
    expect(body['state']).to.equal('delivered');
    const [teapot, refused, taken] = body['log'];
    expect(teapot.response.status).to.equal(418);
    expect(teapot.response.headers).to.deep.equal({ server: 'teapot' });
    expect(teapot.response.body).to.have.length(1_024).and.include('424242******4242');
    expect(teapot.request.headers['webhook-signature']).to.equal('…');
    expect(refused).to.include({ response: null, error: 'refused: nobody listens' });
    expect(taken.response.status).to.equal(200);
    expect(JSON.parse(body['request_body']).type).to.equal('customer.created');
  });

  it('disables an endpoint that has only failed for three days, and says so', async () => {
    const dead = await world.endpoint(customers);
    const alive = await world.endpoint({ events: ['webhook_endpoint.*'] });
    world.receivers.set(dead.url, () => 500);
    const show = async () => (await world.app.call(`/v1/webhook_endpoints/${dead.id}`)).body;
    await oneEvent();
    await world.settle();
    const since = (await show())['failing_since'];
    await world.advance('2d23h');
    await oneEvent();
    await world.settle();
    expect(await show()).to.include({ status: 'enabled', failing_since: since });
    await world.advance('1h');
    await oneEvent();
    await world.settle();
    expect(await show()).to.include({ status: 'disabled', disabled_reason: 'failing' });
    await world.settle();
    expect(world.typesTo(alive.url)).to.deep.equal(['webhook_endpoint.disabled']);
    const before = world.posts.length;
    await world.advance('7d');
    await oneEvent();
    await world.settle();
    expect(world.posts.slice(before).filter(({ url }) => url === dead.url)).to.deep.equal([]);
  });

  it('forgives an endpoint that took something in between', async () => {
    const { id, url } = await world.endpoint(customers);
    world.receivers.set(url, () => 500);
    await oneEvent();
    await world.advance('2d');
    world.receivers.set(url, () => 200);
    await oneEvent();
    await world.settle();
    world.receivers.set(url, () => 500);
    await world.advance('2d');
    await oneEvent();
    await world.settle();
    const { body } = await world.app.call(`/v1/webhook_endpoints/${id}`);
    expect(body['status']).to.equal('enabled');
    expect(Date.parse(body['failing_since'])).to.be.greaterThan(now() - day);
  });
});
