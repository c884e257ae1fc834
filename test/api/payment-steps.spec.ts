/** Payments that need more than one step: the bank's question, a reviewer's word, another card. */
import { expect } from 'chai';
import { card, chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { answerChallenge } from '../support/customer-browser.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('payments in several steps', (database) => {
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch(await database.open());
  });
  after(() => closeBooks(app));

  const pay = (number: string, more = {}) =>
    app.call('/v1/payments', { body: chargeBody({ payment_method: card(number), ...more }) });
  const present = async (id: string) => (await app.call(`/v1/payments/${id}`)).body;

  describe('3-D Secure', () => {
    const shop = 'https://shop.example/thanks?basket=7';

    /** The payment after its customer answered the bank and came back. */
    async function challenged(number: string, outcome: 'approve' | 'fail', more = {}) {
      const answer = await pay(number, { return_url: shop, ...more });
      expect(answer.status, answer.text).to.equal(201);
      expect(answer.body).to.include({ status: 'requires_action', amount_authorized: 0 });
      const { type, url } = answer.body['next_action'];
      expect(type).to.equal('redirect');
      const back = await answerChallenge(url, outcome);
      expect(back.startsWith(`${app.url}/return/`), back).to.equal(true);
      const landed = await fetch(back, { redirect: 'manual' });
      expect(landed.status).to.equal(303);
      return {
        payment: await present(answer.body['id']),
        target: new URL(landed.headers.get('location') ?? ''),
      };
    }

    it('an approved challenge pays and leads back to the shop', async () => {
      const { payment, target } = await challenged('4000000000003220', 'approve');
      expect(payment).to.include({ status: 'captured', amount_captured: 10_000 });
      expect(payment['next_action']).to.equal(null);
      expect(payment['verification']).to.include({ authentication: 'challenged' });
      expect(target.origin + target.pathname).to.equal('https://shop.example/thanks');
      expect(Object.fromEntries(target.searchParams)).to.deep.equal({
        basket: '7',
        payment: payment['id'],
        status: 'captured',
      });
    });

    it('an approved challenge authorizes where capture is manual', async () => {
      const { payment } = await challenged('4000002760003184', 'approve', {
        capture_method: 'manual',
      });
      expect(payment).to.include({ status: 'authorized', amount_capturable: 10_000 });
    });

    it('a failed challenge moves nothing', async () => {
      const { payment, target } = await challenged('4000000000003220', 'fail');
      expect(payment).to.include({ status: 'failed', amount_authorized: 0 });
      expect(payment['last_error']).to.include({
        code: 'declined',
        decline_code: 'authentication_failed',
      });
      expect(target.searchParams.get('status')).to.equal('failed');
    });

    it('a card may be declined after its holder approved', async () => {
      const { payment } = await challenged('4000008400001629', 'approve');
      expect(payment).to.include({ status: 'failed' });
      expect(payment['last_error']).to.include({ processor_code: '05' });
    });

    it('without a return_url the customer sees a page, and nothing of the payment’s ids', async () => {
      const { body } = await pay('4000000000003220');
      const back = await answerChallenge(body['next_action'].url, 'approve');
      const landed = await fetch(back, { redirect: 'manual' });
      expect(landed.status).to.equal(200);
      expect(await landed.text()).to.contain('The payment is captured');
      const forged = back.replace(/[0-9a-f]{32}$/, '0'.repeat(32));
      expect(forged).not.to.equal(back);
      expect((await fetch(forged, { redirect: 'manual' })).status).to.equal(404);
    });

    it('a card may pass without a challenge, or be challenged on request', async () => {
      const smooth = await pay('4000000000003055');
      expect(smooth.body).to.include({ status: 'captured' });
      expect(smooth.body['verification']).to.include({ authentication: 'frictionless' });
      const asked = await pay('4242424242424242', { authentication_type: 'three_ds' });
      expect(asked.body).to.include({ status: 'requires_action' });
    });
  });

  describe('review', () => {
    const held = async (more = {}) => {
      const { status, body } = await pay('4000000000009235', more);
      expect(status).to.equal(201);
      expect(body).to.include({ status: 'in_review', amount_authorized: 0 });
      return String(body['id']);
    };

    it('approving lets the payment go on as it was asked for', async () => {
      const paid = await held();
      const approved = await app.call(`/v1/payments/${paid}/approve`, { body: {} });
      expect(approved.status, approved.text).to.equal(200);
      expect(approved.body).to.include({ status: 'captured', amount_captured: 10_000 });
      const hold = await held({ capture_method: 'manual' });
      const open = await app.call(`/v1/payments/${hold}/approve`, { body: {} });
      expect(open.body).to.include({ status: 'authorized', amount_captured: 0 });
      const again = await app.call(`/v1/payments/${hold}/approve`, { body: {} });
      expect(again.body).to.include({ code: 'payment_state', status: 409 });
    });

    it('rejecting ends it, with the reason', async () => {
      const id = await held();
      const rejected = await app.call(`/v1/payments/${id}/reject`, { body: { reason: 'odd' } });
      expect(rejected.status, rejected.text).to.equal(200);
      expect(rejected.body).to.include({ status: 'cancelled', cancellation_reason: 'odd' });
      expect((await app.call(`/v1/payments/${id}/reject`, { body: {} })).status).to.equal(409);
    });
  });

  describe('declines', () => {
    const codes: readonly (readonly [string, string, string])[] = [
      ['4000000000000002', '05', 'do_not_honor'],
      ['4000000000009995', '51', 'insufficient_funds'],
      ['4000000000000069', '54', 'expired_card'],
      ['4000000000000127', 'N7', 'incorrect_cvc'],
      ['4000000000000119', '96', 'processing_error'],
      ['4000000000000259', 'fraud', 'fraud_suspected'],
    ];
    for (const [number, processorCode, declineCode] of codes) {
      it(`the card for ${processorCode} answers 402 ${declineCode} with the payment inside`, async () => {
        const { status, body, headers } = await pay(number);
        expect(status).to.equal(402);
        expect(headers.get('content-type')).to.match(/^application\/problem\+json/);
        expect(body).to.include({
          code: 'payment_declined',
          processor_code: processorCode,
          decline_code: declineCode,
          status: 402,
          request_id: headers.get('x-request-id'),
        });
        const { payment } = body;
        expect(payment).to.include({ status: 'failed', amount_authorized: 0, attempts: 1 });
        expect(payment.last_error).to.include({
          code: 'declined',
          processor_code: processorCode,
          operation: 'authorize',
        });
        const { client_secret: _shownToTheBuyer, ...stored } = payment;
        const { client_secret: _again, ...read } = await present(payment.id);
        expect(read).to.deep.equal(stored);
      });
    }

    it('a declined payment may be paid with another card', async () => {
      const { body } = await pay('4000000000009995');
      const path = `/v1/payments/${body['payment'].id}/confirm`;
      const answer = await app.call(path, {
        body: { payment_method: card('378282246310005', { cvc: '1234' }) },
      });
      expect(answer.status, answer.text).to.equal(200);
      expect(answer.body).to.include({ status: 'captured', attempts: 2, last_error: null });
      expect(answer.body['payment_method']).to.include({ brand: 'amex', last4: '0005' });
    });

    it('five cards may be tried and no sixth', async () => {
      const { body } = await app.call('/v1/payments', { body: { amount: 100, currency: 'USD' } });
      const path = `/v1/payments/${body['id']}/confirm`;
      const bad = { payment_method: card('4000000000000002') };
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        const declined = await app.call(path, { body: bad });
        expect(declined.status).to.equal(402);
        expect(declined.body['payment'].attempts).to.equal(attempt);
      }
      const sixth = await app.call(path, { body: { payment_method: card('4242424242424242') } });
      expect(sixth.status).to.equal(409);
      expect(sixth.body['code']).to.equal('attempts_exhausted');
      expect(await present(String(body['id']))).to.include({ status: 'failed', attempts: 5 });
    });
  });

  describe('a browser with a public key', () => {
    it('confirms with the client secret and sees nothing of the merchant’s own', async () => {
      const key = app.credentials.public_key;
      const { body } = await app.call('/v1/payments', {
        body: { amount: 100, currency: 'USD', reference: 'secret-order', metadata: { margin: 40 } },
      });
      const path = `/v1/payments/${body['id']}`;
      const payment_method = card('4242424242424242');
      const client_secret = body['client_secret'];
      for (const wrong of [undefined, 'x', `${client_secret}x`, client_secret.toUpperCase()]) {
        const refused = await app.call(`${path}/confirm`, {
          key,
          body: { payment_method, client_secret: wrong },
        });
        expect(refused.status).to.equal(401);
        expect(refused.body).to.include({ code: 'client_secret_invalid', param: 'client_secret' });
      }
      expect((await app.call(path, { key })).status).to.equal(401);
      const paid = await app.call(`${path}/confirm`, {
        key,
        body: { payment_method, client_secret },
      });
      expect(paid.status, paid.text).to.equal(200);
      expect(paid.body).to.include({ status: 'captured' });
      for (const kept of ['metadata', 'reference', 'account', 'merchant_id', 'verification']) {
        expect(paid.body).not.to.have.property(kept);
      }
      expect(paid.body['payment_method']).not.to.have.property('fingerprint');
      const seen = await app.call(`${path}?client_secret=${client_secret}`, { key });
      expect(seen.body).to.deep.equal(paid.body);
    });
  });
});
