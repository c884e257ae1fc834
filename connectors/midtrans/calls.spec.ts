/** What leaves, and what an HTTP answer is before anybody reads what it says. */
import { expect } from 'chai';
import type { FaultKind, HttpResponse } from '#sdk';
import { blamedIn } from './calls.ts';
import { midtrans } from './index.ts';
import { settingsFault } from './settings.ts';
import * as spec from './spec-context.ts';

const { authorize, sync, capture } = midtrans.operations;

const query = {
  operationId: spec.order,
  kind: 'authorize',
  amount: spec.idr(250_000),
  ref: undefined,
  of: undefined,
  method: 'token',
  capture: 'automatic',
  begunAtMs: 0,
} as const;

describe('Midtrans: calls', () => {
  const json = (body: object, status = 200) => ({ status, text: JSON.stringify(body) });
  const answers: [string, Partial<HttpResponse>, FaultKind | 'none'][] = [
    ['a capture', json(spec.transaction()), 'none'],
    ['HTML', { text: '<html></html>' }, 'unintelligible'],
    ['an empty body', { text: '' }, 'unintelligible'],
    ['half the JSON', { text: JSON.stringify(spec.transaction()).slice(0, 99) }, 'unintelligible'],
    ['a list', { text: '[]' }, 'unintelligible'],
    ['a redirect', json(spec.transaction(), 302), 'unintelligible'],
    ['HTTP 202 without a body: a twin', { status: 202, text: '' }, 'broken'],
    ['HTTP 400 around a success', json(spec.transaction(), 400), 'unintelligible'],
    ['HTTP 400 in a stranger’s words', { status: 400, text: '<h1>Bad</h1>' }, 'unintelligible'],
    ['HTTP 400 in words of Snap', json({ error_messages: ['no'] }, 400), 'rejected'],
    ['HTTP 409 from who knows', { status: 409, text: '' }, 'unintelligible'],
    ['HTTP 401', { status: 401, text: '' }, 'unauthorized'],
    ['HTTP 429', { status: 429, text: '<h1>Slow down</h1>' }, 'throttled'],
    ['HTTP 500', { status: 500, text: '<h1>Oops</h1>' }, 'broken'],
    ['HTTP 503 around a success', json(spec.transaction(), 503), 'broken'],
    [
      'a status_code that is a number',
      json(spec.transaction({ status_code: 200 })),
      'unintelligible',
    ],
    ['an invented status_code', json(spec.refusal('299')), 'unintelligible'],
    ['a status_code of the prototype', json(spec.refusal('constructor')), 'unintelligible'],
  ];
  for (const code of '400 402 404 405 408 409 410 411 412 413 414'.split(' ')) {
    answers.push([`${code} inside HTTP 200`, json(spec.refusal(code)), 'rejected']);
  }
  for (const code of '406 500 501 502 503 504 505'.split(' ')) {
    answers.push([`${code} inside HTTP 200`, json(spec.refusal(code)), 'broken']);
  }
  answers.push(['401 inside HTTP 200', json(spec.refusal('401')), 'unauthorized']);
  answers.push(['429 inside HTTP 200', json(spec.refusal('429')), 'throttled']);

  for (const [what, answer, kind] of answers) {
    it(`a charge answered with ${what}: ${kind}`, async () => {
      const { context } = spec.stage([answer]);
      expect(await spec.faultOf(authorize(context, spec.command()))).to.equal(kind);
    });
  }

  it('sends the key, the order’s idempotency key and where news goes', async () => {
    const { context, requests } = spec.stage([spec.transaction()], {
      server_key: 'SB-Mid-server-abc123cde456',
    });
    await authorize(context, spec.command());
    expect(requests[0]?.url).to.equal('https://api.sandbox.midtrans.com/v2/charge');
    expect(requests[0]?.headers).to.deep.equal({
      accept: 'application/json',
      // The documentation's own example of a key and its header.
      authorization: 'Basic U0ItTWlkLXNlcnZlci1hYmMxMjNjZGU0NTY6',
      'content-type': 'application/json',
      'idempotency-key': spec.order,
      'x-override-notification': 'https://switch.test/webhooks/acct_1',
    });
  });

  it('production has hosts of its own; no address for news means no header', async () => {
    const { context, requests } = spec.stage([
      spec.transaction(),
      { token: 't', redirect_url: 'https://a.test/' },
    ]);
    const live = { ...context, mode: 'live', webhookUrl: undefined } as const;
    await authorize(live, spec.command());
    await authorize(live, spec.command({ method: { type: 'hosted' } }));
    expect(requests.map(({ url }) => url)).to.deep.equal([
      'https://api.midtrans.com/v2/charge',
      'https://app.midtrans.com/snap/v1/transactions',
    ]);
    for (const { headers } of requests) {
      expect(headers).not.to.have.property('x-override-notification');
    }
  });

  it('only Midtrans’s own 404 makes an order not found', async () => {
    const asked = (answer: spec.Answer) => sync(spec.stage([answer]).context, query);
    expect(await asked(json(spec.missing))).to.equal('not_found');
    expect(await asked(json(spec.missing, 404))).to.equal('not_found');
    expect(await spec.faultOf(asked({ status: 404, text: '' }))).to.equal('unintelligible');
    expect(await spec.faultOf(asked({ status: 404, text: '<h1>No</h1>' }))).to.equal(
      'unintelligible',
    );
    const wrongHost = json({ error_messages: ['not found'] }, 404);
    expect(await spec.faultOf(asked(wrongHost))).to.equal('rejected');
  });

  it('an id in a path stays one part of it', async () => {
    const { context, requests } = spec.stage([spec.missing]);
    await sync(context, { ...query, operationId: 'A/B ?#1' });
    expect(requests[0]?.url).to.equal('https://api.sandbox.midtrans.com/v2/A%2FB%20%3F%231/status');
    const dots = sync(context, { ...query, operationId: '..' });
    expect(await spec.faultOf(dots)).to.equal('rejected');
    expect(requests).to.have.length(1);
  });

  it('what cannot be an order_id or is no whole rupiah is never sent', async () => {
    const { context, requests } = spec.stage([]);
    const wrong = [
      authorize(context, spec.command({ operationId: 'op/1' })),
      authorize(context, spec.command({ operationId: 'x'.repeat(47) })),
      authorize(context, spec.command({ amount: { amount: 25_000_001, currency: 'IDR' } })),
      authorize(context, spec.command({ amount: { amount: 25_000_000, currency: 'USD' } })),
      capture?.(context, { ...spec.about(), amount: { amount: 150, currency: 'IDR' } }),
    ];
    for (const work of wrong) {
      expect(await spec.faultOf(Promise.resolve(work))).to.equal('rejected');
    }
    expect(requests).to.deep.equal([]);
  });

  it('no fault’s text holds the token, the key or a sentence of Midtrans’s', async () => {
    const echo = 'customer_details.email 481111-1114-tokenSecret SB-Mid-server-test is wrong';
    const answer = json(
      { status_code: '400', status_message: echo, validation_messages: [echo] },
      400,
    );
    const failure = await authorize(spec.stage([answer]).context, spec.command()).catch(String);
    expect(failure).to.equal('Fault: rejected: status_code 400: customer_details.email');
    expect(blamedIn(['Token id is missing', 'a@b.c'])).to.equal('');
  });
});

