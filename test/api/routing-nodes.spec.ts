/**
 * The six strategies on two nodes that share a Postgres. Shares, turns, use and limits are in the
 * database and hold for both; what each node sees of a processor's health is its own.
 */
import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { card, type TestSwitch } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { routingWorld } from '../support/routing-world.ts';

const hardDecline = card('4000000000000069');

describeOnEachDatabase('strategies on two nodes', (database) => {
  if (database.name !== 'postgres') {
    it('are one node’s on SQLite, which a second process may not open', () => {
      expect(database.name).to.equal('sqlite');
    });
    return;
  }
  const { current, idOf, use, pay, patch, limit, nameOf, payAll, successes, another } =
    routingWorld(database);
  let other: TestSwitch;

  before(async () => {
    other = await another();
  });
  after(() => other.running.stop());
  // Rules that were set at one node are noticed by the other within two seconds.
  const begin = async (...rule: Parameters<typeof use>) => {
    const version = await use(...rule);
    while ((await other.call('/v1/routing')).body['version'] !== version) await delay(100);
    other.running.desk.routing.health.forget();
  };
  const both = () => [current(), other];
  const many = (count: number, body = {}) => Array.from({ length: count }, () => body);

  it('weighted round robin: 60/30/10 of the successes of both', async () => {
    await begin('shares', 'weighted_round_robin', { weights: { a: 60, b: 30, c: 10 } });
    const failing = (at: number) =>
      at < 80 && at % 4 === 3 ? { payment_method: hardDecline } : {};
    const bodies = Array.from({ length: 120 }, (_, at) => failing(at));
    const each = successes(await payAll(bodies, 10, both()));
    // What the other node is just committing is not seen yet: as many as are on their way.
    expect(each['a']).to.be.closeTo(60, 10);
    expect(each['b']).to.be.closeTo(30, 10);
    expect(each['c']).to.be.closeTo(10, 10);
  }).timeout(60_000);

  it('round robin: one turn for both', async () => {
    await begin('turns', 'round_robin');
    const order: string[] = [];
    for (let at = 0; at < 9; at += 1) {
      const { body } = await pay({}, both()[at % 2]);
      order.push(nameOf(body['account']));
    }
    expect(order.join('')).to.equal('abcabcabc');
    const each = successes(await payAll(many(90), 10, both()));
    // Two that are decided at the same moment may both get the turn; nobody is left out for that.
    for (const name of ['a', 'b', 'c']) expect(each[name], name).to.be.closeTo(30, 15);
  }).timeout(60_000);

  it('weighted: the same priorities for both, from the next payment on', async () => {
    await begin('priorities', 'weighted');
    for (const name of ['b', 'c', 'a']) {
      await patch(name, { priority: 1 });
      const each = successes(await payAll(many(10), 5, both()));
      expect(each[name], name).to.equal(10);
      await patch(name, { priority: 50 });
    }
  }).timeout(60_000);

  it('least used: against one limit for both', async () => {
    const daily = (amount: number) => ({ time_zone: 'UTC', amounts: { USD: { daily: amount } } });
    for (const [at, name] of ['a', 'b', 'c'].entries()) await limit(name, daily(2e5 * (at + 1)));
    await begin('least', 'least_used');
    const each = successes(await payAll(many(60, { amount: 10_000 }), 6, both()));
    expect(each['a']).to.be.closeTo(10, 6);
    expect(each['b']).to.be.closeTo(20, 6);
    expect(each['c']).to.be.closeTo(30, 6);
    for (const name of ['a', 'b', 'c']) await limit(name, null);
  }).timeout(60_000);

  it('failover: each node finds out, no payment is lost, and both come back', async () => {
    await begin('first things first', 'failover');
    await simulatorFault(current(), { fault: 'status_429', kind: 'authorize', api_key: 'sim_a' });
    const during = await payAll(many(60), 6, both());
    expect(successes(during)).to.deep.equal({ a: 0, b: 60, c: 0 });
    for (const node of both()) {
      const { health } = node.running.desk.routing;
      expect(health.figuresOf(idOf('a')).state).to.equal('open');
    }
    await simulatorFault(current());
    current().clock.advance(15_000);
    // Three probes on each node, one after another, and then everything.
    const back = await payAll(many(12), 1, both());
    expect(successes(back)).to.deep.equal({ a: 12, b: 0, c: 0 });
  }).timeout(60_000);

  it('random: every account is as likely as the others on both', async () => {
    await begin('lots', 'random');
    const each = successes(await payAll(many(120), 10, both()));
    const chiSquare = Object.values(each).reduce((sum, count) => sum + (count - 40) ** 2 / 40, 0);
    // Two degrees of freedom: a fair draw is beyond 30 once in three million runs (e^-15).
    expect(chiSquare).to.be.below(30);
  }).timeout(60_000);
});
