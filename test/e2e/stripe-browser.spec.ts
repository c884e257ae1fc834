/**
 * Stripe and the customer's browser: 3-D Secure, payments confirmed by Stripe's own script, and
 * methods that are kept for later.
 */
import { expect } from 'chai';
import { describeOnEachDatabase } from '../support/databases.ts';
import { eventually } from './place.ts';
import { everyRow } from './rows.ts';
import { stripeShop, token } from './stripe-shop.ts';

/** What the customer does at his bank; answers where that page sends him. */
async function answerChallenge(url: string, answer: 'passed' | 'failed'): Promise<string> {
  expect(await (await fetch(url)).text()).to.contain(`id="${answer}"`);
  const form = new URLSearchParams({ answer });
  const { headers, status } = await fetch(url, { method: 'POST', body: form, redirect: 'manual' });
  expect(status).to.equal(303);
  return headers.get('location') ?? '';
}

describeOnEachDatabase('Stripe and the customer’s browser', (database) => {
  const shop = stripeShop(database);

  const setup = async (id: string) => (await shop().app.call(`/v1/setups/${id}`)).body;
  const methodsOf = async (customer: string) =>
    (await shop().app.call(`/v1/payment_methods?customer_id=${customer}`)).body['data'];

  describe('3-D Secure', () => {
    it('sends the customer to his bank, who comes back having paid', async () => {
      const waiting = await shop().pay(token('threeDSecure2Required'));
      expect(waiting).to.include({ status: 'requires_action', amount_captured: 0 });
      expect(waiting['next_action']).to.include({ type: 'redirect' });
      const back = await answerChallenge(waiting['next_action']['url'], 'passed');
      const home = await fetch(back, { redirect: 'manual' });
      expect(home.headers.get('location')).to.match(/^https:\/\/shop\.example\/back\?/);
      const paid = await shop().becomes(waiting['id'], 'captured');
      expect(paid).to.include({ amount_captured: 2_500, next_action: null });
      expect(paid['verification']).to.include({ authentication: 'challenged' });
    });

    it('holds after the challenge when the capture is manual', async () => {
      const more = { capture_method: 'manual' };
      const waiting = await shop().pay(token('threeDSecure2Required'), more);
      await answerChallenge(waiting['next_action']['url'], 'passed');
      const held = await shop().becomes(waiting['id'], 'authorized');
      expect(held).to.include({ amount_capturable: 2_500 });
    });

    it('a challenge that fails is a declined payment', async () => {
      const waiting = await shop().pay(token('threeDSecure2Required'));
      await answerChallenge(waiting['next_action']['url'], 'failed');
      const failed = await shop().becomes(waiting['id'], 'failed');
      expect(failed['last_error']).to.include({
        code: 'declined',
        decline_code: 'authentication_failed',
      });
    });

    it('a bank may decline after the challenge was passed', async () => {
      const waiting = await shop().pay(token('threeDSecureRequiredChargeDeclined'));
      await answerChallenge(waiting['next_action']['url'], 'passed');
      const failed = await shop().becomes(waiting['id'], 'failed');
      expect(failed['last_error']).to.include({ processor_code: 'generic_decline' });
    });

    it('is asked for by the shop', async () => {
      const more = { authentication_type: 'three_ds' };
      const asked = await shop().pay(token('threeDSecureOptional'), more);
      expect(asked['status']).to.equal('requires_action');
      const unasked = await shop().pay(token('threeDSecureOptional'));
      expect(unasked['status']).to.equal('captured');
    });

    it('a challenge nobody answers is withdrawn at Stripe when the payment is cancelled', async () => {
      const waiting = await shop().pay(token('threeDSecure2Required'));
      const cancelled = await shop().post(`/v1/payments/${waiting['id']}/cancel`, {}, 200);
      expect(cancelled['status']).to.equal('cancelled');
      const [intent] = await shop().intents(waiting['id']);
      expect(intent).to.include({ status: 'canceled' });
    });
  });

  describe('confirmation by Stripe’s script', () => {
    it('gives the browser what it needs, and the webhook completes the payment', async () => {
      const waiting = await shop().pay({ type: 'hosted' });
      expect(waiting['status']).to.equal('requires_action');
      const action = waiting['next_action'];
      expect(action).to.include({
        type: 'confirm_in_browser',
        processor: 'stripe',
        publishable_key: 'pk_test_shop',
        reference: await shop().intentOf(waiting['id']),
      });
      expect(await shop().confirmInBrowser(action)).to.include({ status: 'succeeded' });
      const paid = await shop().becomes(waiting['id'], 'captured');
      expect(paid).to.include({ amount_captured: 2_500, next_action: null });
      expect(paid['payment_method']).to.include({ type: 'card', last4: '4242', via: 'hosted' });
    });

    it('a declined try leaves the payment open for another', async () => {
      const waiting = await shop().pay({ type: 'hosted' });
      const action = waiting['next_action'];
      const tried = await shop().confirmInBrowser(action, 'pm_card_chargeDeclined');
      expect(tried['error']).to.include({ code: 'card_declined' });
      const open = await eventually(
        () => shop().payment(waiting['id']),
        (found) => found['last_error'] !== null,
      );
      expect(open).to.include({ status: 'requires_action' });
      await shop().confirmInBrowser(action);
      await shop().becomes(waiting['id'], 'captured');
    });

    it('shows Stripe’s client secret to those who may pay, and to nobody else', async () => {
      const { app } = shop();
      const waiting = await shop().pay({ type: 'hosted' });
      const { client_secret: secret } = waiting['next_action'];
      expect(secret).to.match(/^pi_\w+_secret_\w+$/);
      const browser = await app.call(
        `/v1/payments/${waiting['id']}?client_secret=${waiting['client_secret']}`,
        { key: app.credentials.public_key },
      );
      expect(browser.body['next_action']).to.include({ client_secret: secret });
      await shop().confirmInBrowser(waiting['next_action']);
      await shop().becomes(waiting['id'], 'captured');
      const looks = [
        '/v1/payments',
        `/v1/payments/${waiting['id']}`,
        '/v1/events?limit=100',
      ].concat(`/v1/payments/${waiting['id']}/operations`, '/v1/incoming_webhooks');
      for (const path of looks) {
        const { status, text } = await app.call(path);
        expect([path, status]).to.deep.equal([path, 200]);
        expect(text, path).not.to.contain(secret);
      }
      expect(app.lines.join('\n')).not.to.contain(secret);
      const rows = await everyRow(app.running.db);
      expect(rows).to.contain(waiting['id']);
      expect(rows).not.to.contain(secret);
    });
  });

  describe('methods kept for later', () => {
    it('a payment keeps its method, which is charged again without the customer', async () => {
      const customer_id = await shop().customer();
      const more = { customer_id, setup_future_usage: 'off_session' };
      await shop().pay(token('visa'), more);
      const [kept] = await methodsOf(customer_id);
      expect(kept).to.include({ kind: 'processor', usage: 'off_session' });
      expect(kept['details']).to.include({ brand: 'visa', last4: '4242' });
      const saved = { type: 'saved', id: kept.id };
      const again = await shop().pay(saved, { customer_id, off_session: true, amount: 900 });
      expect(again).to.include({ status: 'captured', amount_captured: 900 });
      expect(again['payment_method']).to.include({ id: kept.id, last4: '4242' });
    });

    it('a bank that wants to see the customer declines a charge without him', async () => {
      const customer_id = await shop().customer();
      const more = { customer_id, setup_future_usage: 'off_session' };
      const waiting = await shop().pay(token('authenticationRequired'), more);
      await answerChallenge(waiting['next_action']['url'], 'passed');
      await shop().becomes(waiting['id'], 'captured');
      const [kept] = await methodsOf(customer_id);
      const alone = { customer_id, off_session: true };
      const declined = await shop().pay({ type: 'saved', id: kept.id }, alone, 402);
      expect(declined).to.include({
        code: 'authentication_required',
        decline_code: 'authentication_required',
      });
      expect(declined['payment']['status']).to.equal('failed');
    });

    it('a token becomes a method without a payment', async () => {
      const customer_id = await shop().customer();
      const body = {
        customer_id,
        account: shop().account,
        payment_method: token('mastercard'),
        return_url: 'https://shop.example/back',
      };
      const made = await shop().post('/v1/setups', body, 201);
      expect(made['status']).to.equal('succeeded');
      const saved = { type: 'saved', id: made['payment_method'] };
      const paid = await shop().pay(saved, { customer_id, off_session: true });
      expect(paid).to.include({ status: 'captured' });
      expect(paid['payment_method']).to.include({ brand: 'mastercard' });
    });

    it('a card that needs its holder once is set up in the browser', async () => {
      const customer_id = await shop().customer();
      const body = {
        customer_id,
        account: shop().account,
        payment_method: { type: 'hosted' },
        return_url: 'https://shop.example/back',
      };
      const waiting = await shop().post('/v1/setups', body, 201);
      expect(waiting['status']).to.equal('requires_action');
      const action = waiting['next_action'];
      const asked = await shop().confirmInBrowser(action, 'pm_card_authenticationRequiredOnSetup');
      expect(asked['status']).to.equal('requires_action');
      shop().dashboard.answerChallenge(action['reference'], 'passed');
      const done = await eventually(
        () => setup(waiting['id']),
        (found) => found['status'] === 'succeeded',
      );
      expect(done['next_action']).to.equal(null);
      const saved = { type: 'saved', id: done['payment_method'] };
      const paid = await shop().pay(saved, { customer_id, off_session: true });
      expect(paid['status']).to.equal('captured');
    });

    it('a method that was forgotten is forgotten at Stripe', async () => {
      const customer_id = await shop().customer();
      await shop().pay(token('visa'), { customer_id, setup_future_usage: 'on_session' });
      const [kept] = await methodsOf(customer_id);
      const path = `/v1/payment_methods/${kept.id}`;
      expect((await shop().app.call(path, { method: 'DELETE' })).status).to.equal(200);
      expect(await methodsOf(customer_id)).to.deep.equal([]);
      const [attached] = shop().dashboard.all('payment_method').slice(-1);
      expect(attached?.customer).to.equal(null);
    });
  });
});
