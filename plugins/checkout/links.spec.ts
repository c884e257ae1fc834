/** Payment links: what a visitor gets, how often a link is paid, how it ends. */
import { expect } from 'chai';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { cards, openShop, Shop } from './spec-shop.ts';

describeOnEachDatabase('payment links', (database) => {
  let shop: Shop;

  before(async () => {
    shop = new Shop(await openShop(await database.open()));
  });
  after(() => closeBooks(shop?.app));

  const path = (link: { id?: string }) => `/pay/${link.id}`;

  /** Opens the link's page, sends its form; the session's page. */
  async function visit(link: object, fields: object = {}): Promise<string> {
    const form = await shop.formKey(path(link));
    const opened = await shop.post(path(link), { form, ...fields });
    expect(opened.status, opened.text).to.equal(303);
    return opened.headers.get('location') ?? '';
  }
  const pay = (page: string, number: string = cards.good) =>
    shop.pay({ id: page.replace('/checkout/', '') }, number);
  const statusOf = async (link: { id?: string }) =>
    (await shop.app.call(`/v1/payment_links/${link.id}`)).body['status'];

  it('are looked at without opening anything, and opened once a form', async () => {
    const link = await shop.link({ type: 'reusable', description: 'Honey' });
    const page = await shop.page(path(link));
    expect(page.text).to.contain('Honey').and.contain('$42.00');
    const sessions = async () =>
      (await shop.app.call(`/v1/checkout_sessions?payment_link=${link['id']}`)).body['data'];
    expect(await sessions()).to.deep.equal([]);
    const form = await shop.formKey(path(link));
    const [one, two] = [
      await shop.post(path(link), { form }),
      await shop.post(path(link), { form }),
    ];
    expect(one.headers.get('location')).to.equal(two.headers.get('location'));
    const other = await visit(link);
    expect(other).not.to.equal(one.headers.get('location'));
    expect(await sessions()).to.have.length(2);
    await pay(other);
    await pay(one.headers.get('location') ?? '');
    expect(await statusOf(link)).to.equal('active');
  });

  it('for one payment have one session at a time, and are gone once it is paid', async () => {
    const before = await shop.charges();
    const link = await shop.link();
    const places = await Promise.all(Array.from({ length: 4 }, () => visit(link)));
    expect(new Set(places).size).to.equal(1);
    await pay(places[0] ?? '', cards.declined);
    expect(await statusOf(link)).to.equal('active');
    await pay(places[0] ?? '');
    expect(await statusOf(link)).to.equal('paid');
    expect((await shop.page(places[0] ?? '')).text).to.contain('Payment received');
    for (const answer of [await shop.page(path(link)), await shop.post(path(link), {})]) {
      expect(answer.status).to.equal(410);
      expect(answer.text).to.contain('no longer valid');
    }
    expect(await shop.charges()).to.equal(before + 1);
  });

  it('open a new session when the one before has expired', async () => {
    const link = await shop.link();
    const first = await visit(link);
    await shop.advance('31m');
    expect((await shop.page(first)).status).to.equal(410);
    const second = await visit(link);
    expect(second).not.to.equal(first);
    await pay(second);
    expect(await statusOf(link)).to.equal('paid');
  });

  it('ask for name and e-mail first where they have to', async () => {
    const link = await shop.link({ customer_info: 'required', type: 'reusable' });
    const wrong = await shop.post(path(link), { name: 'Jane "J" Doe', email: 'jane' });
    expect(wrong.status).to.equal(422);
    expect(wrong.text).to.contain('Check the e-mail').and.contain('Jane &quot;J&quot; Doe');
    expect((await shop.post(path(link), { email: 'a@b.example' })).status).to.equal(422);
    const page = await visit(link, { name: 'Jane Doe', email: 'jane@example.com' });
    expect((await shop.page(page)).text).to.contain('value="Jane Doe"');
    const { body } = await shop.app.call(`/v1/checkout_sessions/${page.replace('/checkout/', '')}`);
    expect(body).to.include({ customer_name: 'Jane Doe', customer_email: 'jane@example.com' });
    const payment = await shop.app.call(`/v1/payments/${body['payment']}`);
    expect(payment.body['customer']).to.include({ email: 'jane@example.com', name: 'Jane Doe' });
  });

  it('end by the clock and by their merchant, and are listed', async () => {
    const [short, taken] = [await shop.link({ expires_in: 3600 }), await shop.link()];
    await shop.advance('61m');
    expect(await statusOf(short)).to.equal('expired');
    const deactivate = `/v1/payment_links/${taken['id']}/deactivate`;
    expect((await shop.app.call(deactivate, { method: 'POST' })).body['status']).to.equal(
      'inactive',
    );
    expect((await shop.app.call(deactivate, { method: 'POST' })).status).to.equal(200);
    for (const link of [short, taken]) expect((await shop.page(path(link))).status).to.equal(410);
    const { body } = await shop.app.call('/v1/payment_links?status=inactive');
    expect(body['data'].map(({ id }: { id: string }) => id)).to.deep.equal([taken['id']]);
    expect((await shop.page('/pay/plink_nothing')).status).to.equal(404);
  });
});
