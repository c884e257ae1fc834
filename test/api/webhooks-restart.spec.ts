/** No webhook is lost, whatever dies and whenever; and one receiver never costs another. */
import { expect } from 'chai';
import { ManualClock, minute } from '../../core/base/clock.ts';
import { fanOut } from '../../core/webhooks/fan-out.ts';
import type { WebhookAnswer } from '../../core/webhooks/port.ts';
import { testNowMs } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import {
  anotherDispatcher,
  answered,
  startWebhookWorld as startWorld,
  type WebhookWorld,
} from '../support/webhook-world.ts';

const worlds = new Set<WebhookWorld>();

async function startWebhookWorld(...given: Parameters<typeof startWorld>): Promise<WebhookWorld> {
  const world = await startWorld(...given);
  worlds.add(world);
  return world;
}

/** Also what a test that failed half way has left behind. */
afterEach(async () => {
  for (const { app } of worlds) await app.stop();
  worlds.clear();
});

/** Waits for a condition; the test's own time limit is the only clock. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

/** A receiver that never answers until the test lets it. */
function hanging() {
  const held: ((answer: WebhookAnswer) => void)[] = [];
  return {
    held,
    receiver: () => new Promise<WebhookAnswer>((resolve) => held.push(resolve)),
    letGo: () => {
      for (const resolve of held.splice(0)) resolve(answered(200));
    },
  };
}

const customers = { events: ['customer.created'] };

async function events(world: WebhookWorld, count: number): Promise<string[]> {
  for (let n = 0; n < count; n += 1) await world.app.call('/v1/customers', { body: {} });
  const { body } = await world.app.call(`/v1/events?type=customer.created&limit=${count}`);
  return (body['data'] as { id: string }[]).map(({ id }) => id).toReversed();
}

const idsTo = (world: WebhookWorld, url: string) =>
  world.posts.filter((post) => post.url === url).map(({ event }) => event.id);

describeOnEachDatabase('a switch that dies with webhooks to send', (database) => {
  it('files after a restart what was committed and not fanned out', async () => {
    const place = await database.open();
    const clock = new ManualClock(testNowMs);
    const first = await startWebhookWorld(place, { clock });
    const { url } = await first.endpoint(customers);
    const ids = await events(first, 5);
    const waiting = await first.app.running.db.find('event_outbox', {});
    expect(waiting).to.have.length(5);
    await first.app.stop();

    const second = await startWebhookWorld(place, { clock });
    await second.settle();
    expect(idsTo(second, url)).to.have.members(ids);
    expect(await second.app.running.db.find('event_outbox', {})).to.deep.equal([]);
  });

  it('sends after a restart what was filed and not sent, at its own time', async () => {
    const place = await database.open();
    const clock = new ManualClock(testNowMs);
    const first = await startWebhookWorld(place, { clock });
    const { url } = await first.endpoint(customers);
    first.receivers.set(url, () => 500);
    const ids = await events(first, 3);
    await first.settle();
    await first.app.stop();

    const second = await startWebhookWorld(place, { clock });
    await second.advance('4m59s');
    expect(second.posts).to.deep.equal([]);
    await second.advance('1s');
    expect(idsTo(second, url)).to.have.members(ids);
    for (const { at } of second.posts) expect(at).to.equal(testNowMs + 5 * minute);
  });

  it('sends again what died between the claim and the outcome, when the claim is over', async () => {
    const world = await startWebhookWorld(await database.open());
    const { url } = await world.endpoint(customers);
    const dead = hanging();
    world.receivers.set(url, dead.receiver);
    const ids = await events(world, 3);
    await world.settleWithoutWaiting();
    await until(() => world.posts.length === 3);

    // Another process: it takes nothing that is still claimed, and all of it afterwards.
    world.receivers.set(url, () => 200);
    const other = anotherDispatcher(world);
    await other.drain();
    expect(world.posts).to.have.length(3);
    world.app.clock.advance(minute);
    await other.drain();
    expect(idsTo(world, url)).to.have.members([...ids, ...ids]);
    const states = (await world.deliveries()).map(({ state, attempts }) => `${state} ${attempts}`);
    expect(states).to.deep.equal(Array(3).fill('delivered 1'));

    // The dead one wakes up: its word comes too late and changes nothing.
    dead.letGo();
    await world.settle();
    const log = await world.app.running.db.find('webhook_attempts', {});
    expect(log).to.have.length(3);
  });

  it('never sends the same delivery from two nodes at once', async () => {
    const world = await startWebhookWorld(await database.open());
    const { url } = await world.endpoint(customers);
    await events(world, 40);
    await world.settleWithoutWaiting(false);
    const nodes = [anotherDispatcher(world), anotherDispatcher(world), anotherDispatcher(world)];
    await Promise.all(nodes.map((node) => node.drain()));
    const sent = idsTo(world, url);
    expect(sent).to.have.length(40);
    expect(new Set(sent).size).to.equal(40);
  });

  it('files an event once when its fan-out was cut short in the middle', async () => {
    const world = await startWebhookWorld(await database.open());
    const { db } = world.app.running;
    const endpoints = [];
    for (let n = 0; n < 60; n += 1) endpoints.push(await world.endpoint(customers));
    await events(world, 1);
    // The second of the two commits fails, as if the process had died after the first.
    const desk = world.app.running.webhooks;
    let commits = 0;
    const mortal: typeof desk = {
      ...desk,
      db: {
        ...db,
        rows: (query) => db.rows(query),
        commit: (changes) => {
          commits += 1;
          return commits === 2 ? Promise.reject(new Error('killed')) : db.commit(changes);
        },
      },
    };
    let killed: unknown;
    await fanOut(mortal).catch((error: unknown) => (killed = error));
    expect(String(killed)).to.equal('Error: killed');
    expect(await world.deliveries()).to.have.length(50);
    await world.settle();
    expect(world.posts.map(({ url }) => url)).to.have.members(endpoints.map(({ url }) => url));
  });
});

