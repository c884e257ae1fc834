/** The 3-D Secure page, both ways. */
import { expect } from 'chai';
import { startProcessor, type Processor } from './server.ts';
import { chargeBody, SimulatorClient } from './spec-client.ts';

describe('card simulator: the 3-D Secure page', () => {
  let processor: Processor;
  let client: SimulatorClient;
  const returnUrl = 'http://shop.test/back?order=1';

  before(async () => {
    processor = await startProcessor();
    client = new SimulatorClient(processor.url);
  });
  after(() => processor.close());

  async function challenge(number: string, changes = {}) {
    const body = chargeBody({ return_url: returnUrl, ...changes }, number);
    const charge = (await client.post('/v1/charges', body)).body;
    expect(charge).to.include({ status: 'requires_action', amount_authorized: 0 });
    const { url } = charge.next_action;
    expect(url.startsWith(`${processor.url}/challenge/`)).to.equal(true);
    return { id: charge.id, path: new URL(url).pathname };
  }

  const chargeNow = async (id: string) => (await client.get(`/v1/charges/${id}`)).body;

  it('shows a form that needs no script and allows none', async () => {
    const { path } = await challenge('4000000000003220');
    const { status, headers, text } = await client.get(path);
    expect(status).to.equal(200);
    expect(headers.get('content-security-policy')).to.match(
      /^default-src 'none'; style-src 'sha256/,
    );
    expect(text).to.match(/<html lang="en">/);
    expect(text).to.match(/<button name="outcome" value="approve">/);
    expect(text).to.match(/<button name="outcome" value="fail">/);
    expect(text).not.to.match(/<script|4000000000003220/);
  });

  it('approving completes the charge and leads back; a second click changes nothing', async () => {
    const { id, path } = await challenge('4000002760003184');
    for (const outcome of ['approve', 'approve', 'fail']) {
      const { status, headers } = await client.send('POST', path, `outcome=${outcome}`);
      expect(status).to.equal(303);
      expect(headers.get('location')).to.equal(returnUrl);
      const charge = await chargeNow(id);
      expect(charge).to.include({ status: 'captured', authentication: 'challenged' });
      expect(charge.next_action).to.equal(null);
    }
    expect((await client.get(path)).text).to.contain('Already answered');
  });

  it('failing declines the charge', async () => {
    const { id, path } = await challenge('4242424242424242', { three_ds: 'challenge' });
    await client.send('POST', path, 'outcome=fail');
    const charge = await chargeNow(id);
    expect(charge).to.include({ status: 'declined', amount_authorized: 0 });
    expect(charge['decline']).to.include({ code: 'authentication_failed' });
  });

  it('a card may be declined after its holder approved', async () => {
    const { id, path } = await challenge('4000008400001629', { return_url: undefined });
    expect((await client.send('POST', path, 'outcome=approve')).status).to.equal(200);
    expect((await chargeNow(id))['decline']).to.include({ code: '05' });
  });

  it('the frictionless card is never challenged', async () => {
    const body = chargeBody({ three_ds: 'challenge' }, '4000000000003055');
    expect((await client.post('/v1/charges', body)).body).to.include({ status: 'captured' });
  });

  it('an unknown page is 404 and a wrong outcome 400', async () => {
    const { path } = await challenge('4000000000003220');
    expect((await client.get('/challenge/nothing')).status).to.equal(404);
    expect((await client.send('POST', '/challenge/nothing', 'outcome=fail')).status).to.equal(404);
    expect((await client.send('POST', path, 'outcome=maybe')).status).to.equal(400);
  });
});
