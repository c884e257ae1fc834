/** Set-ups, customers, the endpoint, reports and the check: what works beside the money. */
import { expect } from 'chai';
import { Secret, type Setup } from '#sdk';
import { stripe } from './index.ts';
import {
  faultOf,
  formOf,
  insufficientFunds,
  list,
  nowMs,
  pathOf,
  refused,
  scripted,
  usd,
} from './spec-context.ts';

const { setups, customers, endpoint, reports, check } = stripe;
if (!setups || !customers || !endpoint || !check) throw new Error('the connector does all of it');

const setupIntent = {
  object: 'setup_intent',
  id: 'seti_1',
  client_secret: 'seti_1_secret_x',
  customer: 'cus_1',
  status: 'succeeded',
  payment_method: { id: 'pm_1', type: 'card', card: { brand: 'visa', last4: '4242' } },
  last_setup_error: null as object | null,
  metadata: { pointsman_setup: 'set_1', pointsman_method: 'token' },
};
const setup: Setup = {
  setupId: 'set_1',
  customerReference: 'cus_1',
  usage: 'off_session',
  method: { type: 'token', token: new Secret('pm_1') },
  returnUrl: 'https://switch.test/return/1',
};
const asHosted = {
  ...setupIntent,
  metadata: { ...setupIntent.metadata, pointsman_method: 'hosted' },
};
const gone = refused(404, { code: 'resource_missing' });

describe('stripe: set-ups', () => {
  const create = (reply: object) => setups.create(scripted([reply]).context, setup);
  const missing = { ...setupIntent, status: 'requires_payment_method', payment_method: null };

  it('end in a method that can be charged again', async () => {
    const outcome = await create(setupIntent);
    if (outcome.status !== 'succeeded') throw new Error(outcome.status);
    expect(outcome.ref).to.deep.equal({ setup: 'seti_1' });
    expect(outcome.saved.token.reveal()).to.equal('pm_1');
    expect(outcome.saved).to.deep.include({
      customerReference: 'cus_1',
      instrument: { type: 'card', brand: 'visa', last4: '4242' },
    });
  });

  it('hand a hosted customer over to the browser, again after a decline', async () => {
    const { context, requests } = scripted([
      { ...asHosted, ...missing, metadata: asHosted.metadata, last_setup_error: insufficientFunds },
    ]);
    const outcome = await setups.create(context, { ...setup, method: { type: 'hosted' } });
    expect(outcome).to.have.nested.property('nextAction.type', 'confirm_in_browser');
    expect(outcome).to.have.nested.property('lastDecline.code', 'insufficient_funds');
    expect(requests.map(formOf)[0]).to.not.have.property('confirm');
  });

  it('are declined on the spot or later', async () => {
    const error = { ...insufficientFunds, setup_intent: missing };
    const declined = { status: 'declined', code: 'insufficient_funds' };
    expect(await create(refused(402, error))).to.deep.include({
      ...declined,
      ref: { setup: 'seti_1' },
    });
    expect(await create({ ...missing, last_setup_error: insufficientFunds })).to.include(declined);
    expect(await faultOf(create(refused(402, { code: 'x' })))).to.equal('rejected');
    expect(await faultOf(create(missing))).to.equal('unintelligible');
    expect(await faultOf(create({ ...setupIntent, status: 'moon' }))).to.equal('unintelligible');
  });

  it('are found again by their mark', async () => {
    const query = { setupId: 'set_1', ref: undefined, begunAtMs: nowMs };
    const { context, requests } = scripted([list([{ ...setupIntent, metadata: {} }, setupIntent])]);
    expect(await setups.sync(context, query)).to.include({ status: 'succeeded' });
    expect(requests.map(pathOf)[0]).to.match(/^\/v1\/setup_intents\?created\[gte\]=\d+&/);
    expect(await setups.sync(scripted([list([])]).context, query)).to.equal('not_found');
  });

  it('are cancelled, or say how they ended before', async () => {
    const command = { setupId: 'set_1', ref: { setup: 'seti_1' } };
    const cancelled = { ...setupIntent, status: 'canceled', cancellation_reason: 'abandoned' };
    const late = refused(400, { code: 'setup_intent_unexpected_state' });
    const cancel = (...replies: object[]) => setups.cancel(scripted(replies).context, command);
    expect(await cancel(cancelled)).to.include({ status: 'cancelled' });
    expect(await cancel(late, cancelled)).to.include({ status: 'cancelled' });
    expect(await cancel(late, setupIntent)).to.include({ status: 'succeeded' });
    expect(await faultOf(cancel(late, { ...setupIntent, status: 'processing' }))).to.equal(
      'rejected',
    );
  });

  it('are forgotten, and so is what was gone', async () => {
    const forget = (...replies: object[]) =>
      faultOf(setups.forget(scripted(replies).context, { token: new Secret('pm_1') }));
    const attached = { object: 'payment_method', id: 'pm_1', customer: 'cus_1' };
    const loose = { ...attached, customer: null };
    expect(await forget(loose)).to.equal('none');
    expect(await forget(gone)).to.equal('none');
    expect(await forget(refused(400, {}), loose)).to.equal('none');
    expect(await forget(refused(400, {}), attached)).to.equal('rejected');
    expect(await forget(attached)).to.equal('unintelligible');
  });
});

