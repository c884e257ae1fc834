/**
 * Later retries when switches stop, die, start again and run side by side: never twice for one day.
 */
import { expect } from 'chai';
import { connectors } from '../../connectors/index.ts';
import { day, hour, minute } from '../../core/base/clock.ts';
import { retryDue } from '../../core/payments/retry-later.ts';
import { start, type Running } from '../../core/wiring/start.ts';
import { configFor } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { retryWorld, soft } from './retry-world.ts';
import { operations, paymentOf, startStill, storedPayment } from './world.ts';

describeOnEachDatabase('later retries, raced and interrupted,', (database) => {
  const world = retryWorld(database);
  const { mood, declined, retry, inMs, connector } = world;

  it('that were missed by more than an hour after their window are given up', async () => {
    const { id } = await declined([soft, 'approve']);
    expect(await retry(72 * hour + hour)).to.equal(1);
    const payment = await paymentOf(world.app, id);
    expect(payment).to.include({ status: 'failed', attempts: 1 });
    expect(payment['last_error']).not.to.have.property('retry_at');
  });

  it('of a node that died with its claim are taken over', async () => {
    const { id } = await declined([soft, 'approve']);
    world.app.clock.advance(day);
    const { db } = world.app.running;
    const claimed = { version: 2, due_at: inMs(5 * minute) };
    await db.rows(db.knex('payment_retries').update(claimed).returning('version'));
    expect(await retry(4 * minute), 'it may be alive').to.equal(0);
    expect(await retry(minute)).to.equal(1);
    expect(await paymentOf(world.app, id)).to.include({ status: 'captured' });
  });

  it('are begun once when they are rung for many times at once', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.push((await declined([soft]))['id']);
    Object.assign(mood, { words: ['approve'], asked: 0 });
    world.app.clock.advance(day);
    const nodes = await otherNodes();
    try {
      const desks = [world.app.running.desk, ...nodes.map(({ desk }) => desk)];
      await Promise.all([...desks, ...desks].map((desk) => retryDue(desk)));
    } finally {
      for (const node of nodes) await node.stop();
    }
    expect(mood.asked).to.equal(ids.length);
    for (const id of ids) {
      expect(await paymentOf(world.app, id)).to.include({ amount_captured: 4900, attempts: 2 });
      expect(await operations(world.app, id)).to.have.length(2);
    }
  });

  it('lose against a cancel that comes while they are being decided', async () => {
    const { id } = await declined([soft, 'approve']);
    world.app.clock.advance(day);
    const [ran, cancelled] = await Promise.all([
      retryDue(world.app.running.desk),
      world.app.call(`/v1/payments/${id}/cancel`, { body: {} }),
    ]);
    expect(ran).to.be.within(0, 1);
    const { status } = await storedPayment(world.app, id);
    expect(status).to.equal(cancelled.status === 200 ? 'cancelled' : 'captured');
    expect(mood.asked).to.equal(status === 'cancelled' ? 1 : 2);
  });

  it('are remembered by a switch that starts again', async () => {
    const { id } = await declined([soft, 'approve']);
    await world.app.stop();
    world.app = await startStill(world.place, {
      connectors: [...connectors, connector],
      clock: world.app.clock,
    });
    expect(await retry(day)).to.equal(1);
    expect(await paymentOf(world.app, id)).to.include({ status: 'captured', attempts: 2 });
  });

  /** On SQLite there is no second node. */
  async function otherNodes(): Promise<Running[]> {
    if (world.place.url === undefined) return [];
    const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
    const { clock, simulatorUrl } = world.app;
    const more = {
      jobs: false,
      clock,
      simulatorUrl,
      log: silent,
      connectors: [...connectors, connector],
    };
    return [await start(configFor(world.place), more)];
  }
});
