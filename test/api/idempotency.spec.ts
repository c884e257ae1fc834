/**
 * A repeated request is the same request: nothing is charged twice, and the answer is the first
 * one.
 */
import { expect } from 'chai';
import { card, chargeBody, startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import { allRows, closeBooks, rowCounts, simulatorLedger } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('idempotency keys', (database) => {
  let app: TestSwitch;
  let keysMade = 0;

  before(async () => {
    // The storm asks again at once where a merchant would wait as Retry-After says.
    const yaml = 'rate_limits: { payments: { per_second: 1000000 } }\n';
    app = await startTestSwitch(await database.open(), { yaml });
  });
  after(() => closeBooks(app));

  function newKey(): string {
    keysMade += 1;
    return `key-${keysMade}`;
  }

  const keyed = (key: string, body: unknown, path = '/v1/payments', bearer?: string) =>
    app.call(path, {
      body,
      headers: { 'idempotency-key': key },
      ...(bearer === undefined ? {} : { key: bearer }),
    });
  const charges = async () => (await simulatorLedger(app)).operations.length;

  function expectReplay(again: Answer, first: Answer): void {
    expect(again.status).to.equal(first.status);
    expect(again.text).to.equal(first.text);
    expect(again.headers.get('content-type')).to.equal(first.headers.get('content-type'));
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect(first.headers.get('idempotent-replayed')).to.equal(null);
    expect(again.headers.get('x-request-id')).not.to.equal(first.headers.get('x-request-id'));
  }

  it('a repeat hears the first answer byte for byte and charges nothing', async () => {
    const key = newKey();
    const first = await keyed(key, chargeBody());
    const before = await charges();
    await app.call('/v1/refunds', { body: { payment: first.body['id'], amount: 1 } });
    expectReplay(await keyed(key, chargeBody()), first);
    expect(await charges()).to.equal(before + 1);
  });

  it('the order of members and white space are no change', async () => {
    const key = newKey();
    const first = await keyed(key, chargeBody({ metadata: { a: 1, b: 2 } }));
    const turned = Object.fromEntries(Object.entries(chargeBody()).toReversed());
    const text = JSON.stringify({ metadata: { b: 2, a: 1 }, ...turned }, undefined, 4);
    expectReplay(await keyed(key, text), first);
  });

  it('the same key with another body, path or card is refused', async () => {
    const key = newKey();
    const { id } = (await keyed(key, chargeBody())).body;
    const before = await rowCounts(app.running.db);
    for (const [body, path] of [
      [chargeBody({ amount: 10_001 })],
      [chargeBody({ metadata: { order: '1' } })],
      [chargeBody({ payment_method: card('5555555555554444') })],
      [{ payment: id }, '/v1/refunds'],
      [{}, `/v1/payments/${id}/sync`],
    ] as const) {
      const refused = await keyed(key, body, path);
      expect(refused.status, refused.text).to.equal(422);
      expect(refused.body).to.include({
        code: 'idempotency_key_reused',
        param: 'Idempotency-Key',
      });
    }
    expect(await rowCounts(app.running.db)).to.deep.equal(before);
  });

  it('another CVC is the same request: it is in no fingerprint', async () => {
    const key = newKey();
    const first = await keyed(key, chargeBody());
    const other = chargeBody({ payment_method: card('4242424242424242', { cvc: '321' }) });
    expectReplay(await keyed(key, other), first);
  });

  it('another merchant’s same key is another key', async () => {
    const { admin_key: admin } = app.credentials;
    const made = await app.call('/v1/merchants', { key: admin, body: { name: 'Other' } });
    const bearer = made.body['secret_key'].key as string;
    const key = newKey();
    const body = { amount: 100, currency: 'USD' };
    const mine = await keyed(key, body);
    const theirs = await keyed(key, body, '/v1/payments', bearer);
    expect(theirs.status).to.equal(201);
    expect(theirs.body['id']).not.to.equal(mine.body['id']);
    expect(theirs.body['merchant_id']).to.equal(made.body['merchant'].id);
  });

  it('a browser’s key never hears what the server was told', async () => {
    const { id } = (await app.call('/v1/payments', { body: { amount: 100, currency: 'USD' } }))
      .body;
    const key = newKey();
    const body = { payment_method: card('4242424242424242') };
    expect((await keyed(key, body, `/v1/payments/${id}/confirm`)).status).to.equal(200);
    const browser = app.credentials.public_key;
    const refused = await keyed(key, body, `/v1/payments/${id}/confirm`, browser);
    expect([401, 422]).to.include(refused.status);
    expect(refused.text).not.to.contain('merchant_id');
  });

  it('a decline is replayed like a success', async () => {
    const key = newKey();
    const body = chargeBody({ payment_method: card('4000000000009995') });
    const first = await keyed(key, body);
    expect(first.status).to.equal(402);
    expectReplay(await keyed(key, body), first);
  });

  it('a request that was refused before anything happened leaves its key free', async () => {
    const key = newKey();
    expect((await keyed(key, chargeBody({ amount: -1 }))).status).to.equal(400);
    const expired = card('4242424242424242', { exp_year: 2025 });
    expect((await keyed(key, chargeBody({ payment_method: expired }))).status).to.equal(400);
    const first = await keyed(key, chargeBody());
    expect(first.status).to.equal(201);
    expectReplay(await keyed(key, chargeBody()), first);
  });

  it('the same reference is refused, and the refusal names the payment that has it', async () => {
    const body = chargeBody({ reference: 'order-77' });
    const { id } = (await keyed(newKey(), body)).body;
    const before = await charges();
    const twin = await keyed(newKey(), body);
    expect(twin.status).to.equal(409);
    expect(twin.body).to.include({
      code: 'reference_taken',
      param: 'reference',
      payment_id: id,
    });
    expect(await charges()).to.equal(before);
  });

  it('an answer is forgotten after its day, and the key is free again', async () => {
    const key = newKey();
    const body = { amount: 100, currency: 'USD' };
    const first = await keyed(key, body);
    app.clock.advance(24 * 3_600_000 - 1);
    expectReplay(await keyed(key, body), first);
    app.clock.advance(1);
    const later = await keyed(key, body);
    expect(later.status).to.equal(201);
    expect(later.body['id']).not.to.equal(first.body['id']);
  });

  it('a hundred keys, twenty times each at once, make a hundred charges', async function () {
    this.timeout(60_000);
    const reference = (index: number) => `storm-${index}`;
    const before = await charges();
    const answersOf = async (index: number): Promise<Answer[]> => {
      const body = chargeBody({ reference: reference(index), amount: 1000 + index });
      const insist = async (): Promise<Answer> => {
        for (;;) {
          const answer = await keyed(`storm-${index}`, body);
          if (answer.status !== 409) return answer;
          expect(answer.body['code']).to.equal('idempotency_key_in_use');
          expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 60);
        }
      };
      return Promise.all(Array.from({ length: 20 }, insist));
    };
    for (let wave = 0; wave < 100; wave += 20) {
      const waves = Array.from({ length: 20 }, (_, index) => answersOf(wave + index));
      for (const answers of await Promise.all(waves)) {
        expect(new Set(answers.map(({ text }) => text)).size).to.equal(1);
        expect(answers.map(({ status }) => status)).to.deep.equal(Array(20).fill(201));
        const first = answers.filter(({ headers }) => !headers.has('idempotent-replayed'));
        expect(first).to.have.length(1);
      }
    }
    expect(await charges()).to.equal(before + 100);
  });

  it('no CVC and no card number lies in any row', async () => {
    await keyed(newKey(), chargeBody({ payment_method: card('4242424242424242', { cvc: '987' }) }));
    const rows = JSON.stringify(await allRows(app.running.db));
    expect(rows).not.to.match(/"cvc\\*"|"987\\*"|4242424242424242/);
  });
});
