/** The hosted page as a browser without JavaScript has it; the rest is in test/browser. */
import { expect } from 'chai';
import { answerChallenge } from '../../test/support/customer-browser.ts';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { cards, openShop, Shop, typed } from './spec-shop.ts';

describeOnEachDatabase('the checkout page', (database) => {
  let shop: Shop;

  before(async () => {
    shop = new Shop(await openShop(await database.open()));
  });
  after(() => closeBooks(shop?.app));

  it('is closed to everybody else: policy, frames, caches, referrers', async () => {
    const session = await shop.session({ description: '<img src=x onerror=alert(1)>' });
    const page = await shop.page(`/checkout/${session['id']}`);
    expect(page.status).to.equal(200);
    const policy = page.headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(policy).to.equal(
      `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; ` +
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; " +
        "frame-ancestors 'none'",
    );
    expect(page.headers.get('cache-control')).to.equal('no-store');
    expect(page.headers.get('referrer-policy')).to.equal('no-referrer');
    expect(page.text).to.contain('&lt;img src=x onerror').and.not.contain('<img');
    expect(page.text).not.to.match(/(src|href)="https?:\/\/(?!shop\.example)/);
    expect(Buffer.byteLength(page.text)).to.be.below(100_000);
    const { secret_key, public_key, admin_key } = shop.app.credentials;
    for (const secret of [secret_key, public_key, admin_key, '_secret_', session['payment']]) {
      expect(page.text).not.to.contain(secret);
    }
    const again = await shop.page(`/checkout/${session['id']}`);
    expect(again.headers.get('content-security-policy')).not.to.contain(nonce);
    expect((await shop.page('/checkout/cs_nothing')).status).to.equal(404);
  });

  it('shows what is bought, less the discount, in the currency’s own decimals', async () => {
    const line_items = [{ name: 'Beans <1 kg>', quantity: 2, unit_amount: 1450 }];
    const session = await shop.session({ amount: undefined, line_items, discount_amount: 290 });
    const { status, text } = await shop.page(`/checkout/${session['id']}`);
    expect(status, text).to.equal(200);
    for (const part of ['2 × Beans &lt;1 kg&gt;', '$29.00', '-$2.90', '$26.10']) {
      expect(text).to.contain(part);
    }
    const yen = await shop.session({ amount: 4200, currency: 'JPY' });
    expect((await shop.page(`/checkout/${yen['id']}`)).text).to.contain('¥4,200');
  });

  it('takes a card, says thank you, and sends the customer to the shop', async () => {
    const session = await shop.session();
    const sent = await shop.pay(session, cards.good);
    expect(sent.status).to.equal(303);
    const location = sent.headers.get('location') ?? '';
    const after = await shop.page(location);
    const url = `https://shop.example/thanks?s=${session['id']}`;
    expect(after.text).to.contain(`<meta http-equiv="refresh" content="0;url=${url}"`);
    const later = await shop.page(`/checkout/${session['id']}`);
    expect(later.text).to.contain('Payment received').and.not.contain('http-equiv');
  });

  it('keeps the form after a decline and says what to do; a reload sends nothing', async () => {
    const session = await shop.session();
    const path = `/checkout/${session['id']}`;
    const texts: [string, string][] = [
      [cards.declined, 'Your bank declined the card'],
      [cards.poor, 'not enough money'],
      [cards.wrongCvc, 'security code is wrong'],
    ];
    for (const [number, text] of texts) {
      const { status } = await shop.pay(session, number);
      expect(status).to.equal(303);
      const page = await shop.page(`${path}?sent=1`);
      expect(page.status).to.equal(200);
      expect(page.text).to.contain(text).and.contain('name="number"').and.not.contain(number);
      await shop.page(`${path}?sent=1`);
    }
    expect((await shop.pay(session, cards.good)).status).to.equal(303);
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(body).to.include({ status: 'captured', attempts: 4 });
  });

  it('is gone after five declined cards', async () => {
    const session = await shop.session();
    for (let count = 0; count < 5; count += 1) await shop.pay(session, cards.declined);
    const page = await shop.page(`/checkout/${session['id']}`);
    expect(page.status).to.equal(410);
    expect(page.text).to.contain('Too many cards');
    expect(await shop.reload(session)).to.include({ status: 'expired', end_reason: 'attempts' });
    const form = 'abcdefghjkmnpqrstvwxyz0123';
    expect((await shop.pay(session, cards.good, { form })).status).to.equal(410);
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(body['amount_captured']).to.equal(0);
  });

  it('says which field is wrong, sends nothing, and never shows a number again', async () => {
    const session = await shop.session();
    const wrong: [object, string][] = [
      [{ number: '4242 4242 4242 4241' }, 'number'],
      [{ number: 'x' }, 'number'],
      [{ expiry: '13/30' }, 'expiry'],
      [{ expiry: '01/20' }, 'expiry'],
      [{ cvc: '12' }, 'cvc'],
      [{ holder: ' ' }, 'holder'],
    ];
    for (const [fields, name] of wrong) {
      const page = await shop.pay(session, cards.good, {
        form: await shop.formKey(`/checkout/${session['id']}`),
        ...fields,
      });
      expect(page.status, JSON.stringify(fields)).to.equal(422);
      expect(page.text).to.match(new RegExp(`id="${name}"[^>]*aria-invalid="true"`));
      expect(page.text).not.to.contain('4242');
    }
    const misplaced = await shop.pay(session, cards.good, { form: 'x', holder: cards.good });
    expect(misplaced.status).to.equal(400);
    expect(misplaced.text).not.to.contain('4242');
    expect((await shop.pay(session, cards.good, { form: 'not a key' })).status).to.equal(422);
    const method = { method: 'qris', form: 'abcdefghjkmnpqrstvwxyz0123' };
    expect((await shop.pay(session, cards.good, method)).status).to.equal(422);
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(body).to.include({ status: 'created', attempts: 0 });
  });

  it('takes digits as Arabic keyboards type them', async () => {
    const session = await shop.session({ locale: 'ar' });
    const eastern = (text: string) =>
      text.replaceAll(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
    const number = eastern('4242 4242 4242 4242');
    const fields = { number, expiry: eastern('12/34'), cvc: eastern('123') };
    const form = await shop.formKey(`/checkout/${session['id']}`);
    expect((await shop.pay(session, '', { form, ...fields })).status).to.equal(303);
    expect((await shop.reload(session))['status']).to.equal('complete');
  });

  it('charges once for a storm of clicks on one form, and of tabs with their own', async () => {
    const before = await shop.charges();
    const [clicked, tabbed] = [await shop.session(), await shop.session()];
    const form = await shop.formKey(`/checkout/${clicked['id']}`);
    const clicks = Array.from({ length: 8 }, () => shop.pay(clicked, cards.good, { form }));
    for (const { status } of await Promise.all(clicks)) expect(status).to.equal(303);
    expect(await shop.charges()).to.equal(before + 1);
    const tabs = Array.from({ length: 8 }, () => shop.pay(tabbed, cards.good).catch(() => null));
    await Promise.all(tabs);
    expect(await shop.charges()).to.equal(before + 2);
    for (const session of [clicked, tabbed]) {
      expect((await shop.reload(session))['status']).to.equal('complete');
      const { body } = await shop.app.call(`/v1/payments/${session['payment']}/operations`);
      expect(body['data']).to.have.length(1);
    }
  });

  it('leads to the bank and takes the customer back, approved or not', async () => {
    for (const outcome of ['fail', 'approve'] as const) {
      const session = await shop.session();
      const path = `/checkout/${session['id']}`;
      const sent = await shop.pay(session, cards.challenged);
      const step = await shop.page(sent.headers.get('location') ?? '');
      const bank = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(step.text)?.[1] ?? '';
      expect(bank).to.contain('/challenge/');
      expect((await shop.page(path)).text, 'no loop').not.to.contain('http-equiv');
      const back = await answerChallenge(bank, outcome);
      const passed = await fetch(back, { redirect: 'manual' });
      const location = new URL(passed.headers.get('location') ?? '');
      expect(location.pathname).to.equal(path);
      const { text } = await shop.page(location.pathname + location.search);
      if (outcome === 'approve') expect(text).to.contain('Payment received');
      else expect(text).to.contain('could not confirm that it is you').and.contain('name="number"');
    }
  });

  it('answers its own script in JSON: where to go, what to say', async () => {
    const json = { accept: 'application/json' };
    const session = await shop.session();
    const path = `/checkout/${session['id']}`;
    const send = async (number: string) =>
      shop.post(path, { ...typed(number), form: await shop.formKey(path) }, json);
    const declined = await send(cards.declined);
    expect(declined.status).to.equal(402);
    expect(declined.body['error']).to.contain('declined');
    expect(declined.body['form']).to.match(/^[0-9a-z]{26}$/);
    expect((await send('4242424242424241')).body).to.include({ field: 'number' });
    const challenged = await send(cards.challenged);
    expect(challenged.body['go']).to.contain('/challenge/');
    const form = 'abcdefghjkmnpqrstvwxyz0123';
    const twice = await shop.post(path, { ...typed(cards.good), form }, json);
    expect(twice.body).to.deep.equal({ go: challenged.body['go'] });
    const paid = await shop.session();
    const key = await shop.formKey(`/checkout/${paid['id']}`);
    const good = await shop.post(
      `/checkout/${paid['id']}`,
      { ...typed(cards.good), form: key },
      json,
    );
    expect(good.body).to.deep.equal({ go: `https://shop.example/thanks?s=${paid['id']}` });
    const over = await shop.post(`/checkout/${paid['id']}`, { ...typed(cards.good), form }, json);
    expect(over.body, 'the second tab').to.deep.equal(good.body);
    const ended = await shop.session();
    await shop.app.call(`/v1/checkout_sessions/${ended['id']}/expire`, { method: 'POST' });
    const late = await shop.post(`/checkout/${ended['id']}`, { ...typed(cards.good), form }, json);
    expect([late.status, late.body]).to.deep.equal([410, { reload: true }]);
  });

  it('speaks the customer’s language, or the one that the shop wants', async () => {
    const session = await shop.session();
    const read = async (header: string) => {
      const page = await shop.page(`/checkout/${session['id']}`, { 'accept-language': header });
      return /<html lang="(\w+)" dir="(\w+)"/.exec(page.text)?.slice(1).join(' ');
    };
    expect(await read('id-ID,id;q=0.9,en;q=0.8')).to.equal('id ltr');
    expect(await read('de,fr;q=0.5,en;q=0.3')).to.equal('fr ltr');
    expect(await read('ar-EG')).to.equal('ar rtl');
    expect(await read('xx;q=nonsense,,;')).to.equal('en ltr');
    const french = await shop.session({ locale: 'fr' });
    expect((await shop.page(`/checkout/${french['id']}`)).text).to.contain('Numéro de carte');
  });
});
