/** Lists: every filter, and pages that neither repeat nor skip a payment while others arrive. */
import { expect } from 'chai';
import { day } from '../../core/base/clock.ts';
import { card, chargeBody, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

describeOnEachDatabase('lists of payments', (database) => {
  let app: TestSwitch;
  /** Names of this suite → ids, oldest first. */
  const ids = new Map<string, string>();
  let customerId: string;
  let accountId: string;

  before(async () => {
    // Jobs would let the open payment expire as the days go by.
    app = await startTestSwitch(await database.open(), { jobs: false });
    customerId = (await app.call('/v1/customers', { body: {} })).body['id'];
    const accounts = (await app.call('/v1/accounts')).body['data'];
    accountId = accounts.find(({ priority }: { priority: number }) => priority === 1).id;
    const wanted = {
      noted: { amount: 100, currency: 'EUR' },
      small: chargeBody({ amount: 100, reference: 'small-1' }),
      other: chargeBody({ amount: 200, account: accountId }),
      held: chargeBody({ amount: 300, capture_method: 'manual', customer_id: customerId }),
      declined: chargeBody({ amount: 400, payment_method: card('4000000000000002') }),
      returned: chargeBody({ amount: 500, currency: 'JPY' }),
    };
    ids.clear();
    for (const [name, body] of Object.entries(wanted)) {
      const answer = await app.call('/v1/payments', { body });
      expect([201, 402], answer.text).to.include(answer.status);
      ids.set(name, answer.body['id'] ?? answer.body['payment'].id);
      app.clock.advance(day);
    }
    await app.call('/v1/refunds', { body: { payment: ids.get('returned'), amount: 1 } });
  });
  after(() => closeBooks(app));

  const all = ['returned', 'declined', 'held', 'other', 'small', 'noted'];

  async function list(query: string) {
    const answer = await app.call(`/v1/payments?${query}`);
    expect(answer.status, answer.text).to.equal(200);
    expect(answer.body['object']).to.equal('list');
    const data = answer.body['data'] as { id: string }[];
    const names = new Map([...ids].map(([name, id]) => [id, name]));
    return { names: data.map(({ id }) => names.get(id)), more: answer.body['has_more'] };
  }

  // The payments were made a day apart from 2026-11-21T10:00:00Z on.
  const filters: readonly (readonly [string, readonly string[]])[] = [
    ['', all],
    ['status=captured', ['other', 'small']],
    ['status=authorized', ['held']],
    ['status=failed', ['declined']],
    ['status=created', ['noted']],
    ['status=partially_refunded', ['returned']],
    ['status=expired', []],
    ['offset=4', ['small', 'noted']],
    ['statuses=captured,authorized&offset=1', ['other', 'small']],
    ['offset=6', []],
    ['reference=small-1', ['small']],
    ['reference=small', []],
    ['currency=JPY', ['returned']],
    ['amount_min=300', ['returned', 'declined', 'held']],
    ['amount_max=200', ['other', 'small', 'noted']],
    ['amount_min=200&amount_max=300', ['held', 'other']],
    ['has_refund=true', ['returned']],
    ['attempted=false', ['noted']],
    ['attempted=true', ['returned', 'declined', 'held', 'other', 'small']],
    ['has_refund=false&currency=USD', ['declined', 'held', 'other', 'small']],
    ['created_from=2026-11-25', ['returned', 'declined']],
    ['created_to=2026-11-22', ['small', 'noted']],
    ['created_from=2026-11-22&created_to=2026-11-23T10:00:00Z', ['other', 'small']],
    ['created_to=2026-11-23T09:59:59.999Z', ['small', 'noted']],
    ['created_from=2026-11-23T10:00:00.000Z&created_to=2026-11-23T10:00Z', ['other']],
  ];
  for (const [query, expected] of filters) {
    it(`?${query} shows ${expected.join(', ') || 'nothing'}`, async () => {
      expect((await list(query)).names).to.deep.equal(expected);
    });
  }

  it('filters by customer and by account', async () => {
    expect((await list(`customer_id=${customerId}`)).names).to.deep.equal(['held']);
    expect((await list(`account=${accountId}`)).names).to.deep.equal(['other']);
    expect((await list(`account=${accountId}&status=failed`)).names).to.deep.equal([]);
  });

  it('walks forth and back by cursor, with the filters kept', async () => {
    const first = await list('limit=4');
    expect(first).to.deep.equal({ names: all.slice(0, 4), more: true });
    const rest = await list(`limit=4&starting_after=${ids.get('other')}`);
    expect(rest).to.deep.equal({ names: all.slice(4), more: false });
    const back = await list(`limit=2&ending_before=${ids.get('small')}`);
    expect(back).to.deep.equal({ names: ['held', 'other'], more: true });
    const newest = await list(`ending_before=${ids.get('declined')}`);
    expect(newest).to.deep.equal({ names: ['returned'], more: false });
    const filtered = await list(`currency=USD&limit=2&starting_after=${ids.get('held')}`);
    expect(filtered).to.deep.equal({ names: ['other', 'small'], more: false });
    const full = await list(`limit=6`);
    expect(full).to.deep.equal({ names: all, more: false });
  });

  it('payments that arrive while someone pages are neither repeated nor in the way', async () => {
    const before = [...ids.values()].toReversed();
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await app.call(`/v1/payments?limit=2${cursor}`);
      seen.push(...body['data'].map(({ id }: { id: string }) => id));
      const made = await app.call('/v1/payments', { body: { amount: 1, currency: 'USD' } });
      expect(made.status).to.equal(201);
      app.clock.advance(1);
      if (!body['has_more']) break;
      cursor = `&starting_after=${seen.at(-1)}`;
    }
    expect(seen).to.deep.equal(before);
  });
});
