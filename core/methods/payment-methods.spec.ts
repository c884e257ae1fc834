/** Payment methods that were kept: shown without their token, opened to pay, forgotten for good. */
import { expect } from 'chai';
import { connectors } from '../../connectors/index.ts';
import { startTestSwitch, type TestSwitch } from '../../test/support/app.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { methodKeeper, type Keeper } from '../../test/support/method-keeper.ts';
import { Secret } from '../base/secret.ts';
import { Problem } from '../sdk/problem.ts';
import { Conflict } from '../storage/index.ts';
import { openMethod, savedMethodChanges, savedMethodGuard } from './index.ts';
import type { PaymentMethodRecord } from './record.ts';

describeOnEachDatabase('payment methods', (database) => {
  let app: TestSwitch;
  let keeper: Keeper;
  let account: string;
  let customer: string;
  let count = 0;

  before(async () => {
    keeper = methodKeeper();
    const connected = { connectors: [...connectors, keeper.connector], jobs: false };
    app = await startTestSwitch(await database.open(), connected);
    const body = { connector: 'method-keeper', name: 'Keeper', settings: {}, priority: 99 };
    account = (await app.call('/v1/accounts', { body })).body['id'];
  });
  after(() => (app as TestSwitch | undefined)?.stop());
  beforeEach(async () => {
    customer = (await app.call('/v1/customers', { body: {} })).body['id'];
  });

  async function kept(): Promise<string> {
    count += 1;
    const body = {
      customer_id: customer,
      account,
      payment_method: { type: 'token', token: `tok_${count}` },
      return_url: 'https://shop.example/cards',
    };
    const answer = await app.call('/v1/setups', { body });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body['payment_method'];
  }
  const pathOf = (id: string) => `/v1/payment_methods/${id}`;
  const rowOf = async (id: string) =>
    (await app.running.db.find<PaymentMethodRecord>('payment_methods', { id }))[0];
  const merchant = () => app.credentials.merchant_id;
  const list = async (query = '') =>
    (await app.call(`/v1/payment_methods?customer_id=${customer}${query}`)).body;

  it('are listed by customer, newest first, page by page', async () => {
    const ids = [await kept(), await kept(), await kept()].toReversed();
    const idsOf = ({ data }: Record<string, { id: string }[]>) => data?.map(({ id }) => id);
    expect(idsOf(await list())).to.deep.equal(ids);
    const first = await list('&limit=2');
    expect(first['has_more']).to.equal(true);
    expect(idsOf(await list(`&starting_after=${ids[1]}`))).to.deep.equal([ids[2]]);
    const foreign = await app.call(`/v1/payment_methods?customer_id=${customer.slice(0, -4)}0000`);
    expect(foreign.status).to.equal(404);
  });

  it('never show their token, and store it sealed in their own row', async () => {
    const id = await kept();
    const token = `kept_tok_${count}`;
    expect((await app.call(pathOf(id))).text).not.to.contain(token);
    const row = await rowOf(id);
    expect(row?.token).to.match(/^k1\./);
    expect(JSON.stringify(row)).not.to.contain(token);
    const other = await kept();
    await app.running.db.commit([
      {
        kind: 'update',
        table: 'payment_methods',
        set: { token: String(row?.token) },
        where: { id: other },
        guard: 'test',
      },
    ]);
    let refused = false;
    await openMethod(app.running.desk, merchant(), other).catch(() => (refused = true));
    expect(refused, 'a token that was copied to another row').to.equal(true);
  });

  it('open for a payment with their token and the customer’s reference', async () => {
    const id = await kept();
    const { record, token, customerReference } = await openMethod(app.running.desk, merchant(), id);
    expect(token.reveal()).to.equal(`kept_tok_${count}`);
    expect(record).to.include({ customer_id: customer, account_id: account });
    expect(customerReference).to.match(/^pc_\d+$/);
  });

  it('do not open for another merchant, nor after they were deleted', async () => {
    const id = await kept();
    const codeOf = async (merchantId: string) => {
      try {
        await openMethod(app.running.desk, merchantId, id);
        return 'opened';
      } catch (error) {
        return error instanceof Problem ? error.code : String(error);
      }
    };
    expect(await codeOf('mer_another')).to.equal('payment_method_unknown');
    expect(await codeOf(merchant())).to.equal('opened');
    await app.call(pathOf(id), { method: 'DELETE' });
    expect(await codeOf(merchant())).to.equal('payment_method_unknown');
  });

  it('take new billing details, and nothing else', async () => {
    const id = await kept();
    const patch = (body: object) => app.call(pathOf(id), { method: 'PATCH', body });
    const billing = { name: 'Jane Doe', address: { city: 'Jakarta', country: 'ID' } };
    const answer = await patch({ billing });
    expect(answer.status, answer.text).to.equal(200);
    expect(answer.body['billing']).to.deep.equal(billing);
    expect((await patch({ billing: null })).body['billing']).to.equal(null);
    expect((await patch({ usage: 'on_session' })).status).to.equal(400);
    expect((await patch({})).status).to.equal(400);
  });

  it('are forgotten by the processor first, then here: token and billing go, the row stays', async () => {
    const id = await kept();
    const body = { billing: { name: 'Jane Doe' } };
    await app.call(pathOf(id), { method: 'PATCH', body });
    const gone = await app.call(pathOf(id), { method: 'DELETE' });
    expect(gone.body).to.deep.equal({ id, object: 'payment_method', deleted: true });
    expect(keeper.forgotten).to.include(`kept_tok_${count}`);
    expect(await rowOf(id)).to.include({ token: null, billing: null });
    expect((await app.call(pathOf(id))).status).to.equal(404);
    expect((await app.call(pathOf(id), { method: 'DELETE' })).status).to.equal(404);
    expect((await list())['data']).to.deep.equal([]);
  });

  it('stay as they are when the processor is down', async () => {
    const id = await kept();
    const before = await rowOf(id);
    for (const kind of ['unreachable', 'timed_out', 'broken'] as const) {
      keeper.fail('forget', kind);
      const answer = await app.call(pathOf(id), { method: 'DELETE' });
      expect([answer.status, answer.body['code']]).to.deep.equal([502, 'processor_unreachable']);
    }
    keeper.fail('forget', 'rejected');
    const refused = await app.call(pathOf(id), { method: 'DELETE' });
    expect([refused.status, refused.body['code']]).to.deep.equal([502, 'processor_refused']);
    expect(await rowOf(id)).to.deep.equal(before);
    expect((await app.call(pathOf(id), { method: 'DELETE' })).status).to.equal(200);
  });

  it('may be kept again after they were forgotten, under a new id', async () => {
    const id = await kept();
    await app.call(pathOf(id), { method: 'DELETE' });
    count -= 1;
    expect(await kept()).not.to.equal(id);
  });

  it('of a payment are kept by its outcome’s commit; a twin is told by the guard', async () => {
    const about = {
      merchantId: merchant(),
      customerId: customer,
      accountId: account,
      usage: 'off_session' as const,
      saved: {
        token: new Secret('kept_by_payment'),
        customerReference: 'pc_of_payment',
        instrument: { type: 'card' as const, last4: '4242' },
      },
    };
    const { desk, db } = app.running;
    const first = await savedMethodChanges(desk, about);
    const twin = await savedMethodChanges(desk, about);
    await db.commit(first);
    let guard = '';
    await db.commit(twin).catch((error: unknown) => {
      if (error instanceof Conflict) guard = error.guard;
    });
    expect(guard).to.equal(savedMethodGuard);
    expect(await savedMethodChanges(desk, about)).to.deep.equal([]);
    const [method] = (await list())['data'];
    const opened = await openMethod(desk, merchant(), method.id);
    expect(opened.token.reveal()).to.equal('kept_by_payment');
    expect(opened.customerReference).to.equal('pc_of_payment');
  });
});
