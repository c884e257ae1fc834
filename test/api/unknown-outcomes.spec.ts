/**
 * When the processor was called and nobody knows what it did: 202, never a failure, never a second
 * charge; and a repeat of the request hears how things stand by then.
 */
import { expect } from 'chai';
import { chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { expectBooksToAgree, simulatorFault, simulatorLedger } from '../support/books.ts';
import { silenceNews } from '../support/accounts.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { fixture, ownersKey, requestOf, routes } from '../support/fixtures.ts';
import { keepingConnectors } from '../support/method-keeper.ts';

describeOnEachDatabase('an unknown outcome', (database) => {
  let app: TestSwitch;

  before(async () => {
    const yaml = 'processors: { timeout_ms: 300 }\n';
    app = await startTestSwitch(await database.open(), { yaml });
    // What is found out here is found out by asking.
    await silenceNews(app);
  });
  afterEach(() => simulatorFault(app));
  after(async () => {
    if (app === undefined) return;
    await expectBooksToAgree(app);
    await app.stop();
  });

  const keyed = (key: string, path: string, body: unknown) =>
    app.call(path, { body, headers: { 'idempotency-key': key } });
  const present = async (id: string) => (await app.call(`/v1/payments/${id}`)).body;

  for (const fault of ['timeout_after', 'reset_after', 'error_after', 'html', 'cut_body']) {
    it(`a charge whose answer was lost (${fault}) is 202, then found, and made once`, async () => {
      const before = (await simulatorLedger(app)).count;
      await simulatorFault(app, { fault, kind: 'authorize', times: 1 });
      const first = await keyed(fault, '/v1/payments', chargeBody());
      expect(first.status, first.text).to.equal(202);
      expect(first.body).to.include({ status: 'processing', amount_captured: 0 });
      expect(first.body['last_error']).to.equal(null);
      const early = await keyed(fault, '/v1/payments', chargeBody());
      expect(early.headers.get('idempotent-replayed')).to.equal('true');
      expect(early.body['id']).to.equal(first.body['id']);

      const synced = await app.call(`/v1/payments/${first.body['id']}/sync`, { body: {} });
      expect(synced.status).to.equal(200);
      expect(synced.body).to.include({ status: 'captured', amount_captured: 10_000, attempts: 1 });
      const late = await keyed(fault, '/v1/payments', chargeBody());
      expect(late.status).to.equal(201);
      expect(late.body).to.deep.equal(synced.body);
      expect((await simulatorLedger(app)).count).to.equal(before + 1);
    });
  }

  it('a capture, a void and a refund whose answers were lost are found, not sent again', async () => {
    const cases = [
      ['capture', 'authorized_payment_id', 'amount_captured'],
      ['void', 'authorized_payment_id', 'amount_voided'],
      ['refund', 'payment_id', 'amount_refunded'],
    ] as const;
    for (const [kind, placeholder, counter] of cases) {
      const id = await fixture({ app }, placeholder);
      const before = (await simulatorLedger(app)).count;
      await simulatorFault(app, { fault: 'timeout_after', kind, times: 1 });
      const path = kind === 'refund' ? '/v1/refunds' : `/v1/payments/${id}/${kind}`;
      const body = kind === 'refund' ? { payment: id } : {};
      const first = await keyed(`lost-${kind}`, path, body);
      expect(first.status, first.text).to.equal(202);
      expect((await present(id))[counter]).to.equal(0);
      const twin = await app.call(path, { body });
      expect(twin.status, twin.text).to.be.within(400, 409);
      await app.call(`/v1/payments/${id}/sync`, { body: {} });
      expect((await present(id))[counter]).to.equal(10_000);
      expect((await simulatorLedger(app)).count).to.equal(before + 1);
      const late = await keyed(`lost-${kind}`, path, body);
      expect(late.status).to.equal(kind === 'refund' ? 201 : 200);
    }
  });

  it('a processor that did nothing and said nothing leaves the payment open, not failed', async () => {
    await simulatorFault(app, { fault: 'timeout_before', kind: 'authorize', times: 1 });
    const { status, body } = await app.call('/v1/payments', { body: chargeBody() });
    expect(status).to.equal(202);
    const synced = await app.call(`/v1/payments/${body['id']}/sync`, { body: {} });
    expect([200, 202]).to.include(synced.status);
    expect(synced.body['status']).not.to.equal('failed');
  });
});

describeOnEachDatabase('an Idempotency-Key on every POST', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open(), { connectors: keepingConnectors() });
  });
  after(() => app?.stop());

  for (const route of routes.filter(({ method, rawBody }) => method === 'post' && !rawBody)) {
    it(`${route.id} answers a repeat as it answered at first`, async () => {
      const example = route.examples?.[0];
      expect(example, 'every POST has an example').not.to.equal(undefined);
      if (!example) return;
      const { path, body } = await requestOf({ app }, route, example);
      const options = {
        method: 'POST',
        body,
        key: ownersKey({ app }, route),
        headers: { 'idempotency-key': `every-${route.id}` },
      };
      const first = await app.call(path, options);
      expect(first.status, first.text).to.equal(example.status);
      const again = await app.call(path, options);
      expect(again.status, again.text).to.equal(first.status);
      expect(again.text).to.equal(first.text);
      expect(again.headers.get('idempotent-replayed')).to.equal('true');
      expect(app.complaints).to.deep.equal([]);
    });
  }
});
