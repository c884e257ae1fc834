/** Events: the whole story of a payment, without gaps, each as the payment stood then. */
import { expect } from 'chai';
import { card, chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

interface Event {
  readonly id: string;
  readonly type: string;
  readonly sequence: number;
  readonly payment: string;
  readonly created_at: string;
  readonly data: { readonly object: Record<string, unknown> };
}

describeOnEachDatabase('events', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open());
  });
  after(() => closeBooks(app));

  async function post(path: string, body: unknown) {
    const answer = await app.call(path, { body });
    expect(answer.status, answer.text).to.be.oneOf([200, 201, 402]);
    app.clock.advance(1000);
    return answer.body;
  }

  /** A payment's events in their order, which must be 1, 2, 3 … */
  async function story(payment: string): Promise<Event[]> {
    const { body } = await app.call(`/v1/events?payment=${payment}&limit=100`);
    const events = (body['data'] as Event[]).toSorted((a, b) => a.sequence - b.sequence);
    expect(events.map(({ sequence }) => sequence)).to.deep.equal(events.map((_, at) => at + 1));
    for (const event of events) expect(event.payment).to.equal(payment);
    return events;
  }

  const typesOf = (events: readonly Event[]) => events.map(({ type }) => type);

  it('tell a payment’s life from the first note to the last refund', async () => {
    const { id } = await post('/v1/payments', {
      amount: 900,
      currency: 'USD',
      capture_method: 'manual',
    });
    await post(`/v1/payments/${id}`, { amount: 1000, description: 'now with a lid' });
    await post(`/v1/payments/${id}/confirm`, { payment_method: card('4000000000000002') });
    await post(`/v1/payments/${id}/confirm`, { payment_method: card('5555555555554444') });
    await post(`/v1/payments/${id}/capture`, { amount: 400 });
    await post(`/v1/payments/${id}/capture`, { amount: 100, final: true });
    await post('/v1/refunds', { payment: id, amount: 200 });
    await post('/v1/refunds', { payment: id });
    const events = await story(id);
    expect(typesOf(events)).to.deep.equal([
      'payment.created',
      'payment.updated',
      'payment.processing',
      'payment.failed',
      'payment.processing',
      'payment.authorized',
      'payment.partially_captured',
      'payment.captured',
      'refund.created',
      'payment.partially_refunded',
      'refund.succeeded',
      'refund.created',
      'payment.refunded',
      'refund.succeeded',
    ]);
    const shown = events
      .filter(({ type }) => type.startsWith('payment.'))
      .map(({ data: { object: it } }) => [
        it['status'],
        it['amount'],
        it['amount_authorized'],
        it['amount_captured'],
        it['amount_voided'],
        it['amount_refunded'],
      ]);
    expect(shown).to.deep.equal([
      ['created', 900, 0, 0, 0, 0],
      ['created', 1000, 0, 0, 0, 0],
      ['processing', 1000, 0, 0, 0, 0],
      ['failed', 1000, 0, 0, 0, 0],
      ['processing', 1000, 0, 0, 0, 0],
      ['authorized', 1000, 1000, 0, 0, 0],
      ['partially_captured', 1000, 1000, 400, 0, 0],
      ['captured', 1000, 1000, 500, 500, 0],
      ['partially_refunded', 1000, 1000, 500, 500, 200],
      ['refunded', 1000, 1000, 500, 500, 500],
    ]);
    const at = (sequence: number) => events[sequence - 1]?.data.object ?? {};
    expect(at(1)['description']).to.equal(null);
    expect(at(2)['description']).to.equal('now with a lid');
    expect(at(2)['payment_method']).to.equal(null);
    expect(at(4)['payment_method']).to.include({ last4: '0002' });
    expect(at(4)['last_error']).to.include({ processor_code: '05' });
    expect(at(6)['payment_method']).to.include({ last4: '4444' });
    expect(at(6)['last_error']).to.equal(null);
  });

  it('the last one shows the payment exactly as the API does', async () => {
    const { id } = await post('/v1/payments', chargeBody({ metadata: { a: 'b' } }));
    await post('/v1/refunds', { payment: id, amount: 1 });
    const last = (await story(id)).findLast(({ type }) => type.startsWith('payment.'));
    expect(last?.data.object).to.deep.equal((await app.call(`/v1/payments/${id}`)).body);
  });

  it('read the same for ever, whatever happens to the payment afterwards', async () => {
    const { id } = await post('/v1/payments', { amount: 10, currency: 'USD', reference: 'r-1' });
    const [first] = await story(id);
    const before = await app.call(`/v1/events/${first?.id}`);
    await post(`/v1/payments/${id}`, { amount: 20, reference: 'r-2', metadata: { x: 1 } });
    await post(`/v1/payments/${id}`, { currency: 'EUR', return_url: 'https://shop.example/' });
    await post(`/v1/payments/${id}/confirm`, { payment_method: card('4242424242424242') });
    const after = await app.call(`/v1/events/${first?.id}`);
    expect(after.text).to.equal(before.text);
    expect(after.body['data'].object).to.include({
      amount: 10,
      reference: 'r-1',
      status: 'created',
    });
  });

  it('a challenge, a review and a cancel are told too', async () => {
    const asked = await post(
      '/v1/payments',
      chargeBody({ payment_method: card('4000000000003220') }),
    );
    await post(`/v1/payments/${asked['id']}/cancel`, {});
    const [, question] = await story(asked['id']);
    expect(question?.data.object['next_action']).to.include({ type: 'redirect' });
    expect(typesOf(await story(asked['id']))).to.deep.equal([
      'payment.created',
      'payment.requires_action',
      'payment.processing',
      'payment.cancelled',
    ]);
    const held = await post(
      '/v1/payments',
      chargeBody({ payment_method: card('4000000000009235') }),
    );
    await post(`/v1/payments/${held['id']}/approve`, {});
    expect(typesOf(await story(held['id']))).to.deep.equal([
      'payment.created',
      'payment.in_review',
      'payment.processing',
      'payment.captured',
    ]);
  });

  it('a refund’s events show the refund, a customer’s event no personal data', async () => {
    const { id } = await post('/v1/payments', chargeBody());
    const refund = await post('/v1/refunds', { payment: id, amount: 5, reason: 'torn' });
    const told = (await story(id)).filter(({ type }) => type.startsWith('refund.'));
    expect(told.map(({ data }) => data.object['status'])).to.deep.equal([
      'processing',
      'succeeded',
    ]);
    expect(told[1]?.data.object).to.deep.equal(refund);
    const customer = await post('/v1/customers', { name: 'Jane Doe', email: 'jane@shop.example' });
    const { body } = await app.call('/v1/events?type=customer.created&limit=1');
    expect(body['data'][0].data.object).to.deep.equal({ id: customer['id'], object: 'customer' });
    expect(body['data'][0]).to.include({ payment: null, sequence: null });
  });

  it('are listed newest first, by type, and page by cursor', async () => {
    const { body } = await app.call('/v1/events?type=payment.captured&limit=100');
    const captured = body['data'] as Event[];
    const times = captured.map((event) => event.created_at);
    expect(times).to.deep.equal(times.toSorted().toReversed());
    expect(new Set(typesOf(captured))).to.deep.equal(new Set(['payment.captured']));
    const paged: Event[] = [];
    for (let cursor = '', more = true; more;) {
      const page = (await app.call(`/v1/events?type=payment.captured&limit=1${cursor}`)).body;
      paged.push(...page['data']);
      more = page['has_more'];
      cursor = `&starting_after=${paged.at(-1)?.id}`;
    }
    expect(paged).to.deep.equal(captured);
  });

  it('are listed within a span of time, both of its ends included', async () => {
    const made = [];
    for (let n = 0; n < 3; n += 1) {
      app.clock.advance(1_000);
      made.push(await post('/v1/customers', { name: 'Jane Doe', email: 'jane@shop.example' }));
    }
    const [first, second] = made.map((one) => String(one['created_at']));
    const span = `created_from=${first}&created_to=${second}`;
    const { body } = await app.call(`/v1/events?type=customer.created&${span}`);
    const ids = (body['data'] as Event[]).map(({ data }) => data.object['id']);
    expect(ids).to.deep.equal([made[1]?.['id'], made[0]?.['id']]);
    const odd = await app.call('/v1/events?created_from=yesterday');
    expect(odd.status).to.equal(400);
  });
});
