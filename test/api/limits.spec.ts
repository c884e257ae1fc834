/**
 * Rate limits: per merchant and class of operation, per IP address for those without a secret key.
 */
import { expect } from 'chai';
import { startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

/**
 * Small enough to be reached by a test. Where the unit is the second, twenty requests at once are
 * sent against a limit of one: some second has two of them on the slowest machine.
 */
const small = `
rate_limits:
  payments: { per_second: 1000, per_hour: 3 }
  queries: { per_second: 100000 }
  management: { per_second: 100000 }
  public: { per_second: 1 }
`;
const behindProxy = `${small}
server: { trusted_proxies: [loopback] }
`;
const knocks = 20;

function expectLimited(answer: Answer): void {
  expect(answer.status, answer.text).to.equal(429);
  expect(answer.body['code']).to.equal('rate_limited');
  expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 3600);
}

describeOnEachDatabase('rate limits', (database) => {
  let app: TestSwitch;
  const note = { amount: 100, currency: 'USD' };

  before(async () => {
    app = await startTestSwitch(await database.open(), { yaml: behindProxy });
  });
  after(async () => {
    expect(app?.complaints ?? []).to.deep.equal([]);
    await app?.stop();
  });

  /** A merchant of its own, so that tests do not use up each other's allowance. */
  async function merchantKey(): Promise<string> {
    const options = { key: app.credentials.admin_key, body: { name: 'm' } };
    return (await app.call('/v1/merchants', options)).body['secret_key'].key;
  }

  it('a merchant’s fourth payment of the hour waits, and nothing is written', async () => {
    const key = await merchantKey();
    for (let payment = 0; payment < 3; payment += 1) {
      expect((await app.call('/v1/payments', { key, body: note })).status).to.equal(201);
    }
    expectLimited(await app.call('/v1/payments', { key, body: note }));
    const { data } = (await app.call('/v1/payments', { key })).body;
    expect(data).to.have.length(3);
  });

  it('all keys of a merchant share its allowance; another merchant has its own', async () => {
    const key = await merchantKey();
    const body = { kind: 'secret', name: 'second' };
    const second = (await app.call('/v1/api_keys', { key, body })).body['key'];
    for (const bearer of [key, second, key]) {
      await app.call('/v1/payments', { key: bearer, body: note });
    }
    expectLimited(await app.call('/v1/payments', { key: second, body: note }));
    expectLimited(await app.call('/v1/refunds', { key, body: {} }));
    const other = await merchantKey();
    expect((await app.call('/v1/payments', { key: other, body: note })).status).to.equal(201);
  });

  it('reads are another class: they go on when payments have to wait', async () => {
    const key = await merchantKey();
    for (let payment = 0; payment < 5; payment += 1) {
      await app.call('/v1/payments', { key, body: note });
    }
    expect((await app.call('/v1/payments', { key })).status).to.equal(200);
    expect((await app.call('/v1/customers', { key, body: {} })).status).to.equal(201);
  });

  /** Knocks from one address at once: which statuses came back. */
  async function knock(address: string, key: string | null, path = '/v1/payments') {
    const headers = { 'x-forwarded-for': address };
    const answers = await Promise.all(
      Array.from({ length: knocks }, () => app.call(path, { key, headers })),
    );
    return [...new Set(answers.map(({ status }) => status))].toSorted((a, b) => a - b);
  }

  it('guesses of keys are counted by the address that a trusted proxy names', async () => {
    expect(await knock('203.0.113.1', 'sk_guess')).to.deep.equal([401, 429]);
    expect(await knock('203.0.113.2', null)).to.deep.equal([401, 429]);
    expect(await knock('2001:db8::7', null)).to.deep.equal([401, 429]);
    const apart = await Promise.all(
      Array.from({ length: knocks }, (_, at) =>
        app.call('/v1/payments', { key: null, headers: { 'x-forwarded-for': `198.51.100.${at}` } }),
      ),
    );
    expect(new Set(apart.map(({ status }) => status))).to.deep.equal(new Set([401]));
  });

  it('what stands left of the proxy’s own word was written by the caller', async () => {
    const forged = Array.from({ length: knocks }, (_, at) =>
      app.call('/v1/payments', {
        key: null,
        headers: { 'x-forwarded-for': `198.51.100.${at}, 203.0.113.5` },
      }),
    );
    expect((await Promise.all(forged)).map(({ status }) => status)).to.include(429);
  });

  it('an address that is out of tries does not lock a merchant out', async () => {
    expect(await knock('203.0.113.3', null)).to.include(429);
    const headers = { 'x-forwarded-for': '203.0.113.3' };
    expect((await app.call('/v1/payments', { headers })).status).to.equal(200);
  });

  it('a public key is counted by address too', async () => {
    const path = '/v1/payments/pay_00000000000000000000000000';
    const { public_key: key } = app.credentials;
    expect(await knock('203.0.113.4', key, path)).to.deep.equal([401, 429]);
  });

  it('so are the pages a payer comes back to', async () => {
    const path = `/return/mer_x/pay_x/${'0'.repeat(32)}`;
    const statuses = await knock('203.0.113.6', null, path);
    expect(statuses).to.deep.equal([404, 429]);
  });
});

describeOnEachDatabase('rate limits as they come', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open());
  });
  after(() => app?.stop());

  it('do not get in the way of a hundred payments at once', async () => {
    const body = { amount: 100, currency: 'USD' };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => app.call('/v1/payments', { body })),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(100).fill(201));
  });
});

describeOnEachDatabase('rate limits without a proxy', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open(), { yaml: small });
  });
  after(() => app?.stop());

  it('X-Forwarded-For buys nobody a new allowance', async () => {
    const answers = await Promise.all(
      Array.from({ length: knocks }, (_, at) =>
        app.call('/v1/payments', { key: null, headers: { 'x-forwarded-for': `203.0.113.${at}` } }),
      ),
    );
    answers.filter(({ status }) => status !== 401).forEach(expectLimited);
    expect(answers.map(({ status }) => status)).to.include(429);
  });
});
