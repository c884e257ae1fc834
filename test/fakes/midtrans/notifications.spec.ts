/** The notifications of the fake: sent, held, turned round, repeated, forged. */
import { expect } from 'chai';
import { chargeBody, Listener, openContext, send, serverKey } from './spec-context.ts';
import type { SpecContext } from './spec-context.ts';
import { signatureOf, type Signed } from './wire.ts';

const qris = { payment_type: 'qris' };
const minuteMs = 60_000;

describe('the fake’s notifications', () => {
  let context: SpecContext;
  beforeEach(async () => {
    context = await openContext();
  });
  afterEach(async () => {
    await context.close();
  });

  const charge = (id: string, method: Record<string, unknown> = qris) =>
    context.core.charge(chargeBody(id, 20_000, method));
  const seen = async (field = 'transaction_status') => {
    await context.fake.notifications.idle();
    return context.listener.received.map(({ body }) => body[field]);
  };

  it('are signed JSON posts, one for each change', async () => {
    await charge('N-1');
    context.fake.dashboard.settle('N-1');
    await context.core.transaction.refund('N-1', { refund_key: 'a', amount: 5_000 });
    context.fake.dashboard.refund('N-1', 15_000);
    context.fake.dashboard.confirmRefunds('N-1');
    expect(await seen()).to.have.members([
      'pending',
      'settlement',
      'partial_refund',
      'refund',
      'refund',
    ]);
    for (const { headers, body } of context.listener.received) {
      expect(headers).to.include({ 'user-agent': 'Veritrans', 'content-type': 'application/json' });
      expect(body['signature_key']).to.equal(signatureOf(body as unknown as Signed, serverKey));
    }
    const last = context.fake.notifications.of('N-1').at(-1);
    expect(last?.body).to.include({ refund_amount: '20000.00' });
    expect(last?.body['refunds']).to.have.nested.property('[1].bank_confirmed_at');
  });

  it('tell what happens on the bank’s side: reversal, chargeback, failure', async () => {
    await charge('N-2', { payment_type: 'bank_transfer', bank_transfer: { bank: 'permata' } });
    context.fake.dashboard.settle('N-2');
    context.fake.dashboard.reverse('N-2');
    await charge('N-3');
    context.fake.dashboard.settle('N-3');
    expect(() => context.fake.dashboard.reverse('N-3')).to.throw('no reversals');
    expect(() => context.fake.dashboard.settle('N-3')).to.throw('not pending');
    context.fake.dashboard.chargeback('N-3', 'partly');
    context.fake.dashboard.chargeback('N-3');
    await charge('N-4');
    context.fake.dashboard.fail('N-4');
    const codes = context.fake.notifications.all.map(({ body }) => [
      body['transaction_status'],
      body['status_code'],
    ]);
    expect(codes).to.deep.equal([
      ['pending', '201'],
      ['settlement', '200'],
      ['deny', '202'],

      ['pending', '201'],
      ['settlement', '200'],
      ['partial_chargeback', '200'],

      ['chargeback', '200'],
      ['pending', '201'],
      ['failure', '202'],
    ]);
  });

  it('go where the order says, not where the dashboard says', async () => {
    const { apiUrl, notifications } = context.fake;
    const url = context.listener.url;
    const post = (id: string, headers: Record<string, string>) =>
      send(`${apiUrl}/v2/charge`, { body: chargeBody(id, 20_000, qris), headers });
    await post('U-1', { 'x-override-notification': `${url}/1, ${url}/2` });
    await post('U-2', { 'x-append-notification': `${url}/3` });
    const four = [1, 2, 3, 4].map((n) => `${url}/${n}`);
    await post('U-5', { 'x-override-notification': four.join() });
    expect(notifications.of('U-5')[0]?.urls, 'three at most').to.deep.equal(four.slice(0, 3));
    context.fake.dashboard.setNotificationUrl(undefined);
    await post('U-3', {});
    await notifications.idle();
    expect(context.listener.received.map(({ path }) => path)).to.have.members([
      '/notify/1',
      '/notify/2',
      '/notify',
      '/notify/3',
      '/notify/1',
      '/notify/2',
      '/notify/3',
    ]);
    expect(notifications.of('U-3')[0]?.attempts).to.deep.equal([]);
    const snap = await send(`${context.fake.appUrl}/snap/v1/transactions`, {
      body: chargeBody('U-4', 20_000, {}),
      headers: { 'x-override-notification': `${url}/snap` },
    });
    context.fake.customerPays(String(snap.body['token']), 'gopay');
    await notifications.idle();
    expect(context.listener.received.slice(-2).map(({ path }) => path)).to.deep.equal([
      '/notify/snap',
      '/notify/snap',
    ]);
  });

  it('can be held, turned round and repeated, and say what was true when they arose', async () => {
    context.fake.notifications.hold();
    await charge('H-1');
    context.fake.dashboard.settle('H-1');
    expect(await seen()).to.deep.equal([]);
    await context.fake.notifications.release((held) => [...held].reverse());
    expect(await seen()).to.deep.equal(['settlement', 'pending']);
    const [first] = context.fake.notifications.of('H-1');
    if (!first) throw new Error('none');
    await context.fake.notifications.redeliver(first);
    expect(await seen()).to.deep.equal(['settlement', 'pending', 'pending']);
    expect(first.attempts.map(({ status }) => status)).to.deep.equal([200, 200]);
  });

  it('can be read without being sent, to forge from', async () => {
    context.fake.notifications.hold();
    await charge('F-1');
    context.fake.dashboard.settle('F-1');
    await context.fake.notifications.release(() => []);
    const raw = context.fake.notifications.of('F-1').at(-1);
    expect(JSON.parse(String(raw?.rawBody))).to.deep.equal(raw?.body);
    expect(raw?.urls).to.deep.equal([context.listener.url]);
    expect(await seen()).to.deep.equal([]);
  });

  it('are repeated by the documented schedule when they fail', async () => {
    const counts: number[] = [];
    for (const status of [200, 302, 400, 500, 503, 418]) {
      context.listener.status = status;
      const id = `R-${status}`;
      await charge(id);
      await context.fake.notifications.idle();
      for (const minutes of [2, 10, 30, 90, 210, 500]) {
        context.wait(minutes * minuteMs);
        await context.fake.notifications.deliverDue();
      }
      const sent = context.listener.received.filter(({ body }) => body['order_id'] === id);
      counts.push(sent.filter(({ body }) => body['transaction_status'] === 'pending').length);
    }
    expect(counts).to.deep.equal([1, 1, 3, 2, 5, 6]);
  });

  it('say so when nobody is there', async () => {
    const gone = new Listener();
    await gone.open();
    await gone.close();
    context.fake.dashboard.setNotificationUrl(gone.url);
    await charge('G-1');
    await context.fake.notifications.idle();
    const [notification] = context.fake.notifications.of('G-1');
    expect(notification?.attempts[0]).to.include({ status: undefined });
    expect(notification?.dueAtMs).to.equal(Number(notification?.attempts[0]?.atMs) + 2 * minuteMs);
  });

  it('are believed by the official client unseen: it asks for the status instead', async () => {
    await charge('O-1');
    const [notification] = context.fake.notifications.of('O-1');
    const forged = { ...notification?.body, transaction_status: 'settlement', signature_key: 'x' };
    const answer = await context.core.transaction.notification(forged);
    expect(answer['transaction_status']).to.equal('pending');
  });
});
