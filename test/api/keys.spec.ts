/** API keys: shown once, kept as digests, and every change of one holds from its answer on. */
import { expect } from 'chai';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { allRows } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('API keys', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open());
  });
  after(async () => {
    expect(app?.complaints ?? []).to.deep.equal([]);
    await app?.stop();
  });

  async function newKey(more = {}) {
    const body = { kind: 'secret', name: 'Till', ...more };
    const answer = await app.call('/v1/api_keys', { body });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body;
  }
  const works = async (key: string) => (await app.call('/v1/payments', { key })).status;

  it('a revoked key is refused from the answer on, and stays revoked', async () => {
    const { id, key } = await newKey();
    expect(await works(key)).to.equal(200);
    const revoked = await app.call(`/v1/api_keys/${id}/revoke`, { method: 'POST' });
    expect(revoked.body['revoked_at']).to.equal('2026-11-21T10:00:00.000Z');
    expect(await works(key)).to.equal(401);
    const again = await app.call(`/v1/api_keys/${id}/revoke`, { method: 'POST' });
    expect(again.text).to.equal(revoked.text);
    await app.call(`/v1/api_keys/${id}`, { method: 'PATCH', body: { expires_at: null } });
    expect(await works(key)).to.equal(401);
  });

  it('a key may revoke itself, and its own next request fails', async () => {
    const { id, key } = await newKey();
    const revoked = await app.call(`/v1/api_keys/${id}/revoke`, { method: 'POST', key });
    expect(revoked.status).to.equal(200);
    expect(await works(key)).to.equal(401);
  });

  it('a key ends to the millisecond when its time has come', async () => {
    const { key } = await newKey({ expires_at: '2026-11-21T11:00:00.500Z' });
    app.clock.advance(3_600_499);
    expect(await works(key)).to.equal(200);
    app.clock.advance(1);
    expect(await works(key)).to.equal(401);
  });

  it('an end that is moved holds at once, in both directions', async () => {
    const { id, key } = await newKey();
    const path = `/v1/api_keys/${id}`;
    const end = (expires_at: string | null) =>
      app.call(path, { method: 'PATCH', body: { expires_at } });
    expect((await end('2026-11-21T10:00:00Z')).status).to.equal(200);
    expect(await works(key)).to.equal(401);
    expect((await end(null)).body['expires_at']).to.equal(null);
    expect(await works(key)).to.equal(200);
  });

  it('a new name is shown at once and changes nothing else', async () => {
    const { id, key: _shownOnce, ...before } = await newKey();
    const renamed = await app.call(`/v1/api_keys/${id}`, {
      method: 'PATCH',
      body: { name: 'Web' },
    });
    expect(renamed.body).to.deep.equal({ ...before, id, name: 'Web' });
    expect((await app.call(`/v1/api_keys/${id}`)).body).to.deep.equal(renamed.body);
  });

  it('is shown once: no list, no reading and no row has it', async () => {
    const { id, key, hint } = await newKey();
    expect(key).to.match(/^sk_sandbox_[0-9A-Za-z]{38}$/);
    expect(hint).to.have.length.below(20);
    const seen = [
      (await app.call(`/v1/api_keys/${id}`)).text,
      (await app.call('/v1/api_keys?limit=100')).text,
      JSON.stringify(await allRows(app.running.db)),
      app.lines.join('\n'),
    ].join('\n');
    const { secret_key, public_key, admin_key } = app.credentials;
    for (const secret of [key, secret_key, public_key, admin_key]) {
      expect(seen.includes(secret.slice(11, -6))).to.equal(false);
    }
  });

  it('a wrong check digit, another scheme and a truncated key are all just refused', async () => {
    const { secret_key: key } = app.credentials;
    for (const wrong of [
      key.slice(0, -1),
      `${key}0`,
      key.toUpperCase(),
      key.replace('sk_', 'pk_'),
    ]) {
      expect(await works(wrong)).to.equal(401);
    }
    for (const [scheme, status] of [
      ['Basic', 401],
      ['bearer', 200],
      ['BEARER', 200],
    ] as const) {
      const answer = await fetch(`${app.url}/v1/payments`, {
        headers: { authorization: `${scheme} ${key}` },
      });
      expect(answer.status, scheme).to.equal(status);
    }
  });

  it('a key hands on no more than it has', async () => {
    const few = await newKey({ scopes: ['keys:write', 'payments:read'] });
    const give = (body: object) =>
      app.call('/v1/api_keys', { key: few['key'], body: { kind: 'secret', name: 'x', ...body } });
    expect((await give({ scopes: ['payments:read'] })).status).to.equal(201);
    for (const scopes of [undefined, ['refunds:write']]) {
      const refused = await give({ scopes });
      expect(refused.status).to.equal(403);
      expect(refused.body).to.include({ code: 'forbidden', param: 'scopes' });
    }
  });
});
