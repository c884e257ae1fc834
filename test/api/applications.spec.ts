/**
 * What dialects with applications stand on: redirects of a profile, lists of one profile and of
 * several statuses, and payments whose hour is over.
 */
import { expect } from 'chai';
import { chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

const success_redirect_url = 'https://app.example.com/success?a=1';
const failure_redirect_url = 'http://localhost:3000/failed';

describeOnEachDatabase('A profile’s customers', (database) => {
  let app: TestSwitch;
  before(async () => {
    app = await startTestSwitch(await database.open());
  });
  after(() => closeBooks(app));

  const post = async (path: string, body: object, status = 201) => {
    const answer = await app.call(path, { body });
    expect(answer.status, answer.text).to.equal(status);
    return answer.body;
  };

  it('go where the profile says, which can be changed and taken back', async () => {
    const plain = await post('/v1/profiles', { name: 'Plain' });
    expect(plain).to.include({ success_redirect_url: null, failure_redirect_url: null });
    const urls = { success_redirect_url, failure_redirect_url };
    const profile = await post('/v1/profiles', { name: 'App', ...urls });
    expect(profile).to.include(urls);
    const path = `/v1/profiles/${profile['id']}`;
    const patch = { method: 'PATCH', body: { success_redirect_url: null } };
    expect((await app.call(path, patch)).body).to.include({ ...urls, success_redirect_url: null });
    expect((await app.call(path)).body).to.include({ name: 'App', failure_redirect_url });
    for (const url of [
      'app.example.com',
      'javascript:alert(1)',
      'https://a b',
      'https://a:99999/',
    ]) {
      const wrong = await post('/v1/profiles', { name: 'X', failure_redirect_url: url }, 400);
      expect(wrong['param'], url).to.equal('failure_redirect_url');
    }
  });

  it('belong to the default profile unless another one is named', async () => {
    const { body } = await app.call('/v1/profiles?is_default=true');
    expect(body['data']).to.have.length(1);
    const others = (await app.call('/v1/profiles?is_default=false')).body;
    expect(others['data']).to.have.length(2);
    const [{ id: profile_id }] = others['data'];
    const paid = await post('/v1/payments', chargeBody({ profile_id }));
    const open = await post('/v1/payments', { amount: 5000, currency: 'USD', profile_id });
    const elsewhere = await post('/v1/payments', chargeBody());
    const ids = async (query: string) =>
      (await app.call(`/v1/payments?${query}`)).body['data'].map(({ id }: { id: string }) => id);
    expect(await ids(`profile_id=${profile_id}`)).to.deep.equal([open['id'], paid['id']]);
    expect(await ids('statuses=captured,refunded')).to.deep.equal([elsewhere['id'], paid['id']]);
    const both = await ids(`profile_id=${profile_id}&statuses=created,captured`);
    expect(both).to.deep.equal([open['id'], paid['id']]);
    const odd = await app.call('/v1/payments?statuses=captured,paid');
    expect(odd.status).to.equal(400);
  });
});

describeOnEachDatabase('A payment whose hour is over', (database) => {
  it('has expired, also when it is called off before its job comes round', async () => {
    const app = await startTestSwitch(await database.open(), { jobs: false });
    const body = { amount: 5000, currency: 'USD' };
    const statuses = [];
    for (const leftMs of [1, 0]) {
      const { id } = (await app.call('/v1/payments', { body })).body;
      app.clock.advance(3_600_000 - leftMs);
      const path = `/v1/payments/${id}/cancel`;
      statuses.push((await app.call(path, { method: 'POST' })).body['status']);
    }
    expect(statuses).to.deep.equal(['cancelled', 'expired']);
    await closeBooks(app);
  });
});
