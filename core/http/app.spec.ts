/** The application by itself: what every path gets before and after a route has its say. */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import request from 'supertest';
import { Type } from 'typebox';
import { ManualClock } from '../base/clock.ts';
import { Keyring } from '../base/keyring.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { strict } from '../sdk/vocabulary.ts';
import { createApp, type AppDeps, type RequestRecord } from './app.ts';
import { Limits } from './limits.ts';

const rate = { perSecond: 1000 };
const open = { tag: 'T', access: { kind: 'anyone' }, rate: 'public', problems: [] } as const;

const routes: readonly Route[] = [
  defineRoute({
    ...open,
    id: 'echo',
    method: 'post',
    path: '/v1/echo/{name}',
    summary: 'Says it again',
    params: strict({ name: Type.String({ maxLength: 5 }) }),
    body: strict({ word: Type.String() }),
    replies: { 200: strict({ said: Type.String() }) },
    handle: async ({ params, body }) => ({
      status: 200,
      body: { said: `${params.name}: ${body.word}` },
    }),
  }),
  defineRoute({
    ...open,
    id: 'lie',
    method: 'get',
    path: '/v1/lie',
    summary: 'Breaks its word',
    replies: { 200: strict({ true: Type.Boolean() }) },
    handle: async () => ({ status: 200, body: { true: 'no' } }),
  }),
];

describe('the application', () => {
  const records: RequestRecord[] = [];
  const errors: unknown[] = [];
  const deps = {
    access: undefined,
    idempotency: undefined,
    keyring: new Keyring(randomBytes(32)),
    limits: new Limits({
      payments: rate,
      queries: rate,
      management: rate,
      public: rate,
      webhooks: rate,
    }),
    mode: 'sandbox',
    bodyLimitBytes: 1000,
    checkReplies: true,
    clock: new ManualClock(0),
    routes,
    pages: [
      {
        path: '/page',
        handle: async () => ({ status: 200, contentType: 'text/plain', body: 'hi' }),
      },
    ],
    trustedProxies: [],
    onRequest: (record: RequestRecord) => records.push(record),
    onError: (error: unknown) => errors.push(error),
  } as unknown as AppDeps;
  const app = createApp(deps);

  it('hands a route its checked parts and sends what it answers', async () => {
    const answer = await request(app).post('/v1/echo/jane').send({ word: 'hello' });
    expect(answer.status).to.equal(200);
    expect(answer.body).to.deep.equal({ said: 'jane: hello' });
    expect(answer.headers['x-request-id']).to.match(/^req_/);
    expect(answer.headers['cache-control']).to.equal('no-store');
    expect(records.at(-1)).to.include({ route: '/v1/echo/{name}', status: 200 });
  });

  it('names the field and the rule', async () => {
    const answer = await request(app).post('/v1/echo/much-too-long').send({ word: 'hello' });
    expect(answer.body).to.include({ code: 'invalid_request', param: 'name' });
    const missing = await request(app).post('/v1/echo/jane').send({});
    expect(missing.body).to.include({ code: 'invalid_request', param: 'word' });
  });

  it('tells an unknown path from a wrong method', async () => {
    expect((await request(app).get('/v1/nowhere')).status).to.equal(404);
    const wrong = await request(app).delete('/v1/echo/jane');
    expect(wrong.status).to.equal(405);
    expect(wrong.headers['allow']).to.equal('POST');
    expect((await request(app).post('/page')).status).to.equal(405);
  });

  it('serves a page as it is', async () => {
    const answer = await request(app).get('/page');
    expect(answer.text).to.equal('hi');
    expect(answer.headers['content-type']).to.equal('text/plain');
  });

  it('shows nothing of a fault of ours but its request id', async () => {
    const answer = await request(app).get('/v1/lie');
    expect(answer.status).to.equal(500);
    expect(answer.body).to.include({ code: 'internal_error' });
    expect(answer.text).not.to.include('keeps its word');
    expect(String(errors.at(-1))).to.include('lie keeps its word');
  });
});
