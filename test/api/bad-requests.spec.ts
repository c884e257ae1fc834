/**
 * Requests that are wrong before their fields are: broken JSON, too much of it, wrong methods and
 * paths, forged cursors, bytes that are not HTTP. All are problems with a code, none is a 5xx, and
 * when all is over no card number is in any row or log line.
 */
import { expect } from 'chai';
import { card, chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { allRows, rowCounts } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { headOf, sendRaw } from '../support/raw.ts';

const number = '4242424242424242';
const nested = (levels: number) =>
  `{"amount":1,"currency":"USD","metadata":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`;

describeOnEachDatabase('bad requests', (database) => {
  let app: TestSwitch;
  let counted: Record<string, number>;

  before(async () => {
    const yaml = 'server: { request_timeout_ms: 1000 }\n';
    app = await startTestSwitch(await database.open(), { yaml });
    await app.call('/v1/payments', { body: chargeBody() });
  });
  beforeEach(async () => {
    counted = await rowCounts(app.running.db);
  });
  afterEach(async () => {
    expect(await rowCounts(app.running.db)).to.deep.equal(counted);
  });
  after(async () => {
    if (app === undefined) return;
    const kept = JSON.stringify(await allRows(app.running.db)) + app.lines.join('\n');
    expect(kept).not.to.match(/4242.?4242.?4242.?4242|"cvc\\*"/);
    expect(app.complaints).to.deep.equal([]);
    await app.stop();
  });

  const bodies: readonly (readonly [string, string, number, string])[] = [
    ['an empty body', '', 400, 'invalid_request'],
    ['white space alone', '  ', 400, 'invalid_json'],
    ['truncated JSON', '{"amount":100,"curr', 400, 'invalid_json'],
    ['a list', '[]', 400, 'invalid_request'],
    ['a number', '1', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['a text', '"pay"', 400, 'invalid_request'],
    ['NaN as a number', '{"amount":NaN,"currency":"USD"}', 400, 'invalid_json'],
    ['17 levels', nested(17), 400, 'invalid_json'],
    ['10,000 levels', nested(10_000), 400, 'invalid_json'],
    ['10,000 lists', '['.repeat(10_000), 400, 'invalid_json'],
    [
      'a thousand and one members',
      JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`k${at}`, 1]))),
      400,
      'invalid_json',
    ],
    ['64 kB and a byte', `"${'x'.repeat(65_535)}"`, 413, 'body_too_large'],
    [
      'a megabyte',
      JSON.stringify(chargeBody({ description: 'x'.repeat(1e6) })),
      413,
      'body_too_large',
    ],
  ];
  for (const [title, body, status, code] of bodies) {
    it(`${title} is ${status} ${code}`, async () => {
      const answer = await app.call('/v1/payments', { body });
      expect(answer.body['code'], answer.text).to.equal(code);
      expect(answer.status).to.equal(status);
    });
  }

  const queries: readonly (readonly [string, string, string])[] = [
    ['limit=0', 'invalid_request', 'limit'],
    ['limit=101', 'invalid_request', 'limit'],
    ['limit=-1', 'invalid_request', 'limit'],
    ['limit=abc', 'invalid_request', 'limit'],
    ['limit=', 'invalid_request', 'limit'],
    ['limit=1.5', 'invalid_request', 'limit'],
    ['limit=1e400', 'invalid_request', 'limit'],
    ['limit=1&limit=2', 'invalid_request', 'limit'],
    ['limt=1', 'unknown_field', 'limt'],
    ['__proto__=1', 'unknown_field', '__proto__'],
    ['status=paid', 'invalid_request', 'status'],
    ['currency=usd', 'invalid_request', 'currency'],
    ['has_refund=maybe', 'invalid_request', 'has_refund'],
    ['amount_min=0', 'invalid_request', 'amount_min'],
    ['created_from=yesterday', 'invalid_request', 'created_from'],
    ['created_from=2026-13-01', 'invalid_request', 'created_from'],
    ['created_from=2026-02-30', 'invalid_request', 'created_from'],
    ['created_to=2026-11-21T25:00Z', 'invalid_request', 'created_to'],
    ['created_to=2026-11-31T10:00Z', 'invalid_request', 'created_to'],
    ['starting_after=pay_1', 'invalid_cursor', 'starting_after'],
    [`starting_after=pay_${'0'.repeat(26)}`, 'invalid_cursor', 'starting_after'],
    ["ending_before=' or 1=1 --", 'invalid_cursor', 'ending_before'],
    [`starting_after=${'x'.repeat(41)}`, 'invalid_request', 'starting_after'],
    ['starting_after=a&ending_before=b', 'invalid_request', 'ending_before'],
    ['reference=%00', 'invalid_request', 'reference'],
    [`reference=${number}`, 'card_data_misplaced', 'reference'],
    ['reference=4242+4242-4242%204242', 'card_data_misplaced', 'reference'],
  ];
  for (const [query, code, param] of queries) {
    it(`?${query} is 400 ${code} at ${param}`, async () => {
      const answer = await app.call(`/v1/payments?${query}`);
      expect(answer.body, answer.text).to.include({ code, param, status: 400 });
      expect(answer.text).not.to.match(/4242.?4242.?4242.?4242/);
    });
  }

  const paths: readonly (readonly [string, string, number, string])[] = [
    ['GET', '/v1/nothing', 404, 'not_found'],
    ['GET', '/v1/payments/', 404, 'not_found'],
    ['GET', '/V1/payments', 404, 'not_found'],
    ['GET', '//v1/payments', 404, 'not_found'],
    ['GET', '/v1/payments/%zz', 400, 'invalid_request'],
    ['GET', '/v1/payments/%ff', 400, 'invalid_request'],
    ['GET', '/v1/payments/pay_1', 400, 'invalid_request'],
    ['GET', `/v1/payments/${number}`, 400, 'invalid_request'],
    ['GET', `/v1/payments/pay_${'0'.repeat(26)}`, 404, 'not_found'],
    ['DELETE', '/v1/payments', 405, 'method_not_allowed'],
    ['PUT', `/v1/payments/pay_${'0'.repeat(26)}`, 405, 'method_not_allowed'],
    ['GET', `/v1/payments/pay_${'0'.repeat(26)}/capture`, 405, 'method_not_allowed'],
    ['POST', '/healthz', 405, 'method_not_allowed'],
    ['PROPFIND', '/v1/payments', 405, 'method_not_allowed'],
  ];
  for (const [method, path, status, code] of paths) {
    it(`${method} ${path} is ${status} ${code}`, async () => {
      const answer = await app.call(path, { method });
      expect(answer.body['code'], answer.text).to.equal(code);
      expect(answer.status).to.equal(status);
      expect(answer.text).not.to.contain(number);
      const allow = answer.headers.get('allow');
      if (status === 405) expect(allow).to.match(/^(GET|POST)(, (GET|POST))*$/);
    });
  }

  it('another content type, a compressed body and bad UTF-8 are refused', async () => {
    const body = JSON.stringify({ amount: 1, currency: 'USD' });
    for (const [headers, code] of [
      [{ 'content-type': 'text/plain' }, 'unsupported_media_type'],
      [{ 'content-type': 'application/json; charset=latin1' }, 'unsupported_media_type'],
      [{ 'content-type': 'application/x-www-form-urlencoded' }, 'unsupported_media_type'],
      [{ 'content-encoding': 'gzip' }, 'unsupported_media_type'],
    ] as const) {
      const answer = await app.call('/v1/payments', { body, headers });
      expect(answer.body, answer.text).to.include({ code, status: 415 });
    }
    const authorization = `Bearer ${app.credentials.secret_key}`;
    const answer = await fetch(`${app.url}/v1/payments`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: Buffer.from('7b2261223aff7d', 'hex'),
    });
    expect(answer.status).to.equal(400);
    expect(((await answer.json()) as { code: string }).code).to.equal('invalid_json');
  });

  it('an Idempotency-Key that is too long, not ASCII or a card number is refused', async () => {
    const body = { amount: 1, currency: 'USD' };
    for (const [key, code] of [
      ['k'.repeat(256), 'invalid_request'],
      ['clé', 'invalid_request'],
      ['a b', 'invalid_request'],
      [number, 'card_data_misplaced'],
      ['order-4242-4242-4242-4242', 'card_data_misplaced'],
    ] as const) {
      const answer = await app.call('/v1/payments', { body, headers: { 'idempotency-key': key } });
      expect(answer.body, answer.text).to.include({ code, param: 'Idempotency-Key', status: 400 });
    }
  });

  it('a card in a refund, a customer, an account or a key’s name is refused', async () => {
    const text = `card ${number}`;
    for (const [path, body] of [
      ['/v1/refunds', { payment: `pay_${'0'.repeat(26)}`, reason: text }],
      ['/v1/customers', { name: text }],
      ['/v1/profiles', { name: text }],
      ['/v1/api_keys', { kind: 'secret', name: text }],
      ['/v1/accounts', { connector: 'card-simulator', name: text, settings: {} }],
      ['/v1/refunds', { payment_method: card(number) }],
    ] as const) {
      const answer = await app.call(path, { body });
      expect(answer.body, answer.text).to.include({ code: 'card_data_misplaced', status: 400 });
    }
  });

  describe('on the socket', () => {
    const post = (headers: Record<string, string | number>) =>
      headOf('POST /v1/payments', {
        authorization: `Bearer ${app.credentials.secret_key}`,
        'content-type': 'application/json',
        ...headers,
      });

    it('what is not HTTP is a 400 problem', async () => {
      const answer = await sendRaw(app.url, 'card 4242 please\r\n\r\n');
      expect(answer.status).to.equal(400);
      expect(answer.head).to.contain('application/problem+json');
      expect(answer.body['code']).to.equal('invalid_request');
    });

    it('headers of more than 16 kB are 431', async () => {
      const answer = await sendRaw(
        app.url,
        headOf('GET /healthz', { 'x-much': 'x'.repeat(17_000) }),
      );
      expect(answer.status).to.equal(431);
      expect(answer.body['code']).to.equal('headers_too_large');
    });

    it('a body that never ends is 413 where it passes 64 kB', async () => {
      const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
      const answer = await sendRaw(app.url, post({ 'transfer-encoding': 'chunked' }), chunk, chunk);
      expect(answer.status).to.equal(413);
      expect(answer.body['code']).to.equal('body_too_large');
    });

    it('a body that was announced as too large is 413 before it is sent', async () => {
      const answer = await sendRaw(app.url, post({ 'content-length': 1e9 }));
      expect(answer.status).to.equal(413);
    });

    it('a length and chunks at once are refused', async () => {
      const head = post({ 'content-length': 4, 'transfer-encoding': 'chunked' });
      const answer = await sendRaw(app.url, head, '0\r\n\r\n');
      expect(answer.status).to.equal(400);
    });

    it('a body that does not arrive in time is 408', async () => {
      const answer = await sendRaw(app.url, post({ 'content-length': 100 }), '{"amount":');
      expect(answer.status).to.equal(408);
      expect(answer.body['code']).to.equal('request_timeout');
    });

    it('headers that do not arrive in time are 408', async () => {
      const answer = await sendRaw(app.url, 'GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: ');
      expect(answer.status).to.equal(408);
    });
  });
});
