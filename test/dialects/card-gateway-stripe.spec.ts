/** The card gateway's clients on a Stripe account: the same words, whatever processor is behind. */
import { expect } from 'chai';
import type { Answer } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { stripeShop } from '../e2e/stripe-shop.ts';
import { card, order } from './card-gateway-shapes.ts';

describeOnEachDatabase('the card gateway with Stripe behind it', (database) => {
  const shop = stripeShop(database);

  before(async () => {
    const { app, account } = shop();
    const { body } = await app.call('/v1/accounts');
    for (const { id } of body['data'] as { id: string }[]) {
      if (id === account) continue;
      const turnedOff = { method: 'PATCH', body: { status: 'disabled' } };
      expect((await app.call(`/v1/accounts/${id}`, turnedOff)).status).to.equal(200);
    }
  });

  const ask = async (path: string, body: object, status = 200): Promise<Answer['body']> => {
    const { app } = shop();
    const headers = { 'x-api-key': app.credentials.secret_key };
    const answer = await app.call(`/card-gateway/api/v1${path}`, { key: null, headers, body });
    expect(answer.status, answer.text).to.equal(status);
    return answer.body;
  };

  it('authorizes, captures a part, gives it back, and voids another', async () => {
    const held = await ask('/payments/authorize', order);
    expect(held).to.include({ status: 'authorized', card_brand: 'visa', response_code: '00' });
    const done = await ask(`/payments/${held['id']}/capture`, { amount: 5000 });
    expect(done).to.include({ status: 'captured', captured_amount: 5000 });
    const [intent] = await shop().intents(held['id']);
    expect(intent).to.include({ amount_received: 5000, status: 'succeeded' });
    const back = { amount: 5000, reason: 'Product returned' };
    expect(await ask(`/payments/${held['id']}/refund`, back)).to.include({ status: 'refunded' });
    const other = await ask('/payments/authorize', order);
    expect((await ask(`/payments/${other['id']}/void`, {}))['status']).to.equal('voided');
    expect((await shop().intents(other['id']))[0]).to.include({ status: 'canceled' });
  });

  it('has the issuer’s two characters for what Stripe says in words', async () => {
    const codes = {
      '4000000000000002': '05',
      '4000000000009995': '51',
      '4000000000000069': '54',
      '4000000000000127': 'N7',
      '4000000000000119': '96',
    };
    for (const [number, code] of Object.entries(codes)) {
      const body = { ...order, card: { ...card, number } };
      expect((await ask('/payments/sale', body, 402))['response_code'], number).to.equal(code);
    }
  });
});