describe('Midtrans: settings', () => {
  const sandbox = { server_key: 'SB-Mid-server-x', client_key: 'SB-Mid-client-x' };
  const live = { server_key: 'Mid-server-x', client_key: 'Mid-client-x' };
  const bases = { api_base_url: 'http://127.0.0.1:1', app_base_url: 'http://127.0.0.1:2' };
  const cases: readonly [object, 'sandbox' | 'live', string | undefined][] = [
    [sandbox, 'sandbox', undefined],
    [live, 'live', undefined],
    [sandbox, 'live', 'server_key'],
    [live, 'sandbox', 'server_key'],
    [{ ...sandbox, client_key: 'Mid-client-x' }, 'sandbox', 'client_key'],
    [{ ...live, client_key: 'SB-Mid-client-x' }, 'live', 'client_key'],
    [{ ...live, ...bases }, 'live', 'api_base_url'],
    [{ ...live, app_base_url: 'https://x.test' }, 'live', 'app_base_url'],
    [{ ...live, ...bases }, 'sandbox', undefined],
    [{ ...live, app_base_url: 'http://127.0.0.1:2' }, 'sandbox', 'server_key'],
  ];
  for (const [settings, mode, field] of cases) {
    it(`${JSON.stringify(settings)} in ${mode} mode: ${field ?? 'fine'}`, () => {
      expect(settingsFault(settings as typeof sandbox, mode)?.field).to.equal(field);
    });
  }
});
