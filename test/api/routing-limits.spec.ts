/**
 * Limits, and where a payment goes after it was declined or nobody knows: over the API, at the card
 * simulator, on one node and on two.
 */
import { expect } from 'chai';
import { card } from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { routingWorld } from '../support/routing-world.ts';

const hardDecline = card('4000000000000069');
const fraud = card('4000000000000259');
const softDecline = card('4000000000000002');

const names = ['a', 'b', 'c'];
const daily = (amount: number) => ({ time_zone: 'UTC', amounts: { USD: { daily: amount } } });

describeOnEachDatabase('limits and failover over the API', (database) => {
  const {
    current,
    idOf,
    use,
    pay,
    patch,
    limit,
    nameOf,
    payAll,
    successes,
    routingOf,
    near,
    another,
  } = routingWorld(database);

  describe('with limits', () => {
    // A day of its own for each test: nothing of it is used yet.
    beforeEach(() => current().clock.advance(24 * 3_600_000));
    afterEach(async () => {
      for (const name of names) await limit(name, null);
    });

    it('least used: against the limit of each', async () => {
      await limit('a', daily(100_000));
      await limit('b', daily(200_000));
      await limit('c', daily(300_000));
      await use('least', 'least_used');
      const answers = await payAll(
        Array.from({ length: 30 }, () => ({ amount: 10_000 })),
        5,
      );
      const each = successes(answers);
      expect(each['a']).to.be.closeTo(5, near(5));
      expect(each['b']).to.be.closeTo(10, near(5));
      expect(each['c']).to.be.closeTo(15, near(5));
    }).timeout(60_000);

    it('the boundary is reached and never exceeded, 20 at once', async () => {
      await limit('a', daily(5_000));
      await use('one account', 'failover', { accounts: ['a'] });
      const simultaneous = await payAll(
        Array.from({ length: 20 }, () => ({ amount: 500 })),
        20,
      );
      for (const { status, text } of simultaneous) expect([201, 400], text).to.include(status);
      const paid = simultaneous.filter(({ status }) => status === 201).length;
      const refused = simultaneous.filter(({ status }) => status === 400);
      for (const { body } of refused) {
        expect(body['code']).to.equal('no_eligible_account');
        expect(body['accounts'][idOf('a')]).to.equal('limit_reached:daily_amount');
      }
      expect(paid).to.equal(10);
      const { day } = (await current().call(`/v1/accounts/${idOf('a')}/health`)).body;
      expect(day.amounts.USD).to.deep.equal({ used: 5_000, limit: 5_000 });
      expect((await pay({ amount: 1 })).status).to.equal(400);
    }).timeout(60_000);

    it('what was declined gives its room back', async () => {
      await limit('a', daily(500));
      await use('room', 'failover', { accounts: ['a'] });
      expect((await pay({ amount: 500, payment_method: hardDecline })).status).to.equal(402);
      expect((await pay({ amount: 500 })).status).to.equal(201);
      expect((await pay({ amount: 1 })).status).to.equal(400);
    });

    it('a full account is passed over, and moved on to nobody who is full', async () => {
      await limit('a', daily(500));
      await limit('b', daily(100));
      await use('full', 'failover');
      expect(nameOf((await pay({ amount: 500 })).body['account'])).to.equal('a');
      const { body } = await pay({ amount: 500 });
      expect(nameOf(body['account'])).to.equal('c');
      const { decision } = await routingOf(body['id']);
      const reasons = decision.excluded.map(
        ({ name, reason }: { name: string; reason: string }) => `${name} ${reason}`,
      );
      expect(reasons).to.include.members([
        'a limit_reached:daily_amount',
        'b limit_reached:daily_amount',
      ]);
    });

    it('one that fills up while another declines is passed over, and was no attempt', async () => {
      await limit('b', daily(500));
      await use('meanwhile full', 'failover', {}, { max_attempts: 2 });
      await simulatorFault(current(), { fault: 'latency', latency_ms: 300, api_key: 'sim_a' });
      const declining = pay({ amount: 500, payment_method: softDecline });
      const { engine } = current().running.desk;
      while (engine.callingCount === 0) await new Promise((resolve) => setImmediate(resolve));
      expect((await pay({ account: idOf('b'), amount: 500 })).status).to.equal(201);
      const { status, body } = await declining;
      expect(status).to.equal(402);
      const { attempts } = await routingOf(body['payment'].id);
      expect(attempts).to.deep.equal(['a declined', 'c declined']);
    });

    it('an account that is named is taken, and refused where it is full, off or unknown', async () => {
      await limit('b', daily(500));
      await use('others', 'failover', { accounts: ['a'] });
      const named = (account = '', amount = 500) => pay({ account, amount });
      expect((await named(idOf('b'))).body['account']).to.equal(idOf('b'));
      const full = await named(idOf('b'), 1);
      expect([full.status, full.body['code']]).to.deep.equal([400, 'account_unusable']);
      expect(full.body['accounts'][idOf('b')]).to.equal('limit_reached:daily_amount');
      await patch('c', { status: 'disabled' });
      const off = await named(idOf('c'));
      expect([off.status, off.body['code']]).to.deep.equal([400, 'account_unusable']);
      expect(off.body['accounts'][idOf('c')]).to.equal('disabled');
      await patch('c', { status: 'active' });
      const unknown = await named('acct_00000000000000000000000000');
      expect(unknown.status, unknown.text).to.equal(400);
    });

    if (database.name === 'postgres') {
      it('two nodes do not exceed a limit either, 20 at once', async () => {
        await limit('a', daily(5_000));
        await use('two nodes', 'failover', { accounts: ['a'] });
        const other = await another();
        try {
          const answers = await Promise.all(
            Array.from({ length: 20 }, (_, at) => pay({ amount: 500 }, at % 2 ? current() : other)),
          );
          for (const { status, text } of answers) expect([201, 400], text).to.include(status);
          const { day } = (await current().call(`/v1/accounts/${idOf('a')}/health`)).body;
          expect(day.amounts.USD).to.deep.equal({ used: 5_000, limit: 5_000 });
        } finally {
          await other.running.stop();
        }
      }).timeout(60_000);

      it('the last of a limit goes to another node meanwhile: it is decided again', async () => {
        await limit('a', daily(500));
        await use('meanwhile', 'failover');
        const other = await another();
        try {
          const { book } = current().running.desk.routing;
          const read = book.boardOf.bind(book);
          // The other node's payment is paid between this one's reading and its decision.
          book.boardOf = async (...about) => {
            book.boardOf = read;
            const board = await read(...about);
            const faster = await pay({ amount: 500 }, other);
            expect(nameOf(faster.body['account'])).to.equal('a');
            return board;
          };
          const { status, body, text } = await pay({ amount: 500 });
          expect(status, text).to.equal(201);
          expect(nameOf(body['account'])).to.equal('b');
        } finally {
          await other.running.stop();
        }
      }).timeout(60_000);
    }
  });

  describe('after a decline', () => {
    const tried = async (method: object, failover: object) => {
      await use('declines', 'failover', {}, failover);
      const { status, body } = await pay({ payment_method: method });
      expect(status).to.equal(402);
      return (await routingOf(body['payment'].id)).attempts;
    };

    it('that is soft the next account is tried, as often as the rule allows', async () => {
      expect(await tried(softDecline, { max_attempts: 2 })).to.deep.equal([
        'a declined',
        'b declined',
      ]);
      expect(await tried(softDecline, { max_attempts: 3 })).to.deep.equal([
        'a declined',
        'b declined',
        'c declined',
      ]);
      expect(await tried(softDecline, { max_attempts: 1 })).to.deep.equal(['a declined']);
    });

    it('that is soft nobody is tried where the rule forbids it', async () => {
      const failover = { max_attempts: 3, soft_declines: false };
      expect(await tried(softDecline, failover)).to.deep.equal(['a declined']);
    });

    it('that is hard nobody is tried', async () => {
      for (const method of [hardDecline, fraud, card('4000000000009995')]) {
        expect(await tried(method, { max_attempts: 3 })).to.deep.equal(['a declined']);
      }
    });
  });

  it('every attempt keeps the decision that led to it', async () => {
    const soft = { payment_method: softDecline };
    const version = await use('first version', 'failover', {}, { max_attempts: 2 });
    const { body } = await pay(soft);
    const later = await use('second version', 'round_robin', {}, { max_attempts: 1 });
    const path = `/v1/payments/${body['payment'].id}/confirm`;
    await current().call(path, { body: soft });
    const named = { ...soft, account: idOf('c') };
    await current().call(path, { body: named });
    const { decision, decisions, attempts } = await routingOf(body['payment'].id);
    expect(attempts).to.deep.equal(['a declined', 'b declined', 'a declined', 'c declined']);
    const said = decisions.map((one) => [one?.decided_by, one?.rule, one?.version]);
    expect(said).to.deep.equal([
      ['rules', 'first version', version],
      ['failover', 'first version', version],
      ['rules', 'second version', later],
      ['named', null, null],
    ]);
    expect(decision).to.deep.equal(decisions[3]);
    const [first, second] = decisions;
    expect(first?.order.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c']);
    expect(second?.order.map(({ name }) => name)).to.deep.equal(['b', 'c']);
    const before = second?.excluded.filter(({ name }) => name === 'a');
    expect(before?.map(({ reason }) => reason)).to.deep.equal(['tried_before']);
    expect(second?.sentence).to.equal(
      '"a" declined it as worth another account, so the payment went on to "b".',
    );
  });

  it('a payment whose outcome is not known goes nowhere else', async () => {
    await use('unknown', 'failover');
    await simulatorFault(current(), { fault: 'error_after', kind: 'authorize', api_key: 'sim_a' });
    const { status, body } = await pay();
    expect(status).to.equal(202);
    expect((await routingOf(body['id'])).attempts).to.deep.equal(['a unknown']);
    await simulatorFault(current());
    const synced = await current().call(`/v1/payments/${body['id']}/sync`, { body: {} });
    expect(synced.status, synced.text).to.equal(200);
    expect((await routingOf(body['id'])).attempts).to.deep.equal(['a succeeded']);
  });
});
