/** The scan for card data finds what it is for: it would be easy to find nothing. */
import { expect } from 'chai';
import { insert } from '../../core/storage/index.ts';
import { cardScan, scanDatabase, scanText } from './card-scan.ts';
import { describeOnEachDatabase } from './databases.ts';
import { openStore } from './storage.ts';

describe('the scan for card data', () => {
  const hits = (text: string) => scanText('here', text);
  const number = '4242424242424242';

  it('finds a number plain, in groups, and encoded', () => {
    for (const text of [
      number,
      `"number":"${number}"`,
      'card 4242 4242-4242 4242 of Jane',
      Buffer.from(number).toString('hex'),
      ...['', 'x', 'xx', '{"number":"'].map((before) =>
        Buffer.from(`${before}${number}"}`).toString('base64'),
      ),
    ]) {
      expect(hits(text), text).to.deep.equal(['here: …4242']);
    }
  });

  it('finds a CVC by the name of its field, at any depth of quoting', () => {
    for (const text of ['{"cvc":"123"}', '{\\"cvc\\":\\"123\\"}', 'cvc=1234&x=1', "cvv: '123'"]) {
      expect(hits(text), text).to.deep.equal(['here: a CVC']);
    }
  });

  it('lets pass what may be there', () => {
    const fine = '{"bin":"424242","last4":"4242","cvc_check":"M","cvc":null,"amount":4242424242}';
    expect(hits(fine)).to.deep.equal([]);
  });

  it('looks through lines and texts, and says where', async () => {
    const db = { dialect: 'sqlite', knex: { raw: () => '' }, rows: async () => [] };
    const found = await cardScan({
      db: db as never,
      lines: ['fine', number],
      texts: { 'page source': 'cvc=123' },
    });
    expect(found).to.deep.equal(['log line 1: …4242', 'page source: a CVC']);
  });
});

describeOnEachDatabase('the scan for card data of a database', (database) => {
  it('reaches every table, the columns with numbers in them included', async () => {
    const db = await openStore(await database.open());
    expect(await scanDatabase(db)).to.deep.equal([]);
    const at = '2026-11-21T10:00:00.000Z';
    const name = 'card 4242424242424242';
    const stamps = { created_at: at, updated_at: at, version: 1 };
    await db.commit([insert('merchants', { id: 'mer_1', name, mode: 'sandbox', ...stamps })]);
    expect(await scanDatabase(db)).to.deep.equal(['merchants.name: …4242']);
    await db.close();
  });
});