describe('stripe: the endpoint', () => {
  it('replaces what an earlier try of this account left, and nothing else', async () => {
    const url = 'https://switch.test/webhooks/acc_1';
    const ours = { pointsman_account: 'acc_1' };
    const { context, requests } = scripted([
      list([
        { id: 'we_1', url, metadata: ours },
        { id: 'we_2', url, metadata: {} },
        { id: 'we_3', url: 'https://other.test/', metadata: ours },
      ]),
      { id: 'we_1', deleted: true },
      { id: 'we_4', secret: 'whsec_new' },
    ]);
    const made = await endpoint.register(context, { accountId: 'acc_1' });
    expect(made.reference).to.equal('we_4');
    expect(made.secret.reveal()).to.equal('whsec_new');
    expect(requests.map((it) => `${it.method} ${pathOf(it)}`)).to.deep.equal([
      'GET /v1/webhook_endpoints?limit=100',
      'DELETE /v1/webhook_endpoints/we_1',
      'POST /v1/webhook_endpoints',
    ]);
    const form = formOf(requests[2] ?? { method: 'POST', url });
    expect(form).to.deep.include({ url, api_version: '2026-10-28.endive', metadata: ours });
  });

  it('is removed, also when it was gone', async () => {
    const remove = (reply: object) =>
      faultOf(endpoint.remove(scripted([reply]).context, { reference: 'we_1' }));
    expect(await remove({ id: 'we_1', deleted: true })).to.equal('none');
    expect(await remove(gone)).to.equal('none');
    expect(await remove(refused(400, {}))).to.equal('rejected');
    expect(await remove({ status: 404, text: '<h1>Not found</h1>' })).to.equal('unintelligible');
  });

  it('is never answered for by a repeat: each try has a key of its own', async () => {
    const { context, requests } = scripted([list([]), { id: 'we_1', secret: 'whsec_1' }]);
    await endpoint.register(context, { accountId: 'acc_1' });
    const again = scripted([list([]), { id: 'we_2', secret: 'whsec_2' }]);
    await endpoint.register(again.context, { accountId: 'acc_1' });
    const keyOf = (sent: typeof requests) => sent[1]?.headers?.['idempotency-key'];
    expect(keyOf(requests)).to.match(/^acc_1:.{36}$/);
    expect(keyOf(again.requests)).to.not.equal(keyOf(requests));
  });

  it('needs a public address', async () => {
    const { context } = scripted([list([])]);
    const work = endpoint.register({ ...context, webhookUrl: undefined }, { accountId: 'acc_1' });
    expect(await faultOf(work)).to.equal('rejected');
  });
});