describeOnEachDatabase('an endpoint that hangs', (database) => {
  it('holds up itself, in one place at last, and nobody else', async () => {
    const world = await startWebhookWorld(await database.open());
    const slow = await world.endpoint(customers);
    const quick = await world.endpoint(customers);
    const dead = hanging();
    world.receivers.set(slow.url, dead.receiver);
    const ids = await events(world, 100);
    await world.settleWithoutWaiting();
    await until(() => idsTo(world, quick.url).length === 100);
    expect(idsTo(world, quick.url)).to.have.members(ids);
    // Its four places are taken and stay so; the rest waits where it is.
    expect(idsTo(world, slow.url)).to.have.length(4);
    await until(() => world.app.running.dispatcher.underWayCount === 4);

    world.receivers.set(slow.url, () => 200);
    dead.letGo();
    await world.settle();
    expect(idsTo(world, slow.url)).to.have.members(ids);
  });

  it('does not hold up the sandbox’s clock, and others keep their exact moments', async () => {
    const world = await startWebhookWorld(await database.open());
    const slow = await world.endpoint(customers);
    const failing = await world.endpoint(customers);
    const dead = hanging();
    world.receivers.set(slow.url, dead.receiver);
    world.receivers.set(failing.url, () => 500);
    await events(world, 10);
    await world.advance('7d');
    const moments = new Set(
      world.posts.filter(({ url }) => url === failing.url).map(({ at }) => at - testNowMs),
    );
    const exact = [0, 5 * minute, 15 * minute, 60 * minute, 360 * minute];
    expect([...moments]).to.deep.equal(exact);
    expect(idsTo(world, failing.url)).to.have.length(50);
    expect(idsTo(world, slow.url)).to.have.length(4);
    dead.letGo();
  });

  it('is one host when payments bring their own URLs along', async () => {
    const world = await startWebhookWorld(await database.open());
    const quick = await world.endpoint({ events: ['customer.created'] });
    const dead = hanging();
    for (let n = 0; n < 80; n += 1) {
      const webhook_url = `https://tarpit.example/${n}`;
      world.receivers.set(webhook_url, dead.receiver);
      await world.app.call('/v1/payments', { body: { amount: 100, currency: 'USD', webhook_url } });
    }
    const ids = await events(world, 10);
    await world.settleWithoutWaiting();
    await until(() => idsTo(world, quick.url).length === 10);
    expect(idsTo(world, quick.url)).to.have.members(ids);
    expect(dead.held).to.have.length(4);
    while (dead.held.length > 0) {
      dead.letGo();
      await world.app.running.dispatcher.pump();
    }
    await until(() => {
      dead.letGo();
      return world.app.running.dispatcher.underWayCount === 0;
    });
  });
});
