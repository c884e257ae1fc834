/** The connector's journeys at a stateful stand-in for Stripe (test/fakes/stripe). */
import { expect } from 'chai';
import { Fault, Secret, type Authorize, type Context, type HttpPort, type Sync } from '#sdk';
import { startFakeStripe, type Dashboard, type FakeStripe } from '../../test/fakes/stripe/index.ts';
import { stripe } from './index.ts';
import type { StripeRef, StripeSettings } from './settings.ts';
import { cardMethod, command, faultOf, nowMs, usd } from './spec-context.ts';

const { operations, setups, customers, disputes, endpoint, webhook } = stripe;
const { capture, refund, inspect, void: release } = operations;
if (!capture || !refund || !inspect || !release || !setups || !customers || !disputes) {
  throw new Error('the connector does all of it');
}
if (!endpoint || !webhook) throw new Error('the connector takes news');

/** The smallest port there can be: what breaks is `broken`, every status is an answer. */
const fetchPort: HttpPort = {
  async send({ method, url, headers, body }) {
    try {
      const response = await fetch(url, { method, ...(headers && { headers }), body });
      const text = await response.text();
      return { status: response.status, headers: Object.fromEntries(response.headers), text };
    } catch (cause) {
      throw new Fault('broken', String(cause));
    }
  },
};

let made = 0;
const newId = () => `op_${(made += 1)}`;
const token = (name: string) => ({ type: 'token', token: new Secret(name) }) as const;
const card = (number: string) => ({ ...cardMethod, number: new Secret(number) });

