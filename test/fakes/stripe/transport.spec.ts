/** The fake's edges: keys, contracts, idempotency, faults. */
import { expect } from 'chai';
import StripeClient from 'stripe';
import { missingContracts, stripeContracts } from '../contracts.ts';
import { exceptions } from './checks.ts';
import { skipped } from '../../support/skipped.ts';
import { startFakeStripe } from './index.ts';
import { cardsOnly, clientOf, refusal, useFake } from './spec-client.ts';

const form = 'application/x-www-form-urlencoded';
const version = '2026-10-28.endive';

describe('the fake Stripe: transport', () => {
  let now = new Date('2030-01-01T00:00:00Z');
  const bench = useFake({ now: () => now });
  const sale = {
    amount: 1000,
    currency: 'usd',
    confirm: true,
    automatic_payment_methods: cardsOnly,
    payment_method: 'pm_card_visa',
  };
  const create = (more: object = {}, idempotencyKey?: string) =>
    bench.client.paymentIntents.create(
      { ...sale, ...more },
      idempotencyKey === undefined ? {} : { idempotencyKey },
    );
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${bench.fake.url}${path}`, {
      method: 'POST',
      body,
      headers: {
        authorization: 'Bearer sk_test_shop',
        'content-type': form,
        'stripe-version': version,
        ...headers,
      },
    });
  const errorOf = async (answer: Response): Promise<Record<string, unknown>> =>
    ((await answer.json()) as { error: Record<string, unknown> }).error;
  const intents = (key = 'sk_test_shop') => bench.fake.dashboard(key).all('payment_intent');

  it('turns unknown keys away, and takes Basic for Bearer', async () => {
    const error = await refusal(clientOf(bench.fake, 'sk_test_invalid').balance.retrieve());
    expect(error).to.be.instanceOf(StripeClient.errors.StripeAuthenticationError);
    const live = await refusal(clientOf(bench.fake, 'sk_live_x').balance.retrieve());
    expect(live.statusCode).to.equal(401);
    const basic = `Basic ${Buffer.from('sk_test_shop:').toString('base64')}`;
    const answer = await post('/v1/customers', '', { authorization: basic });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('request-id')).to.match(/^req_/);
    expect(answer.headers.get('stripe-version')).to.equal(version);
  });

  it('answers 404 where it has nothing, and counts that as a violation', async () => {
    const error = await refusal(bench.client.paymentIntents.search({ query: 'a' }));
    expect(error.statusCode).to.equal(404);
    expect(bench.fake.violations().at(-1)?.request).to.equal('GET /v1/payment_intents/search');
  });

  it('replays the first answer of an idempotency key, and acts once', async () => {
    const first = await create({}, 'key-1');
    const second = await create({}, 'key-1');
    expect(second.id).to.equal(first.id);
    expect(first.lastResponse.headers).not.to.have.property('idempotent-replayed');
    expect(second.lastResponse.headers).to.include({ 'idempotent-replayed': 'true' });
    expect(second.lastResponse.requestId).not.to.equal(first.lastResponse.requestId);
    expect(intents().filter(({ id }) => id === first.id)).to.have.length(1);
    expect(bench.fake.requests.at(-1)?.replayed).to.equal(true);
  });

  it('replays declines, though the card would work by now', async () => {
    const card = { payment_method: 'pm_card_chargeDeclined' };
    const first = await refusal(create(card, 'key-2'));
    const second = await refusal(create(card, 'key-2'));
    expect(second.payment_intent?.id).to.equal(first.payment_intent?.id);
    expect(second.headers).to.include({ 'idempotent-replayed': 'true' });
  });

  it('refuses other parameters under the same key', async () => {
    await create({}, 'key-3');
    const error = await refusal(create({ amount: 1001 }, 'key-3'));
    expect(error).to.be.instanceOf(StripeClient.errors.StripeIdempotencyError);
    expect(error.statusCode).to.equal(400);
  });

  it('forgets a key after a day, and keeps accounts apart', async () => {
    const first = await create({}, 'key-4');
    const other = await clientOf(bench.fake, 'sk_test_other').paymentIntents.create(sale, {
      idempotencyKey: 'key-4',
    });
    expect(other.id).not.to.equal(first.id);
    now = new Date(now.getTime() + 24 * 3600 * 1000);
    expect((await create({}, 'key-4')).id).not.to.equal(first.id);
  });

  it('answers 409 while a twin runs', async () => {
    let go: () => void = () => undefined;
    const begun = new Promise<void>((begin) => {
      const until = (): Promise<void> => {
        begin();
        return new Promise((resolve) => (go = resolve));
      };
      bench.fake.faults.next(1, { path: '/v1/payment_intents' }, { kind: 'wait', until });
    });
    const first = create({}, 'key-5');
    await begun;
    const twin = await refusal(create({}, 'key-5'));
    expect(twin).to.include({ statusCode: 409, code: 'idempotency_key_in_use' });
    go();
    expect((await create({}, 'key-5')).id).to.equal((await first).id);
  });

  it('remembers no key of a request that did not begin', async () => {
    const { faults } = bench.fake;
    faults.next(1, { path: '/v1/payment_intents' }, { kind: 'status', status: 429 });
    const limited = await refusal(create({}, 'key-6'));
    expect(limited).to.be.instanceOf(StripeClient.errors.StripeRateLimitError);
    const small = await refusal(create({ amount: 1 }, 'key-6'));
    expect(small.code).to.equal('amount_too_small');
    expect((await create({}, 'key-6')).status).to.equal('succeeded');
  });

  it('replays a 500, and has acted when it is told so', async () => {
    const before = intents().length;
    const fault = { kind: 'status', status: 500, acted: true, shouldRetry: false } as const;
    bench.fake.faults.next(1, { method: 'POST' }, fault);
    const first = await refusal(create({}, 'key-7'));
    expect(first).to.be.instanceOf(StripeClient.errors.StripeAPIError);
    expect(first.headers).to.include({ 'stripe-should-retry': 'false' });
    expect((await refusal(create({}, 'key-7'))).statusCode).to.equal(500);
    expect(intents().length).to.equal(before + 1);
  });

  it('closes before or after acting, cuts answers and shows pages', async () => {
    const raw = (key: string) =>
      post('/v1/customers', 'email=a%40shop.test', { 'idempotency-key': key });
    const customers = () => bench.fake.dashboard('sk_test_shop').all('customer').length;
    const broken = async (key: string): Promise<boolean> => {
      try {
        await (await raw(key)).text();
        return false;
      } catch (error) {
        if (error instanceof TypeError) return true;
        throw error;
      }
    };
    const before = customers();
    bench.fake.faults.next(1, {}, { kind: 'close' });
    expect(await broken('key-8'), 'closed').to.equal(true);
    expect(customers()).to.equal(before);
    bench.fake.faults.next(1, {}, { kind: 'close', acted: true });
    expect(await broken('key-8'), 'closed after acting').to.equal(true);
    expect(customers()).to.equal(before + 1);
    expect((await raw('key-8')).headers.get('idempotent-replayed')).to.equal('true');
    bench.fake.faults.next(1, {}, { kind: 'cut' });
    expect(await broken('key-9'), 'cut').to.equal(true);
    expect(customers()).to.equal(before + 2);
    bench.fake.faults.next(1, {}, { kind: 'page' });
    const page = await raw('key-10');
    expect([page.status, page.headers.get('content-type')]).to.deep.equal([502, 'text/html']);
    expect(customers()).to.equal(before + 2);
  });

  it('hangs until the caller gives up', async () => {
    const before = intents().length;
    bench.fake.faults.next(1, {}, { kind: 'hang', acted: true });
    const impatient = bench.client.paymentIntents.create(sale, { timeout: 200 });
    const error = await refusal(impatient);
    expect(error).to.be.instanceOf(StripeClient.errors.StripeConnectionError);
    expect(intents().length).to.equal(before + 1);
  });

  it('wants forms, and a pinned API version', async () => {
    const json = await post('/v1/customers', '{"email":"a"}', {
      'content-type': 'application/json',
    });
    expect(json.status).to.equal(400);
    const { url } = bench.fake;
    await fetch(`${url}/v1/balance`, { headers: { authorization: 'Bearer sk_test_shop' } });
    const last = bench.fake.violations().slice(-2);
    expect(last.map(({ path }) => path)).to.deep.equal(['Content-Type', 'Stripe-Version']);
  });

  it('gives the same ids and secrets each time, at the time it is told', async () => {
    const made: string[] = [];
    for (const seed of ['Seed', 'Seed', 'Other']) {
      const fake = await startFakeStripe({ seed, now: () => now });
      const { customers, paymentIntents } = clientOf(fake);
      await customers.create({});
      const { id, created, client_secret } = await paymentIntents.create({
        amount: 500,
        currency: 'usd',
      });
      await fake.close();
      expect(created).to.equal(now.getTime() / 1000);
      made.push(`${id} ${client_secret}`);
    }
    expect(made[0]).to.match(/^pi_1Seed\d+ pi_1Seed\d+_secret_\w{25}$/);
    expect(made[1]).to.equal(made[0]);
    expect(made[2]).not.to.equal(made[0]);
  });

  describe('under the contracts', () => {
    before(async function () {
      if (await stripeContracts()) return;
      skipped.set('Stripe contracts', missingContracts);
      this.skip();
    });

    const wrong: Readonly<Record<string, [string, string, string | undefined]>> = {
      'an unknown parameter': ['amount=500&currency=usd&colour=red', 'colour', 'parameter_unknown'],
      'an unknown one two levels down': [
        'amount=500&currency=usd&payment_method_options[card][oops]=1',
        'payment_method_options[card][oops]',
        'parameter_unknown',
      ],
      'a missing parameter': ['amount=500', 'currency', 'parameter_missing'],
      'an amount with a point': ['amount=5.00&currency=usd', 'amount', 'parameter_invalid_integer'],
      'a word that is none of the list': [
        'amount=500&currency=usd&capture_method=later',
        'capture_method',
        undefined,
      ],
      'a parameter that was removed': [
        'amount=500&currency=usd&payment_method_types[]=card',
        'payment_method_types',
        'parameter_unknown',
      ],
    };
    for (const [what, [body, param, code]] of Object.entries(wrong)) {
      it(`refuses ${what}`, async () => {
        const answer = await post('/v1/payment_intents', body);
        expect(answer.status).to.equal(400);
        expect(await errorOf(answer)).to.include({ param, ...(code && { code }) });
        expect(bench.fake.requests.at(-1)?.violations).not.to.deep.equal([]);
      });
    }

    it('excuses only what a document really objects to', async () => {
      const contracts = (await stripeContracts())!;
      const hooks =
        'url=http://a.test&enabled_events[]=refund.failed&api_version=2026-10-28.endive';
      const samples = [
        ['/v1/payment_intents/pi_1/confirm', 'client_secret=a&amount_to_confirm=5'],
        ['/v1/payment_intents', 'amount=5&currency=usd&allowed_payment_method_types[]=card'],
        ['/v1/webhook_endpoints', hooks],
        ['/v1/disputes/du_1', 'intended_submission_method=manual'],
      ] as const;
      const needed = exceptions.filter(({ document, parameter, path }) =>
        samples.some(
          ([at, body]) =>
            (path?.test(at) ?? true) &&
            contracts[document].request('POST', at, body).some((it) => parameter.test(it.path)),
        ),
      );
      expect(needed).to.deep.equal(exceptions);
    });

    it('refuses an API version that never was', async () => {
      const answer = await post('/v1/customers', '', { 'stripe-version': '2026-13-01.zebra' });
      expect(answer.status).to.equal(400);
    });

    it('holds its answers against them too', async () => {
      const { current, older, samples } = (await stripeContracts())!;
      const intent = await create({
        capture_method: 'automatic',
        expand: ['latest_charge.balance_transaction'],
      });
      const judge = (it: object) => [
        ...current.response('POST', '/v1/payment_intents', 200, it),
        ...older.response('POST', '/v1/payment_intents', 200, it),
      ];
      expect(judge(intent)).to.deep.equal([]);
      expect(judge({ ...intent, status: 'paid' })).not.to.deep.equal([]);
      // Nothing that Stripe's own sample has is missing, but for what a live account hides.
      const sample = samples.payment_intent as object;
      expect(intent).to.include.all.keys(Object.keys(sample).filter((it) => it !== 'source'));
    });
  });
});
