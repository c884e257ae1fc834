/** What every request carries, and what every HTTP status stands for. */
import { expect } from 'chai';
import { faultEffects, Fault, type FaultKind, type HttpResponse } from '#sdk';
import { stripe } from './index.ts';
import {
  cardMethod,
  command,
  faultOf,
  formOf,
  held,
  paid,
  refused,
  scripted,
} from './spec-context.ts';

const { authorize } = stripe.operations;

describe('stripe: requests', () => {
  it('carry the key, the pinned version and the operation id', async () => {
    const { context, requests } = scripted([held]);
    await authorize(context, command());
    expect(requests[0]).to.deep.include({
      method: 'POST',
      url: 'https://api.stripe.com/v1/payment_intents',
      headers: {
        accept: 'application/json',
        authorization: 'Bearer sk_test_spec',
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': 'op_1',
        'stripe-version': '2026-10-28.endive',
      },
    });
  });

  it('go to another host when the account names one', async () => {
    const { context, requests } = scripted([held], { base_url: 'http://127.0.0.1:9' });
    await authorize(context, command());
    expect(requests[0]?.url).to.equal('http://127.0.0.1:9/v1/payment_intents');
  });

  it('make a method of a raw card first, under a key of its own', async () => {
    const { context, requests } = scripted([{ object: 'payment_method', id: 'pm_9' }, held]);
    await authorize(context, command({ method: cardMethod }));
    const [making, paying] = requests;
    if (!making || !paying) throw new Error('two requests');
    expect(making.headers).to.include({ 'idempotency-key': 'op_1:method' });
    expect(formOf(making)).to.have.nested.property('card.number', '4242424242424242');
    expect(paying.headers).to.include({ 'idempotency-key': 'op_1' });
    expect(formOf(paying)).to.include({ payment_method: 'pm_9' });
    expect(String(paying.body)).to.not.contain('4242424242424242');
  });

  it('stop at a card that Stripe does not take', async () => {
    const error = { type: 'card_error', code: 'incorrect_number' };
    const { context, requests } = scripted([refused(402, error)]);
    const outcome = await authorize(context, command({ method: cardMethod }));
    expect(outcome).to.deep.include({ status: 'declined', code: 'incorrect_number' });
    expect(outcome).to.not.have.property('ref');
    expect(requests).to.have.length(1);
  });

  it('never name payment method types, which the pinned version refuses', async () => {
    const { context, requests } = scripted([paid]);
    await authorize(context, command({ capture: 'automatic' }));
    expect(String(requests[0]?.body)).to.not.contain('payment_method_types');
  });

  it('may send a customer away only when he is there', async () => {
    const { context, requests } = scripted([held]);
    await authorize(context, command());
    const details = { off_session: true, setup_future_usage: 'off_session' } as const;
    await authorize(context, command({ details }));
    const [there, away] = requests.map(formOf);
    expect(there).to.deep.include({
      return_url: 'https://switch.test/return/1',
      automatic_payment_methods: { enabled: 'true', allow_redirects: 'always' },
    });
    expect(away).to.deep.include({
      off_session: 'true',
      automatic_payment_methods: { enabled: 'true', allow_redirects: 'never' },
    });
    expect(away).to.not.have.any.keys('return_url', 'setup_future_usage');
  });
});

describe('stripe: metadata', () => {
  const names = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`key_${at}`, at]));
  const sent = async (metadata: Record<string, string | number | null>, manual = false) => {
    const { context, requests } = scripted([manual ? held : paid]);
    const capture = manual ? 'manual' : 'automatic';
    const kind = await faultOf(authorize(context, command({ capture, details: { metadata } })));
    return kind === 'none' ? formOf(requests[0] ?? { method: 'GET', url: '' })['metadata'] : kind;
  };

  it('carries ours beside the merchant’s', async () => {
    expect(await sent({ order: 'A 1', weight: 2, none: null })).to.deep.equal({
      order: 'A 1',
      weight: '2',
      pointsman_operation: 'op_1',
    });
  });

  it('is refused, not cut, when ours would not fit', async () => {
    expect(await sent(names(49))).to.have.property('pointsman_operation', 'op_1');
    expect(await sent(names(50))).to.equal('rejected');
    // The capture's own mark needs a place, too.
    expect(await sent(names(48), true)).to.have.property('pointsman_operation', 'op_1');
    expect(await sent(names(49), true)).to.equal('rejected');
  });

  it('is refused when Stripe could not hold a name or a value', async () => {
    expect(await sent({ ['k'.repeat(41)]: 'x' })).to.equal('rejected');
    expect(await sent({ 'a[b]': 'x' })).to.equal('rejected');
    expect(await sent({ pointsman_operation: 'op_2' })).to.equal('rejected');
    expect(await sent({ long: 'x'.repeat(501) })).to.equal('rejected');
    expect(await sent({ long: 'x'.repeat(500) })).to.have.property('long');
  });
});

describe('stripe: HTTP statuses', () => {
  const page = (status: number): Partial<HttpResponse> => ({ status, text: '<h1>Bad</h1>' });
  const cases: [string, Partial<HttpResponse>, FaultKind, 'none' | 'unknown'][] = [
    ['401', refused(401, {}), 'unauthorized', 'none'],
    ['403', refused(403, {}), 'unauthorized', 'none'],
    ['429', refused(429, { code: 'rate_limit' }), 'throttled', 'none'],
    ['400 in Stripe’s words', refused(400, { code: 'parameter_missing' }), 'rejected', 'none'],
    ['404 in Stripe’s words', refused(404, { code: 'resource_missing' }), 'rejected', 'none'],
    ['400 of a proxy', page(400), 'unintelligible', 'unknown'],
    ['404 of a proxy', page(404), 'unintelligible', 'unknown'],
    ['400 without an error', { status: 400, text: '{}' }, 'unintelligible', 'unknown'],
    ['400 of another type', refused(400, { type: 'moon_error' }), 'unintelligible', 'unknown'],
    ['400 of a used key', refused(400, { type: 'idempotency_error' }), 'broken', 'unknown'],
    ['400 of a failure', refused(400, { type: 'api_error' }), 'broken', 'unknown'],
    ['409 of a twin', refused(409, { code: 'idempotency_key_in_use' }), 'broken', 'unknown'],
    ['409 of a lock', refused(409, { code: 'lock_timeout' }), 'broken', 'unknown'],
    ['424', refused(424, {}), 'broken', 'unknown'],
    ['500', refused(500, { type: 'api_error' }), 'broken', 'unknown'],
    ['502 of a proxy', page(502), 'broken', 'unknown'],
    ['302', page(302), 'unintelligible', 'unknown'],
    ['204', { status: 204 }, 'unintelligible', 'unknown'],
  ];
  for (const [title, reply, kind, effect] of cases) {
    it(`${title} is ${kind}: effect ${effect}`, async () => {
      expect(await faultOf(authorize(scripted([reply]).context, command()))).to.equal(kind);
      expect(faultEffects[kind]).to.equal(effect);
    });
  }

  it('put Stripe’s words into the fault, and nothing else of the body', async () => {
    const error = { code: 'parameter_missing', param: 'metadata[x]', message: 'sk_test_leak' };
    const odd = { code: 'no word, but 4242 4242' };
    for (const [reply, words] of [
      [
        refused(400, error),
        'rejected: HTTP 400: invalid_request_error parameter_missing metadata[x]',
      ],
      [refused(400, odd), 'rejected: HTTP 400: invalid_request_error'],
    ] as const) {
      const caught = await authorize(scripted([reply]).context, command()).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(caught).to.be.instanceOf(Fault).with.property('message', words);
    }
  });
});
