/** Mails with payment links: files without a mail server, sent at least once with one. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../../test/support/databases.ts';
import { openPostOffice, textOf, type PostOffice } from '../../test/support/post-office.ts';
import { openShop, Shop } from './spec-shop.ts';

describeOnEachDatabase('mails of payment links', (database) => {
  let shop: Shop;
  let place: DatabasePlace;
  let office: PostOffice;

  before(async () => {
    office = await openPostOffice();
  });
  after(() => office?.close());

  const open = async (env: Record<string, string> = {}) => {
    place = await database.open();
    // Nothing runs by itself: the clock of the sandbox brings the jobs round.
    shop = new Shop(await openShop(place, { env, jobs: false }));
  };
  const mailed = (more: object = {}) => shop.link({ email: 'jane@example.com', ...more });
  const statusOf = async (link: { id?: string }) =>
    (await shop.app.call(`/v1/payment_links/${link.id}`)).body['email_status'];

  describe('without a mail server', () => {
    before(() => open());
    after(() => closeBooks(shop?.app));

    it('are files in the outbox, whatever the seller is called', async () => {
      const seller_name = 'Zoë & “Söhne” Bcc: all@example.com';
      const link = await mailed({ seller_name });
      expect(link).to.include({ email: 'jane@example.com', email_status: 'pending' });
      await shop.advance('1s');
      expect(await statusOf(link)).to.equal('sent');
      const mail = readFileSync(join(place.dataDir, 'outbox', 'checkout', `${link['id']}.eml`));
      const [head = ''] = mail.toString().split('\r\n\r\n');
      expect(head)
        .to.match(/^To: jane@example\.com\r$/m)
        .and.match(/^From: no-reply@localhost\r$/m);
      expect(head)
        .to.match(/^Subject: =\?UTF-8\?/im)
        .and.not.match(/^Bcc/m);
      expect(textOf(mail.toString())).to.contain(link['url']).and.contain('$42.00');
    });

    it('are not there for links that nobody is sent', async () => {
      expect(await shop.link()).to.include({ email: null, email_status: null });
    });
  });

  describe('with a mail server', () => {
    before(() => open({ POINTSMAN_SMTP_URL: office.url }));
    after(() => shop?.app.stop());

    it('are sent once, and the list says so', async () => {
      const link = await mailed({ locale: 'id' });
      await shop.advance('1s');
      await shop.advance('10m');
      expect(office.taken).to.have.length(1);
      expect(textOf(office.taken[0]?.raw ?? '')).to.contain(link['url']);
      const { body } = await shop.app.call('/v1/payment_links');
      expect(body['data'][0]).to.include({ email: 'jane@example.com', email_status: 'sent' });
    });

    it('are sent later by a server that is busy, and given up when it says never', async () => {
      const before = office.taken.length;
      office.refusals.push(450, 450);
      const busy = await mailed();
      await shop.advance('1s');
      expect(await statusOf(busy)).to.equal('pending');
      await shop.advance('1m');
      expect(await statusOf(busy)).to.equal('pending');
      await shop.advance('5m');
      expect(await statusOf(busy)).to.equal('sent');
      expect(office.taken).to.have.length(before + 1);
      office.refusals.push(550);
      const never = await mailed();
      await shop.advance('1d');
      expect(await statusOf(never)).to.equal('failed');
      expect(office.taken).to.have.length(before + 1);
    });

    it('are tried for three days, then given up, and no log holds the password', async () => {
      office.refusals.push(...Array.from({ length: 11 }, () => 450));
      const link = await mailed();
      await shop.advance('60h');
      expect(await statusOf(link)).to.equal('pending');
      await shop.advance('12h');
      expect(await statusOf(link)).to.equal('failed');
      expect(office.refusals).to.deep.equal([]);
      const log = shop.app.lines.join('\n');
      expect(log).to.contain('a mail was not sent').and.not.contain('hunter2');
    });
  });
});
