/** docs/checkout.md: every request in it is sent as it stands. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { openShop, Shop } from './spec-shop.ts';

const guide = readFileSync(new URL('../../docs/checkout.md', import.meta.url), 'utf8');

/** Each JSON block with the last `POST …` that stands above it. */
function requests(): { path: string; body: unknown }[] {
  return [...guide.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(({ 1: text = '', index }) => {
    const path = [...guide.slice(0, index).matchAll(/`POST (\/v1\/\w+)`/g)].at(-1)?.[1] ?? '';
    return { path, body: JSON.parse(text) as unknown };
  });
}

describeOnEachDatabase('the guide to the checkout', (database) => {
  let shop: Shop;

  before(async () => {
    shop = new Shop(await openShop(await database.open()));
  });
  after(() => closeBooks(shop?.app));

  it('has requests that work as they stand, and pages behind them', async () => {
    expect(requests()).to.have.length(3);
    for (const { path, body } of requests()) {
      const answer = await shop.app.call(path, { body });
      expect(answer.status, answer.text).to.equal(201);
      const page = await shop.page(new URL(answer.body['url']).pathname);
      expect(page.status).to.equal(200);
    }
  });

  it('names every field that a session takes', async () => {
    const { body } = await shop.app.call('/openapi.json', { key: null });
    const fields = Object.keys(body['components'].schemas.CheckoutSessionCreate.properties);
    const told = guide.replace(
      '`customer_email`, `_name`, `_id`',
      '`customer_email`, `customer_name`, `customer_id`',
    );
    const untold = fields.filter(
      (name) => !told.includes(`${name}\``) && !told.includes(`"${name}"`),
    );
    // Whose page it is: the same on every request.
    expect(untold).to.deep.equal(['profile_id']);
  });
});
