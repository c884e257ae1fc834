/** What a charge request is answered with: every test card, and every bad field. */
import { expect } from 'chai';
import { testCards } from './cards.ts';
import { startProcessor, type Processor } from './server.ts';
import { chargeBody, SimulatorClient } from './spec-client.ts';

describe('card simulator: charge requests', () => {
  let processor: Processor;
  let client: SimulatorClient;

  before(async () => {
    processor = await startProcessor();
    client = new SimulatorClient(processor.url);
  });
  after(() => processor.close());

  const authorize = async (changes = {}, number?: string) =>
    (await client.post('/v1/charges', chargeBody({ capture: false, ...changes }, number))).body;

  describe('test cards', () => {
    for (const { number, behaviour, code, brand, description } of testCards) {
      it(`${number} behaves as the table says: ${description}`, async () => {
        const { status, body } = await client.post('/v1/charges', chargeBody({}, number));
        const expected = {
          approve: 'captured',
          frictionless: 'captured',
          decline: 'declined',
          challenge: 'requires_action',
          challenge_then_decline: 'requires_action',
          hold: 'held',
        }[behaviour];
        expect(body).to.include({ object: 'charge', status: expected, replayed: false });
        expect(status).to.equal(expected === 'declined' ? 402 : 200);
        expect(body.card).to.include({ brand, first6: number.slice(0, 6) });
        if (expected === 'declined') expect(body.decline).to.include({ code });
        if (code === 'fraud') expect(body.decline).to.include({ score: 85 });
        if (code === 'N7') expect(body.cvc_check).to.equal('N');
        if (behaviour === 'frictionless') expect(body.authentication).to.equal('frictionless');
      });
    }

    it('a number the table does not have is approved', async () => {
      expect(await authorize({}, '4111111111111111')).to.include({ status: 'authorized' });
    });

    it('a wrong check digit and a past date are declined as an issuer would', async () => {
      expect((await authorize({}, '4242424242424241')).decline).to.include({ code: '14' });
      const card = { number: '4242424242424242', exp_month: 1, exp_year: 2020, cvc: '123' };
      expect((await authorize({ card })).decline).to.include({ code: '54' });
    });
  });

  describe('bad requests', () => {
    it('a missing or foreign key is 401 in JSON', async () => {
      for (const key of [undefined, 'sk_live_1', 'sim_']) {
        const stranger = new SimulatorClient(processor.url, key ?? '');
        const { status, body } = await stranger.get('/v1/charges');
        expect(status).to.equal(401);
        expect(body.error).to.include({ code: 'unauthorized' });
      }
    });

    const bad: [string, Record<string, unknown>, string][] = [
      ['a fraction', { amount: 1.5 }, 'amount'],
      ['zero', { amount: 0 }, 'amount'],
      ['text for money', { amount: '100' }, 'amount'],
      ['a currency in lower case', { currency: 'usd' }, 'currency'],
      ['no card', { card: undefined }, 'card'],
      ['a card number with spaces', { card: { number: '4242 4242' } }, 'number'],
      ['a reference with spaces', { reference: 'a b' }, 'reference'],
      ['a script as return_url', { return_url: 'javascript:alert(1)' }, 'return_url'],
      ['an unknown fault', { metadata: { simulate: 'earthquake' } }, 'fault'],
    ];
    for (const [what, changes, param] of bad) {
      it(`${what} is refused and names the field`, async () => {
        const { status, body } = await client.post('/v1/charges', chargeBody(changes));
        expect(status).to.equal(400);
        expect(body.error).to.include({ code: 'invalid_request', param });
      });
    }

    it('bodies that are no JSON object, too large, on wrong paths or methods', async () => {
      expect((await client.send('POST', '/v1/charges', '{"a":')).status).to.equal(400);
      expect((await client.send('POST', '/v1/charges', '[]')).status).to.equal(400);
      expect((await client.send('POST', '/v1/charges', ' '.repeat(70_000))).status).to.equal(413);
      expect((await client.get('/v1/nothing')).status).to.equal(404);
      expect((await client.send('DELETE', '/v1/charges')).status).to.equal(405);
      expect((await client.post('/v1/charges/ch_1/refunds', {})).status).to.equal(400);
    });
  });
});