describe('stripe: journeys at the stand-in', () => {
  let fake: FakeStripe;
  let dashboard: Dashboard;
  let context: Context<StripeSettings>;

  before(async () => {
    fake = await startFakeStripe({ now: () => new Date(nowMs) });
    dashboard = fake.dashboard('sk_test_shop');
    context = {
      settings: {
        secret_key: 'sk_test_shop',
        publishable_key: 'pk_test_shop',
        base_url: fake.url,
      },
      mode: 'sandbox',
      http: fetchPort,
      webhookUrl: 'https://switch.test/webhooks/acc_1',
      webhookSecret: undefined,
      now: () => nowMs,
    };
  });

  after(async () => {
    expect(fake.violations(), 'what Stripe would not take').to.deep.equal([]);
    expect(fake.mistakes).to.deep.equal([]);
    await fake.close();
  });

  const pay = (changes: Partial<Authorize> = {}) => {
    const asked = command({ operationId: newId(), method: token('pm_card_visa'), ...changes });
    return { asked, outcome: operations.authorize(context, asked) };
  };
  const refOf = async (
    work: Promise<{ readonly ref?: StripeRef }>,
  ): Promise<Required<Pick<StripeRef, 'intent'>>> => {
    const { ref } = await work;
    if (ref?.intent === undefined) throw new Error('no intent');
    return { intent: ref.intent };
  };
  const ask = (changes: Partial<Sync<StripeRef>>) =>
    operations.sync(context, {
      operationId: 'op_none',
      kind: 'authorize',
      amount: usd(10_000),
      ref: undefined,
      of: undefined,
      method: 'token',
      capture: 'manual',
      begunAtMs: nowMs,
      ...changes,
    });
  const look = (of: StripeRef) =>
    inspect(context, { operationId: 'op_0', of, amount: usd(10_000) });

  it('a hold is captured in part and refunded in part, and every question finds it so', async () => {
    const { asked, outcome } = pay();
    const of = await refOf(outcome);
    expect(await ask({ operationId: asked.operationId })).to.deep.equal(await outcome);
    const capturing = { operationId: newId(), amount: usd(6000), of, final: true };
    expect(await ask({ ...capturing, kind: 'capture' })).to.equal('not_found');
    const captured = await capture(context, capturing);
    expect(captured).to.include({ status: 'succeeded' });
    expect(await ask({ ...capturing, kind: 'capture' })).to.deep.equal(captured);
    const refunding = { operationId: newId(), amount: usd(1000), of, reason: 'came back' };
    const refunded = await refund(context, refunding);
    expect(refunded).to.include({ status: 'succeeded' });
    expect(await ask({ ...refunding, kind: 'refund' })).to.deep.equal(refunded);
    const { authorized, captured: taken, refunds, released } = await look(of);
    expect({ authorized, taken, released }).to.deep.equal({
      authorized: usd(10_000),
      taken: usd(6000),
      released: 'captured',
    });
    expect(refunds.map((it) => [it.operationId, it.amount.amount])).to.deep.equal([
      [refunding.operationId, 1000],
    ]);
  });

  it('a lost answer is found by our own id, and a repeat does nothing twice', async () => {
    fake.faults.next(
      1,
      { method: 'POST', path: '/payment_intents' },
      { kind: 'close', acted: true },
    );
    const { asked, outcome } = pay();
    expect(await faultOf(outcome)).to.equal('broken');
    const of = await refOf(ask({ operationId: asked.operationId }) as Promise<{ ref: StripeRef }>);
    expect(await refOf(operations.authorize(context, asked))).to.deep.equal(of);

    fake.faults.next(1, { path: '/capture' }, { kind: 'cut' });
    const capturing = { operationId: newId(), amount: usd(10_000), of, final: true };
    expect(await faultOf(capture(context, capturing))).to.not.equal('none');
    expect(await ask({ ...capturing, kind: 'capture' })).to.include({ status: 'succeeded' });

    fake.faults.next(1, { path: '/refunds' }, { kind: 'status', status: 500, acted: true });
    const refunding = { operationId: newId(), amount: usd(1000), of, reason: undefined };
    expect(await faultOf(refund(context, refunding))).to.equal('broken');
    expect(await ask({ ...refunding, kind: 'refund' })).to.include({ status: 'succeeded' });
    expect((await look(of)).refunds).to.have.length(1);
  });

  it('a challenge is passed or failed', async () => {
    for (const [answer, status] of [
      ['passed', 'succeeded'],
      ['failed', 'declined'],
    ] as const) {
      const { asked, outcome } = pay({ method: card('4000002760003184') });
      expect(await outcome).to.have.nested.property('nextAction.type', 'redirect');
      const ref = await refOf(outcome);
      dashboard.answerChallenge(ref.intent, answer);
      const found = await ask({ operationId: asked.operationId, ref, method: 'card' });
      expect(found).to.include({ status });
      if (status === 'declined') expect(found).to.include({ code: 'authentication_failed' });
    }
  });

  it('a challenge that nobody answers is called off', async () => {
    const { asked, outcome } = pay({ method: card('4000002760003184') });
    const of = await refOf(outcome);
    const because = { because: 'cancelled', reason: undefined } as const;
    const voiding = { operationId: newId(), amount: usd(10_000), of, ...because };
    expect(await release(context, voiding)).to.include({ status: 'succeeded' });
    expect(await ask({ ...voiding, kind: 'void' })).to.include({ status: 'succeeded' });
    expect(await ask({ operationId: asked.operationId, ref: of })).to.include({
      code: 'withdrawn',
    });
  });

  it('a hosted customer is declined, tries again and pays', async () => {
    const { asked, outcome } = pay({ method: { type: 'hosted' }, capture: 'automatic' });
    const pending = await outcome;
    const action = pending.status === 'pending' ? pending.nextAction : undefined;
    if (action?.type !== 'confirm_in_browser') throw new Error('not for a browser');
    const confirm = (payment_method: string) =>
      fetch(`${fake.url}/v1/payment_intents/${action.reference}/confirm`, {
        method: 'POST',
        body: new URLSearchParams({
          key: action.publishable_key,
          client_secret: action.client_secret.reveal(),
          payment_method,
          return_url: 'https://shop.test/',
        }),
      });
    const question = {
      operationId: asked.operationId,
      method: 'hosted',
      capture: 'automatic',
    } as const;
    await confirm('pm_card_chargeDeclined');
    const declined = await ask(question);
    expect(declined).to.include({ status: 'pending', waitingFor: 'customer' });
    expect(declined).to.have.nested.property('lastDecline.code', 'do_not_honor');
    await confirm('pm_card_visa');
    expect(await ask(question)).to.deep.include({ status: 'succeeded', amount: usd(10_000) });
  });

  it('a saved method is charged without the customer, then forgotten', async () => {
    const customerReference = await customers.create(context, { customerId: 'cus_1', party: {} });
    const setup = { setupId: 'set_1', customerReference, usage: 'off_session' } as const;
    const method = token('pm_card_visa');
    const done = await setups.create(context, { ...setup, method, returnUrl: 'https://x.test/' });
    if (done.status !== 'succeeded') throw new Error(done.status);
    const saved = { type: 'token', token: done.saved.token } as const;
    const charge = { method: saved, customerReference, details: { off_session: true } };
    expect(await pay(charge).outcome).to.include({ status: 'succeeded' });
    await setups.forget(context, { token: done.saved.token });
    await setups.forget(context, { token: done.saved.token });
    expect(await faultOf(pay(charge).outcome)).to.equal('rejected');
  });

  it('a bank that wants the customer declines a charge without him', async () => {
    const method = card('4000002760003184');
    const { outcome } = pay({ method, details: { off_session: true } });
    expect(await outcome).to.include({ code: 'authentication_required', advice: 'authenticate' });
  });

  it('a hold that ran out is expired, and voiding it is done', async () => {
    const of = await refOf(pay().outcome);
    dashboard.expireAuthorization(of.intent);
    expect(await look(of)).to.deep.include({ authorized: usd(10_000), released: 'expired' });
    const because = { because: 'expired', reason: undefined } as const;
    const voiding = { operationId: newId(), amount: usd(10_000), of, ...because };
    expect(await release(context, voiding)).to.include({ status: 'succeeded' });
  });

  it('a refund of the owner’s and a dispute are seen', async () => {
    const of = await refOf(pay({ capture: 'automatic' }).outcome);
    dashboard.refund(of.intent, { amount: 2500 });
    const opened = dashboard.openDispute(of.intent);
    const before = await look(of);
    expect(before.refunds).to.deep.include({
      ref: { ...of, refund: dashboard.all('refund').at(-1)?.id },
      operationId: undefined,
      amount: usd(2500),
      status: 'succeeded',
    });
    expect(before.disputes[0]).to.include({ status: 'needs_response', reference: opened.id });
    expect(before.disputes[0]?.withdrawn.amount).to.be.greaterThan(0);
    dashboard.decideDispute(opened.id, 'won');
    const after = await disputes.find(context, { reference: opened.id });
    expect(after).to.deep.include({ status: 'won', withdrawn: usd(0) });
    expect(await disputes.find(context, { reference: 'du_none' })).to.equal('not_found');
  });

  it('news of it all opens under the secret of the registered endpoint', async () => {
    fake.webhooks.hold();
    const { reference, secret } = await endpoint.register(context, { accountId: 'acc_1' });
    const of = await refOf(pay({ capture: 'automatic' }).outcome);
    const news = fake.webhooks.held.map((it) => {
      const { headers, body } = fake.webhooks.signed(it, { timestamp: nowMs / 1000 });
      const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      const request = { headers: Object.fromEntries(lower), body: new TextEncoder().encode(body) };
      return webhook.open({ ...context, webhookSecret: secret }, request);
    });
    expect(news.map(({ type }) => type)).to.include('payment_intent.succeeded');
    for (const { subjects } of news) expect(subjects).to.deep.equal([{ authorization: of }]);
    await endpoint.remove(context, { reference });
    await endpoint.remove(context, { reference });
    await fake.webhooks.release(() => []);
  });

  it('credentials that are wrong are nothing but that', async () => {
    const settings = { ...context.settings, secret_key: 'sk_test_invalid' };
    expect(await faultOf(stripe.check?.({ ...context, settings }) ?? Promise.resolve())).to.equal(
      'unauthorized',
    );
  });
});
