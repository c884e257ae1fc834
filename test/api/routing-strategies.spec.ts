/**
 * The strategies as a merchant meets them: rules set over the API, payments posted at the card
 * simulator, many at once, and what was decided told afterwards.
 */
import { expect } from 'chai';
import { card } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { routingWorld } from '../support/routing-world.ts';

const hardDecline = card('4000000000000069');

describeOnEachDatabase('strategies over the API', (database) => {
  const { current, idOf, use, pay, patch, nameOf, payAll, successes, routingOf, near, restart } =
    routingWorld(database);

  const weights = { a: 60, b: 30, c: 10 };

  it('weighted round robin: 60/30/10 of 100 successes, 10 at once', async () => {
    await use('shares', 'weighted_round_robin', { weights });
    const each = successes(
      await payAll(
        Array.from({ length: 100 }, () => ({})),
        10,
      ),
    );
    expect(each['a']).to.be.closeTo(60, near(10));
    expect(each['b']).to.be.closeTo(30, near(10));
    expect(each['c']).to.be.closeTo(10, near(10));
  }).timeout(60_000);

  it('weighted round robin: what fails takes nothing of a share', async () => {
    await use('shares with failures', 'weighted_round_robin', { weights });
    // The last ones succeed, so that a place that was given back is taken again.
    const failing = (at: number) => at < 120 && at % 3 === 2;
    const bodies = Array.from({ length: 140 }, (_, at) =>
      failing(at) ? { payment_method: hardDecline } : {},
    );
    const answers = await payAll(bodies, 10);
    expect(answers.filter(({ status }) => status === 402)).to.have.length(40);
    const each = successes(answers);
    expect(each['a']).to.be.closeTo(60, near(10));
    expect(each['b']).to.be.closeTo(30, near(10));
    expect(each['c']).to.be.closeTo(10, near(10));
  }).timeout(60_000);

  it('round robin: one after another, over a restart, whether they succeed or not', async () => {
    await use('turns', 'round_robin');
    const order: string[] = [];
    const take = async (more = {}) => {
      const { body } = await pay(more);
      order.push(nameOf((body['payment'] ?? body).account));
    };
    await take();
    await take({ payment_method: hardDecline });
    await restart();
    for (let more = 1; more <= 5; more += 1) await take();
    expect(order.join('')).to.equal('abcabca');
  });

  it('failover: the first while it can, and again as soon as it can', async () => {
    await use('first things first', 'failover');
    const first = await pay();
    expect(nameOf(first.body['account'])).to.equal('a');
    await simulatorFault(current(), { fault: 'status_429', kind: 'authorize', api_key: 'sim_a' });
    // Some are not taken and move on; after ten at most nobody asks any more.
    let moved = 0;
    for (;;) {
      const { status, body } = await pay();
      expect([status, nameOf(body['account'])]).to.deep.equal([201, 'b']);
      const { decision, attempts } = await routingOf(body['id']);
      if (attempts.length === 1) {
        const a = decision.excluded.find(({ name }: { name: string }) => name === 'a');
        expect(a.reason).to.equal('unhealthy');
        break;
      }
      expect(attempts).to.deep.equal(['a failed', 'b succeeded']);
      moved += 1;
    }
    expect(moved).to.be.within(5, 10);
    await simulatorFault(current());
    expect(nameOf((await pay()).body['account'])).to.equal('b');
    current().clock.advance(15_000);
    for (let probe = 1; probe <= 4; probe += 1) {
      expect(nameOf((await pay()).body['account'])).to.equal('a');
    }
    const health = (await current().call(`/v1/accounts/${idOf('a')}/health`)).body;
    expect(health['breaker']).to.equal('closed');
  });

  it('random: every account is as likely as the others', async () => {
    await use('lots', 'random');
    const answers = await payAll(
      Array.from({ length: 120 }, () => ({})),
      10,
    );
    const chiSquare = Object.values(successes(answers)).reduce(
      (sum, count) => sum + (count - 40) ** 2 / 40,
      0,
    );
    // Two degrees of freedom: a fair draw is beyond 30 once in three million runs (e^-15).
    expect(chiSquare).to.be.below(30);
    expect(Object.keys(successes(answers))).to.have.members(['a', 'b', 'c']);
  }).timeout(60_000);

  it('weighted: by priority, and among equals by the rate of successes', async () => {
    await use('rates', 'weighted');
    // All have the same priority; the rate of `a` is the worst after this, that of `c` the best.
    const history = (name: string, declined: number) =>
      Array.from({ length: 20 }, (_, at) => ({
        account: idOf(name),
        ...(at < declined && { payment_method: hardDecline }),
      }));
    await payAll([...history('a', 20), ...history('b', 10), ...history('c', 0)], 5);
    const best = await pay();
    const { decision } = await routingOf(best.body['id']);
    const order = decision.order.map(({ name }: { name: string }) => name);
    expect(order).to.deep.equal(['c', 'b', 'a']);
    await patch('a', { priority: 1 });
    expect(nameOf((await pay()).body['account'])).to.equal('a');
    await patch('a', { priority: 50 });
  }).timeout(60_000);

  it('the decision is stored with its rule and its version', async () => {
    const version = await use('stored', 'weighted_round_robin', { weights });
    const { body } = await pay();
    const { decision, attempts } = await routingOf(body['id']);
    expect(decision).to.include({
      decided_by: 'rules',
      rule: 'stored',
      version,
      strategy: 'weighted_round_robin',
    });
    expect(decision.order.map(({ name }: { name: string }) => name)).to.deep.equal(['a', 'b', 'c']);
    expect(attempts).to.deep.equal(['a succeeded']);
  });
});