describe('stripe: customers, reports, the check', () => {
  it('make a customer under the switch’s id', async () => {
    const { context, requests } = scripted([{ object: 'customer', id: 'cus_9' }]);
    const party = {
      name: 'Jo',
      phone: '812 34',
      phone_country_code: '+62',
      address: { city: 'Solo' },
    };
    expect(await customers.create(context, { customerId: 'cus_ours', party })).to.equal('cus_9');
    expect(requests[0]?.headers).to.include({ 'idempotency-key': 'cus_ours' });
    expect(requests.map(formOf)[0]).to.deep.equal({
      name: 'Jo',
      phone: '+62 812 34',
      address: { city: 'Solo' },
      metadata: { pointsman_customer: 'cus_ours' },
    });
  });

  const transaction = {
    id: 'txn_1',
    type: 'charge',
    amount: 150_000,
    fee: 5000,
    net: 145_000,
    currency: 'isk',
    status: 'pending',
    reporting_category: 'charge',
    source: 'ch_1',
    available_on: nowMs / 1000,
    created: nowMs / 1000,
  };
  const pageOf = async (...entries: object[]) => {
    const { context, requests } = scripted([list(entries, true)]);
    const query = { fromMs: nowMs - 1, toMs: nowMs, cursor: 'txn_0', limit: 5, payout: 'po_1' };
    return { page: await reports?.balanceTransactions?.(context, query), requests };
  };

  it('read a page of the balance in our minor units', async () => {
    const { page, requests } = await pageOf(transaction);
    expect(page?.nextCursor).to.equal('txn_1');
    expect(page?.entries[0]).to.deep.include({
      type: 'charge',
      amount: { amount: 1500, currency: 'ISK' },
      fee: { amount: 50, currency: 'ISK' },
      net: { amount: 1450, currency: 'ISK' },
      available: false,
      source: 'ch_1',
    });
    const query = Object.fromEntries(new URL(requests[0]?.url ?? '').searchParams);
    expect(query).to.include({ limit: '5', starting_after: 'txn_0', payout: 'po_1' });
    const second = String(nowMs / 1000);
    expect(query).to.include({ 'created[gte]': second, 'created[lte]': second });
  });

  it('tell disputes from other adjustments', async () => {
    const adjusted = { ...transaction, type: 'adjustment' };
    const { page } = await pageOf(
      { ...adjusted, reporting_category: 'dispute' },
      { ...adjusted, reporting_category: 'dispute_reversal' },
      { ...adjusted, reporting_category: 'other_adjustment' },
    );
    expect(page?.entries.map(({ type }) => type)).to.deep.equal([
      'dispute',
      'dispute_reversal',
      'adjustment',
    ]);
    expect(await faultOf(pageOf({ ...transaction, type: 'moon' }))).to.equal('unintelligible');
  });

  it('read payouts', async () => {
    const payout = {
      id: 'po_1',
      amount: 1100,
      currency: 'usd',
      status: 'canceled',
      failure_code: 'account_closed',
      created: nowMs / 1000,
      arrival_date: nowMs / 1000,
    };
    const { context, requests } = scripted([list([payout])]);
    const page = await reports?.payouts?.(context, { limit: 10, status: 'cancelled' });
    expect(page).to.deep.equal({
      entries: [
        {
          reference: 'po_1',
          amount: usd(1100),
          status: 'cancelled',
          failureCode: 'account_closed',
          createdAt: '2026-11-21T04:26:40.000Z',
          arrivalAt: '2026-11-21T04:26:40.000Z',
        },
      ],
    });
    expect(requests.map(pathOf)).to.deep.equal(['/v1/payouts?limit=10&status=canceled']);
  });

  it('tell whose the credentials are', async () => {
    const account = {
      object: 'account',
      id: 'acct_1',
      country: 'ID',
      default_currency: 'idr',
      charges_enabled: true,
      payouts_enabled: false,
    };
    expect(await check(scripted([account]).context)).to.deep.equal({
      reference: 'acct_1',
      country: 'ID',
      currency: 'IDR',
      chargesEnabled: true,
      payoutsEnabled: false,
    });
    expect(await faultOf(check(scripted([refused(401, {})]).context))).to.equal('unauthorized');
  });
});
