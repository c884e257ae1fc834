/** A Stripe that does not answer, or not in its own words: nothing is done twice, nothing lost. */
import { expect } from 'chai';
import type { FaultMatch, Faults } from '../fakes/stripe/faults.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { stripeShop, token } from './stripe-shop.ts';

type Fault = Parameters<Faults['next']>[2];

const at = {
  authorize: { method: 'POST', path: /payment_intents$/ },
  capture: { method: 'POST', path: /\/capture$/ },
  void: { method: 'POST', path: /\/cancel$/ },
  refund: { method: 'POST', path: /\/refunds$/ },
} as const satisfies Record<string, FaultMatch>;

/** The work is done, and nobody hears of it. */
const lost: readonly (readonly [string, Fault])[] = [
  ['closed without an answer', { kind: 'close', acted: true }],
  ['cut in the middle', { kind: 'cut' }],
  ['a 500 after the work', { kind: 'status', status: 500, acted: true }],
];

describeOnEachDatabase('a Stripe that does not answer', (database) => {
  const shop = stripeShop(database);

  afterEach(() => shop().fake.faults.clear());

  /** News would tell what a lost answer did not; here the switch has to ask. */
  async function unheard<T>(act: () => Promise<T>): Promise<T> {
    await shop().settled();
    shop().fake.webhooks.hold();
    try {
      return await act();
    } finally {
      await shop().fake.webhooks.release(() => []);
    }
  }

  const sync = (id: string, status = 200) => shop().post(`/v1/payments/${id}/sync`, {}, status);

  /** One "not found" is no proof: it could have been on its way. The second one is. */
  async function syncTwice(id: string) {
    await sync(id, 202);
    return sync(id);
  }

  const countOf = (kind: 'charge' | 'refund') => shop().dashboard.all(kind).length;

  for (const [name, fault] of lost) {
    describe(`when its answer is ${name}`, () => {
      it('a charge is asked for, and there is one', () =>
        unheard(async () => {
          const before = countOf('charge');
          shop().fake.faults.next(1, at.authorize, fault);
          const unknown = await shop().pay(token('visa'), {}, 202);
          expect(unknown['status']).to.equal('processing');
          const paid = await sync(unknown['id']);
          expect(paid).to.include({ status: 'captured', amount_captured: 2_500 });
          expect(countOf('charge')).to.equal(before + 1);
        }));

      it('a decline is asked for, and stays one', () =>
        unheard(async () => {
          shop().fake.faults.next(1, at.authorize, fault);
          const unknown = await shop().pay(token('chargeDeclined'), {}, 202);
          const failed = await sync(unknown['id']);
          expect(failed).to.include({ status: 'failed', amount_captured: 0 });
          expect(failed['last_error']).to.include({ processor_code: 'generic_decline' });
        }));

      it('a capture is asked for, and there is one', () =>
        unheard(async () => {
          const held = await shop().hold();
          shop().fake.faults.next(1, at.capture, fault);
          const path = `/v1/payments/${held['id']}/capture`;
          await shop().post(path, { amount: 1_000, final: true }, 202);
          const captured = await sync(held['id']);
          expect(captured).to.include({ status: 'captured', amount_captured: 1_000 });
          const [intent] = await shop().intents(held['id']);
          expect(intent).to.include({ amount_received: 1_000 });
        }));

      it('a void is asked for, and the hold is gone', () =>
        unheard(async () => {
          const held = await shop().hold();
          shop().fake.faults.next(1, at.void, fault);
          await shop().post(`/v1/payments/${held['id']}/void`, {}, 202);
          const voided = await sync(held['id']);
          expect(voided).to.include({ status: 'voided', amount_voided: 2_500 });
          expect((await shop().intents(held['id']))[0]?.status).to.equal('canceled');
        }));

      it('a refund is asked for, and there is one', () =>
        unheard(async () => {
          const paid = await shop().pay(token('visa'));
          const before = countOf('refund');
          shop().fake.faults.next(1, at.refund, fault);
          const body = { payment: paid['id'], amount: 600 };
          const unknown = await shop().post('/v1/refunds', body, 202);
          expect(unknown['status']).to.equal('processing');
          expect(await sync(paid['id'])).to.include({ amount_refunded: 600 });
          expect((await shop().refunds(paid['id']))[0]).to.include({ status: 'succeeded' });
          expect(countOf('refund')).to.equal(before + 1);
        }));
    });
  }

  it('a charge that never got there is found to be absent, and can be made again', () =>
    unheard(async () => {
      const before = countOf('charge');
      shop().fake.faults.next(1, at.authorize, { kind: 'close' });
      const unknown = await shop().pay(token('visa'), {}, 202);
      const absent = await syncTwice(unknown['id']);
      expect(absent).to.include({ status: 'failed', amount_captured: 0 });
      expect(countOf('charge')).to.equal(before);
      const confirm = { payment_method: token('visa'), account: shop().account };
      const again = await shop().post(`/v1/payments/${unknown['id']}/confirm`, confirm, 200);
      expect(again['status']).to.equal('captured');
      expect(countOf('charge')).to.equal(before + 1);
    }));

  it('a throttled charge was surely not made', async () => {
    const before = countOf('charge');
    shop().fake.faults.next(1, at.authorize, { kind: 'status', status: 429 });
    const { code, payment } = await shop().pay(token('visa'), {}, 502);
    expect(code).to.equal('processor_unreachable');
    expect(payment['status']).to.equal('failed');
    expect(countOf('charge')).to.equal(before);
  });

  it('a throttled capture or refund was surely not made, and can be sent again', async () => {
    const held = await shop().hold();
    const throttled = { kind: 'status', status: 429 } as const;
    const capture = `/v1/payments/${held['id']}/capture`;
    shop().fake.faults.next(1, at.capture, throttled);
    expect((await shop().post(capture, {}, 502))['code']).to.equal('processor_unreachable');
    expect(await shop().post(capture, {}, 200)).to.include({ amount_captured: 2_500 });
    const refund = { payment: held['id'], amount: 300 };
    shop().fake.faults.next(1, at.refund, throttled);
    expect((await shop().post('/v1/refunds', refund, 502))['code']).to.equal(
      'processor_unreachable',
    );
    expect(await shop().post('/v1/refunds', refund, 201)).to.include({ status: 'succeeded' });
    expect(await shop().becomes(held['id'], 'partially_refunded')).to.include({
      amount_refunded: 300,
    });
  });

  for (const [name, fault] of [
    ['a 500 before the work', { kind: 'status', status: 500 }],
    ['a page in HTML with status 200', { kind: 'page', status: 200 }],
    ['a page in HTML with status 502', { kind: 'page', status: 502 }],
  ] as const) {
    it(`${name} says nothing, so it is asked`, () =>
      unheard(async () => {
        shop().fake.faults.next(1, at.authorize, fault);
        const unknown = await shop().pay(token('visa'), {}, 202);
        const absent = await syncTwice(unknown['id']);
        expect(absent).to.include({ status: 'failed', amount_captured: 0 });
      }));
  }

  it('a key that is sent again gets the first answer, and one charge', async () => {
    const before = countOf('charge');
    const headers = { 'idempotency-key': 'e2e-same' };
    const body = {
      amount: 2_500,
      currency: 'USD',
      confirm: true,
      account: shop().account,
      payment_method: token('visa'),
    };
    const first = await shop().app.call('/v1/payments', { body, headers });
    const again = await shop().app.call('/v1/payments', { body, headers });
    expect([first.status, again.status]).to.deep.equal([201, 201]);
    expect(again.text).to.equal(first.text);
    const refund = { payment: first.body['id'], amount: 100 };
    const keyed = { 'idempotency-key': 'e2e-same-refund' };
    const given = await shop().app.call('/v1/refunds', { body: refund, headers: keyed });
    const twice = await shop().app.call('/v1/refunds', { body: refund, headers: keyed });
    expect(twice.text).to.equal(given.text);
    expect(countOf('charge')).to.equal(before + 1);
    expect(await shop().refunds(first.body['id'])).to.have.length(1);
  });

  it('every request that moves money carries the operation’s id as its key', async () => {
    const held = await shop().hold();
    const path = `/v1/payments/${held['id']}`;
    await shop().post(`${path}/capture`, {}, 200);
    await shop().post('/v1/refunds', { payment: held['id'] }, 201);
    const { body } = await shop().app.call(`${path}/operations`);
    const keys = shop().fake.requests.map(({ headers }) => headers['idempotency-key']);
    for (const { id, kind } of body['data']) {
      expect(
        keys.filter((key) => key === id),
        kind,
      ).to.have.length(1);
    }
  });
});
