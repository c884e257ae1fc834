/** Running the switch: probes, metrics, documentation offline, a stop that loses nothing. */
import { expect } from 'chai';
import pg from 'pg';
import { chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks, simulatorLedger } from '../support/books.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../support/databases.ts';

describeOnEachDatabase('running the switch', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open());
    await app.call('/v1/payments', { body: chargeBody() });
  });
  after(() => closeBooks(app));

  const get = (path: string, headers: Record<string, string> = {}) =>
    app.call(path, { key: null, headers });

  it('is alive and ready', async () => {
    expect((await get('/healthz')).body).to.deep.equal({ status: 'ok' });
    const ready = await get('/readyz');
    expect(ready.status).to.equal(200);
    expect(ready.body).to.deep.include({ status: 'ready' });
    expect(Object.values(ready.body['checks'])).to.deep.equal([true, true, true]);
  });

  it('every answer has a request id of its own, is kept by no cache and sniffed by no browser', async () => {
    const ids = new Set<string | null>();
    const asked = ['/healthz', '/readyz', '/v1/payments', '/nothing', '/docs', '/v1/payments/%zz'];
    for (const path of asked) {
      const { headers } = await get(path, { 'x-request-id': 'mine' });
      ids.add(headers.get('x-request-id'));
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.has('x-powered-by')).to.equal(false);
      expect(headers.has('set-cookie')).to.equal(false);
    }
    expect(ids.size).to.equal(asked.length);
    for (const id of ids) expect(id).to.match(/^req_[0-9a-z]{26}$/);
  });

  it('a problem names the request id that the log has', async () => {
    const { body, headers } = await app.call('/v1/payments', { body: {} });
    expect(body['request_id']).to.equal(headers.get('x-request-id'));
    const line = app.lines.find((text) => text.includes(body['request_id']));
    expect(JSON.parse(line ?? '{}')).to.include({
      event: 'request',
      route: '/v1/payments',
      method: 'POST',
      status: 400,
    });
  });

  it('pages from another origin may use the browser’s two calls and no other', async () => {
    const browser = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    const id = `pay_${'0'.repeat(26)}`;
    const preflight = (path: string) => app.call(path, { method: 'OPTIONS', headers: browser });
    const open = await preflight(`/v1/payments/${id}/confirm`);
    expect(open.status).to.equal(204);
    expect(open.headers.get('access-control-allow-origin')).to.equal('*');
    expect(open.headers.has('access-control-allow-credentials')).to.equal(false);
    for (const path of [`/v1/payments/${id}/capture`, '/v1/refunds', '/v1/api_keys']) {
      const closed = await preflight(path);
      expect(closed.status).to.equal(405);
      expect(closed.headers.has('access-control-allow-origin')).to.equal(false);
    }
  });

  it('metrics are text that Prometheus reads, and name no one but accounts', async () => {
    const { text, headers, status } = await get('/metrics');
    expect(status).to.equal(200);
    expect(headers.get('content-type')).to.match(/^text\/plain; version=0\.0\.4/);
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const sample = /^[a-z_0-9]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (-?[0-9.e+-]+|NaN|\+Inf)$/;
    for (const line of samples) expect(line).to.match(sample);
    for (const name of [
      'pointsman_http_requests_total{method="POST",route="/v1/payments",status="201"} 1',
      'pointsman_http_request_seconds_bucket',
      'pointsman_processor_seconds_count',
      'pointsman_commit_batch_size_count',
      'pointsman_operations_in_flight 0',
    ]) {
      expect(text).to.contain(name);
    }
    expect(text).to.match(/pointsman_payment_operations_total\{[^}]*state="succeeded"[^}]*\} 1/);
    expect(text).not.to.match(/(pay|mer|cus|req|key|re|op|prof)_[0-9a-z]{26}/);
  });

  it('the documentation loads nothing from elsewhere', async () => {
    const page = await get('/docs');
    expect(page.status).to.equal(200);
    expect(page.headers.get('content-security-policy')).to.contain("default-src 'self'");
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(files).to.have.length.greaterThan(3);
    for (const file of files) {
      expect(file).to.match(/^\/docs\//);
      const answer = await get(file);
      expect(answer.status, file).to.equal(200);
      if (file.endsWith('-bundle.js')) continue; // holds names of standards; the policy binds it
      const elsewhere = answer.text.match(/(?:https?:)?\/\/[a-z][a-z0-9.-]+\.[a-z]{2,}/g) ?? [];
      expect(elsewhere.filter((url) => !url.endsWith('//www.w3.org'))).to.deep.equal([]);
    }
    expect((await get('/docs/errors')).text).to.contain('id="idempotency_key_reused"');
    expect((await get('/docs/../credentials.json')).status).to.equal(404);
    expect((await get('/docs/%2e%2e%2fcredentials.json')).status).to.equal(404);
  });
});

