/**
 * Declined payments without their customer, tried again later: only where a rule says so, on the
 * days it says, and no more once there is nothing to try.
 */
import { expect } from 'chai';
import { day, hour } from '../../core/base/clock.ts';
import { nextRetryAt } from '../../core/payments/retry-later.ts';
import { card } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { hard, noFunds, retryWorld, soft, type Word } from './retry-world.ts';
import { eventsOf, operations, paymentOf, post, recover } from './world.ts';

describeOnEachDatabase('retries later', (database) => {
  const world = retryWorld(database);
  const { mood, declined, retry, inMs } = world;

  it('come on the days that the rule spreads them over, and stop at its number', async () => {
    const payment = await declined([soft]);
    const { id } = payment;
    expect(payment['status']).to.equal('failed');
    expect(payment['last_error']).to.include({ advice: 'later', retry_at: inMs(day) });
    expect((await eventsOf(world.app, id)).slice(-2)).to.deep.equal([
      'payment.failed',
      'payment.retry_scheduled',
    ]);
    expect(await nextRetryAt(world.app.running.desk)).to.equal(inMs(day));
    for (const tries of [1, 2, 3]) {
      expect(await retry(day - 1), 'not before').to.equal(0);
      expect(await retry(1)).to.equal(1);
      expect(await paymentOf(world.app, id)).to.include({ status: 'failed', attempts: 1 + tries });
    }
    expect((await paymentOf(world.app, id))['last_error']).not.to.have.property('retry_at');
    expect(await nextRetryAt(world.app.running.desk)).to.equal(undefined);
    expect(await retry(30 * day)).to.equal(0);
    expect(mood.asked).to.equal(4);
    const kinds = (await operations(world.app, id)).map(
      ({ origin, state }) => `${origin} ${state}`,
    );
    expect(kinds).to.deep.equal([
      'merchant declined',
      'switch declined',
      'switch declined',
      'switch declined',
    ]);
  });

  it('stop at a success, which is booked like any other', async () => {
    const { id } = await declined([soft, soft, 'approve']);
    await retry(day);
    expect(await paymentOf(world.app, id)).to.include({ status: 'failed' });
    await retry(day);
    expect(await paymentOf(world.app, id)).to.include({
      status: 'captured',
      amount_captured: 4900,
      last_error: null,
    });
    expect(await retry(30 * day)).to.equal(0);
    expect(mood.asked).to.equal(3);
  });

  it('stop at a decline that says something else than “later”', async () => {
    const { id } = await declined([soft, hard]);
    await retry(day);
    const payment = await paymentOf(world.app, id);
    expect(payment['last_error']).to.include({ advice: 'never' });
    expect(payment['last_error']).not.to.have.property('retry_at');
    expect(await retry(30 * day)).to.equal(0);
    expect(mood.asked).to.equal(2);
  });

  it('wait a day at least for an account without funds, and end with the window', async () => {
    await world.ruleSays(', retry_later: { max_attempts: 10, within_hours: 40 }');
    const { id } = await declined([noFunds]);
    expect(await retry(day - 1)).to.equal(0);
    expect(await retry(1)).to.equal(1);
    expect((await paymentOf(world.app, id))['last_error']).to.include({
      retry_at: inMs(16 * hour),
    });
    expect(await retry(16 * hour)).to.equal(1);
    expect(await retry(30 * day)).to.equal(0);
    expect(mood.asked).to.equal(3);
  });

  it('never go beyond five attempts of one payment, whatever the rule says', async () => {
    await world.ruleSays(', retry_later: { max_attempts: 10, within_hours: 240 }');
    const { id } = await declined([soft]);
    for (let tries = 1; tries <= 10; tries += 1) await retry(day);
    expect(await paymentOf(world.app, id)).to.include({ status: 'failed', attempts: 5 });
    expect(mood.asked).to.equal(5);
  });

  it('go on after a day on which the processor could not be reached', async () => {
    const { id } = await declined([soft, 'unreachable', 'approve']);
    await retry(day);
    expect((await paymentOf(world.app, id))['last_error']).to.include({
      code: 'not_sent',
      retry_at: inMs(day),
    });
    await retry(day);
    expect(await paymentOf(world.app, id)).to.include({ status: 'captured' });
  });

  it('wait for an answer that was lost, and pay once', async () => {
    const { id } = await declined([soft, 'lost', 'approve']);
    await retry(day);
    expect(await paymentOf(world.app, id)).to.include({ status: 'processing', attempts: 2 });
    expect(await retry(hour), 'nobody knows yet').to.equal(0);
    await recover(world.app);
    expect(await paymentOf(world.app, id)).to.include({
      status: 'captured',
      amount_captured: 4900,
    });
    expect(await retry(30 * day)).to.equal(0);
    expect(mood.asked).to.equal(2);
  });

  it('are off where no rule asks for them', async () => {
    await world.ruleSays('');
    const payment = await declined([soft]);
    expect(payment['last_error']).not.to.have.property('retry_at');
    expect(await retry(30 * day)).to.equal(0);
    expect(mood.asked).to.equal(1);
  });

  const others: readonly [string, Word, object][] = [
    ['whose customer is there', soft, { off_session: false }],
    ['with a card that is not kept', soft, { payment_method: card('4242424242424242') }],
    ['whose decline says “never”', hard, {}],
  ];
  for (const [title, word, more] of others) {
    it(`are not for a payment ${title}`, async () => {
      const payment = await declined([word], more);
      expect(payment['last_error']).not.to.have.property('retry_at');
      expect(await retry(30 * day)).to.equal(0);
      expect(mood.asked).to.equal(1);
    });
  }

  it('are called off with the payment', async () => {
    const { id } = await declined([soft]);
    const cancelled = await post(
      world.app,
      `/v1/payments/${id}/cancel`,
      { reason: 'gave up' },
      200,
    );
    expect(cancelled).to.include({ status: 'cancelled', cancellation_reason: 'gave up' });
    expect(cancelled['last_error']).not.to.have.property('retry_at');
    expect((await eventsOf(world.app, id)).at(-1)).to.equal('payment.cancelled');
    expect(await retry(30 * day)).to.equal(0);
    expect(mood.asked).to.equal(1);
  });

  it('cannot be called off where there are none', async () => {
    const { id } = await declined([hard]);
    world.app.clock.advance(60 * 60_000);
    await post(world.app, `/v1/payments/${id}/cancel`, {}, 409);
  });

  it('are over when the merchant was paid in the meantime', async () => {
    const { id } = await declined([soft, 'approve']);
    const confirm = { payment_method: { type: 'saved', id: world.method } };
    await post(world.app, `/v1/payments/${id}/confirm`, confirm, 200);
    expect(await retry(30 * day)).to.equal(0);
    expect(mood.asked).to.equal(2);
  });

  it('leave the merchant his own hour, and do not lengthen it', async () => {
    const { id } = await declined([soft, 'approve']);
    world.app.clock.advance(2 * hour);
    const confirm = { payment_method: { type: 'saved', id: world.method } };
    await post(world.app, `/v1/payments/${id}/confirm`, confirm, 410);
    await retry(day - 2 * hour);
    expect(await paymentOf(world.app, id)).to.include({ status: 'captured' });
  });

  it('end with the method, and the payment says so', async () => {
    const kept = { customer_id: world.customer, ...card('5555555555554444') };
    const other = (await post(world.app, '/v1/payment_methods', kept, 201))['id'];
    const { id } = await declined([soft], { payment_method: { type: 'saved', id: other } });
    const gone = await world.app.call(`/v1/payment_methods/${other}`, { method: 'DELETE' });
    expect(gone.status, gone.text).to.be.within(200, 204);
    expect(await retry(day)).to.equal(1);
    const payment = await paymentOf(world.app, id);
    expect(payment['last_error']).not.to.have.property('retry_at');
    expect((await eventsOf(world.app, id)).at(-1)).to.equal('payment.updated');
    expect(mood.asked).to.equal(1);
  });

  it('wait while no account can take them', async () => {
    const { id } = await declined([soft, 'approve']);
    const { account } = await paymentOf(world.app, id);
    const turn = (status: 'active' | 'disabled') =>
      world.app.call(`/v1/accounts/${account}`, { method: 'PATCH', body: { status } });
    expect((await turn('disabled')).status).to.equal(200);
    expect(await retry(day)).to.equal(1);
    expect(await paymentOf(world.app, id)).to.include({ status: 'failed', attempts: 1 });
    await turn('active');
    expect(await retry(hour)).to.equal(1);
    expect(await paymentOf(world.app, id)).to.include({ status: 'captured' });
  });
});
