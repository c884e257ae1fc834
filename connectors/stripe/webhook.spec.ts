/**
 * News: only what Stripe signed, lately. The vectors were computed with openssl, not with our code;
 * Stripe's own library signs and judges beside us.
 */
import { expect } from 'chai';
import { Secret, WebhookRefusal, type Delivery } from '#sdk';
import { Stripe } from 'stripe';
import { stripe } from './index.ts';
import type { StripeRef, StripeSettings } from './settings.ts';
import { nowMs, scripted } from './spec-context.ts';

const secret = 'whsec_spec';
const nowSeconds = nowMs / 1000;
const official = new Stripe('sk_test_spec');

const event = (object: object, more: object = {}) =>
  JSON.stringify({ id: 'evt_1', object: 'event', type: 'a.thing', data: { object }, ...more });
const intentEvent = event({ object: 'payment_intent', id: 'pi_1' });

type Where = Partial<StripeSettings> & { endpoint?: string };

function open(
  body: string | Uint8Array,
  header: string | undefined,
  { endpoint = secret, ...settings }: Where = {},
): Delivery<StripeRef> {
  const { context } = scripted([], settings);
  const webhookSecret = endpoint === '' ? undefined : new Secret(endpoint);
  const headers: Record<string, string> = {};
  if (header !== undefined) headers['stripe-signature'] = header;
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  if (!stripe.webhook) throw new Error('the connector takes news');
  return stripe.webhook.open({ ...context, webhookSecret }, { body: bytes, headers });
}

function refusalOf(...given: Parameters<typeof open>): string {
  try {
    open(...given);
    return 'accepted';
  } catch (error) {
    if (error instanceof WebhookRefusal) return error.reason;
    throw error;
  }
}

const signed = (payload: string, changes: { timestamp?: number; scheme?: string } = {}) =>
  official.webhooks.generateTestHeaderString({
    payload,
    secret,
    timestamp: nowSeconds,
    ...changes,
  });

describe('stripe: signatures', () => {
  // printf '1795235200.{"id":"evt_1",…}' | openssl dgst -sha256 -hmac whsec_spec
  const vector =
    '{"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"object":"payment_intent","id":"pi_1"}}}';
  const vectorHex = 'f7c8e4e8d7c41183aaac2b5d21bd7efaa6574c4f57be9f4f1fb13f4cac131ba5';

  it('fit a vector that was computed elsewhere', () => {
    expect(open(vector, `t=1795235200,v1=${vectorHex}`)).to.deep.equal({
      id: 'evt_1',
      type: 'payment_intent.succeeded',
      subjects: [{ authorization: { intent: 'pi_1' } }],
    });
  });

  it('of Stripe’s own library are accepted', () => {
    expect(open(intentEvent, signed(intentEvent)).id).to.equal('evt_1');
    expect(
      official.webhooks.constructEvent(intentEvent, signed(intentEvent), secret, 1e10).id,
    ).to.equal('evt_1');
  });

  it('cover every byte of the body', () => {
    const bytes = new TextEncoder().encode(intentEvent);
    const header = signed(intentEvent);
    for (let at = 0; at < bytes.length; at += 1) {
      const forged = bytes.slice();
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect(refusalOf(forged, header), `byte ${at}`).to.equal('bad_signature');
    }
    expect(refusalOf(`${intentEvent} `, header)).to.equal('bad_signature');
  });

  it('cover the time', () => {
    const header = signed(intentEvent).replace(`t=${nowSeconds}`, `t=${nowSeconds + 1}`);
    expect(refusalOf(intentEvent, header)).to.equal('bad_signature');
  });

  it('are too old or too early beyond five minutes, either way', () => {
    const at = (offset: number) =>
      refusalOf(intentEvent, signed(intentEvent, { timestamp: nowSeconds + offset }));
    expect([at(-301), at(-300), at(300), at(301)]).to.deep.equal([
      'stale',
      'accepted',
      'accepted',
      'stale',
    ]);
  });

  it('of the scheme v0 count for nothing', () => {
    expect(refusalOf(intentEvent, signed(intentEvent, { scheme: 'v0' }))).to.equal('no_signature');
  });

  it('may be several while a secret is rolled', () => {
    const [time, mine] = signed(intentEvent).split(',');
    const other = `v1=${'0'.repeat(64)}`;
    expect(refusalOf(intentEvent, `${time},${other},${mine}`)).to.equal('accepted');
    expect(refusalOf(intentEvent, `${time},${mine},${other}`)).to.equal('accepted');
    expect(refusalOf(intentEvent, `${time},${other},${other}`)).to.equal('bad_signature');
  });

  it('fit the registered secret, or the one set by hand', () => {
    const header = signed(intentEvent);
    const byHand = { webhook_secret: secret };
    expect(refusalOf(intentEvent, header, { endpoint: 'whsec_other' })).to.equal('bad_signature');
    expect(refusalOf(intentEvent, header, { endpoint: '', ...byHand })).to.equal('accepted');
    expect(refusalOf(intentEvent, header, { endpoint: 'whsec_other', ...byHand })).to.equal(
      'accepted',
    );
    expect(refusalOf(intentEvent, header, { endpoint: '' })).to.equal('no_secret');
  });

  it('are needed, whole', () => {
    const [time = '', mine = ''] = signed(intentEvent).split(',');
    expect(refusalOf(intentEvent, undefined)).to.equal('no_signature');
    for (const header of [
      '',
      time,
      mine,
      `${time},${time},${mine}`,
      `t=,${mine}`,
      `t=1e9,${mine}`,
      `t=-1,${mine}`,
      `${time},v1=`,
      `${time},${mine.slice(0, -2)}`,
      `${time},${mine}00`,
    ]) {
      expect(refusalOf(intentEvent, header), header).to.equal('no_signature');
    }
  });
});

describe('stripe: news', () => {
  const subjectsOf = (object: object, more: object = {}) => {
    const body = event(object, more);
    return open(body, signed(body)).subjects;
  };
  const payment = [{ authorization: { intent: 'pi_1' } }];

  it('name the payment, whatever of it they are about', () => {
    expect(subjectsOf({ object: 'payment_intent', id: 'pi_1' })).to.deep.equal(payment);
    for (const object of ['charge', 'refund', 'dispute']) {
      expect(subjectsOf({ object, id: 'x_1', payment_intent: 'pi_1' })).to.deep.equal(payment);
      expect(subjectsOf({ object, id: 'x_1', payment_intent: { id: 'pi_1' } })).to.deep.equal(
        payment,
      );
      expect(subjectsOf({ object, id: 'x_1', payment_intent: null })).to.deep.equal([]);
    }
  });

  it('name a set-up', () => {
    expect(subjectsOf({ object: 'setup_intent', id: 'seti_1' })).to.deep.equal([
      { setup: { setup: 'seti_1' } },
    ]);
  });

  it('name nothing when they are about nothing the switch keeps', () => {
    expect(subjectsOf({ object: 'payout', id: 'po_1' })).to.deep.equal([]);
    expect(
      subjectsOf({ object: 'payment_intent', id: 'pi_1' }, { account: 'acct_2' }),
    ).to.deep.equal([]);
  });

  it('are refused when they are signed but no event', () => {
    for (const body of ['', 'x', 'null', '[]', '{}', '{"id":"evt_1","type":"x","data":{}}']) {
      expect(refusalOf(body, signed(body)), body).to.equal('malformed');
    }
    const body = JSON.stringify({ type: 'x', data: { object: {} } });
    expect(refusalOf(body, signed(body)), 'no id').to.equal('malformed');
  });
});