describeOnEachDatabase('stopping the switch', (database) => {
  it('answers what is in flight, takes nothing new, and forgets nothing', async () => {
    const place = await database.open();
    const app = await startTestSwitch(place);
    await fetch(`${app.simulatorUrl}/control/settings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ latency_ms: 400 }),
    });
    const inFlight = Array.from({ length: 5 }, () =>
      app.call('/v1/payments', { body: chargeBody() }),
    );
    // Under way, and not before: the stop must find them at the processor.
    while (!(await get(app, '/metrics')).includes('pointsman_operations_in_flight 5')) continue;
    const stopped = app.stop();
    const refused = await app.call('/v1/payments', { body: chargeBody() }).catch(() => undefined);
    expect(refused?.status).to.equal(undefined);
    const answers = await Promise.all(inFlight);
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(5).fill(201));
    await stopped;
  });

  const get = async (app: TestSwitch, path: string) => (await fetch(app.url + path)).text();

  it('a restart finds the same keys, payments and idempotency keys', async () => {
    const place = await database.open();
    const first = await startTestSwitch(place);
    const options = { body: chargeBody(), headers: { 'idempotency-key': 'across-restarts' } };
    const paid = await first.call('/v1/payments', options);
    await first.stop();
    const second = await startTestSwitch(place);
    try {
      const { base_url: _moved, simulator_url: _too, ...kept } = first.credentials;
      expect(second.credentials).to.include(kept);
      expect((await second.call(`/v1/payments/${paid.body['id']}`)).body).to.deep.equal(paid.body);
      const again = await second.call('/v1/payments', options);
      expect(again.text).to.equal(paid.text);
      expect((await simulatorLedger(second)).count).to.equal(0);
    } finally {
      await second.stop();
    }
  });
});

describeOnEachDatabase('a database that is gone', (database) => {
  it('makes the switch unready, not dead', async () => {
    const place = await database.open();
    const app = await startTestSwitch(place);
    try {
      await takeAway(app, place);
      expect((await app.call('/healthz')).status).to.equal(200);
      const ready = await app.call('/readyz');
      expect(ready.status).to.equal(503);
      expect(ready.body).to.deep.include({ status: 'not_ready' });
      expect(ready.body['checks']).to.include({ database: false });
      if (place.url === undefined) return;
      const refused = await app.call('/v1/payments', { body: chargeBody() });
      expect(refused.status, refused.text).to.equal(503);
      expect(refused.body['code']).to.equal('storage_unavailable');
      expect(refused.headers.get('retry-after')).to.equal('1');
      await allow(place.url, true);
      expect((await app.call('/readyz')).status).to.equal(200);
      expect((await app.call('/v1/payments', { body: chargeBody() })).status).to.equal(201);
    } finally {
      await app.stop();
    }
  });

  async function takeAway(app: TestSwitch, { url }: DatabasePlace): Promise<void> {
    if (url === undefined) await app.running.db.close();
    else await allow(url, false);
  }

  /** Lets connections to a Postgres database in, or none and cuts those that are open. */
  async function allow(url: string, letIn: boolean): Promise<void> {
    const name = new URL(url).pathname.slice(1);
    const client = new pg.Client({
      connectionString: String(process.env['POINTSMAN_TEST_POSTGRES']),
    });
    await client.connect();
    await client.query(`alter database ${name} with allow_connections ${String(letIn)}`);
    if (!letIn) {
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
        [name],
      );
    }
    await client.end();
  }
});
