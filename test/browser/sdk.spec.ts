/** The guide of a custom checkout in real Chromium: its page, its server, the frames of the SDK. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { closeBooks } from '../support/books.ts';
import { describeInChromium, openBrowser, photograph, seriousFaults } from './chromium.ts';
import { openSdkShop, printedFiles, type SdkShop } from './sdk-shop.ts';
import {
  ask,
  closeWindows,
  expectNoCard,
  fill,
  form,
  message,
  pay,
  status,
  visit,
} from './sdk-visit.ts';

const good = '4242424242424242';
const declined = '4000000000000002';
const poor = '4000000000009995';
const challenged = '4000000000003220';

describeInChromium('the browser SDK in the shop of its guide', () => {
  let browser: Browser;
  let shop: SdkShop;
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-sdk-'));

  before(async () => {
    browser = await openBrowser();
    shop = await openSdkShop({ dataDir, url: undefined });
  });
  after(async () => {
    await browser?.close();
    await shop?.close();
    await closeBooks(shop?.app);
    rmSync(dataDir, { recursive: true, force: true });
  });
  afterEach(() => closeWindows(browser, shop));

  const open = (path: string, options?: BrowserContextOptions) =>
    visit(browser, shop.url + path, options);

  it('prints four files', () => {
    const names = ['server.mjs', 'checkout.html', 'checkout.js', 'done.html'];
    expect([...printedFiles.keys()]).to.deep.equal(names);
  });

  it('takes a card that the shop’s page never sees', async () => {
    const before = await shop.charges();
    const shown = await open('/buy');
    const { page, faults } = shown;
    await fill(page, good);
    expect(await form(page).locator('#number').inputValue()).to.equal('4242 4242 4242 4242');
    expect(await form(page).locator('#expiry').inputValue()).to.equal('12/34');
    expect(await form(page).locator('#brand').textContent()).to.equal('Visa');
    expect(await page.locator('#button.ready').count(), 'complete').to.equal(1);
    await photograph(page, 'sdk-form');
    await expectNoCard(shown);
    await pay(page);
    await status(page).waitFor();
    expect(await status(page).textContent()).to.equal('captured');
    expect(await shop.charges()).to.equal(before + 1);
    expect(shown.asked.filter((line) => line.includes(shop.switchUrl))).to.deep.equal([
      `GET ${shop.switchUrl}/pointsman.js `,
    ]);
    expect(faults).to.deep.equal([]);
  });

  it('says why a card was declined, keeps the form, and takes another card', async () => {
    const before = await shop.charges();
    const shown = await open('/buy');
    const { page, faults } = shown;
    const words: [string, string][] = [
      [declined, 'The card was declined. Try another one.'],
      [poor, 'There is not enough money on this card.'],
    ];
    for (const [number, text] of words) {
      await form(page).locator('#number').fill('');
      await fill(page, number);
      await pay(page);
      await message(page).filter({ hasText: text }).waitFor();
      expect(await form(page).locator('#holder').inputValue()).to.equal('Jane Doe');
      expect(await form(page).locator('#cvc').inputValue()).to.equal('');
    }
    await photograph(page, 'sdk-declined');
    await form(page).locator('#number').fill(good);
    await form(page).locator('#cvc').fill('123');
    await expectNoCard(shown);
    await pay(page);
    await status(page).waitFor();
    expect(await shop.charges()).to.equal(before + 1);
    expect(faults).to.deep.equal([]);
  });

  it('points at the field that cannot be right, and sends nothing', async () => {
    const before = await shop.charges();
    const { page } = await open('/buy');
    const card = form(page);
    await fill(page, '4242424242424241');
    await card.locator('#expiry').fill('01/20');
    await card.locator('#cvc').fill('12');
    await card.locator('#holder').fill(' ');
    // A finger rests on the button for a moment, which may not move away below it.
    await page.locator('#button').hover();
    await page.mouse.down();
    const { payment } = await ask(page, 'pointsman.retrievePayment(secret)');
    await page.mouse.up();
    await card.locator('#number:focus').waitFor();
    expect(await message(page).textContent()).to.equal('');
    for (const name of ['number', 'expiry', 'cvc', 'holder']) {
      expect(await card.locator(`#${name}`).getAttribute('aria-invalid'), name).to.equal('true');
      const text = await card.locator(`#${name}-wrong`).textContent();
      expect(text).to.match(/^(Check|Enter) the|^Check month/);
    }
    await photograph(page, 'sdk-wrong');
    await card.locator('#number').fill(good);
    expect(await card.locator('#number').getAttribute('aria-invalid')).to.equal('false');
    expect(payment.status).to.equal('created');
    expect(await shop.charges()).to.equal(before);
  });

  it('goes to the bank and comes back, failed and then passed', async () => {
    const before = await shop.charges();
    const { page, faults } = await open('/buy');
    for (const outcome of ['fail', 'approve']) {
      await fill(page, challenged);
      await pay(page);
      await page.waitForURL(/\/challenge\//);
      await page.locator(`button[value=${outcome}]`).click();
      if (outcome === 'approve') break;
      await page.waitForURL(/\/checkout\?.*again/);
      expect(await message(page).textContent()).to.contain('did not confirm');
      await form(page).locator('#number').waitFor();
    }
    await page.waitForURL(/\/done\?.*status=captured/);
    expect(await status(page).textContent()).to.equal('captured');
    expect(await shop.charges()).to.equal(before + 1);
    expect(faults).to.deep.equal([]);
  });

  it('opens the bank beside the page, and hears what became of it', async () => {
    const { page } = await open('/buy');
    await fill(page, challenged);
    const { payment } = await ask(
      page,
      "pointsman.confirmPayment({ clientSecret: secret, element: card, returnUrl: '/done' })",
    );
    expect(payment).to.include({ status: 'requires_action' });
    const opened = page.context().waitForEvent('page');
    const heard = ask(
      page,
      "pointsman.handleNextAction(payment, { target: '_blank', clientSecret: secret })",
      { payment },
    );
    const bank = await opened;
    await bank.waitForURL(/\/challenge\//);
    expect(await bank.evaluate('window.opener')).to.equal(null);
    await bank.locator('button[value=approve]').click();
    expect((await heard).payment.status).to.equal('captured');
  });

  it('sends nobody into a script, and says which steps it cannot take', async () => {
    const { page } = await open('/buy');
    for (const next_action of [
      { type: 'redirect', url: 'javascript:document.title=1' },
      { type: 'redirect', url: 'nowhere' },
      { type: 'show_qr', qr_url: 'https://qr.example' },
    ]) {
      const { error } = await ask(page, 'pointsman.handleNextAction({ next_action })', {
        next_action,
      });
      expect(error.code).to.equal('next_action_unsupported');
    }
  });

  it('keeps a card, and takes it the next time without a card form', async () => {
    const before = await shop.charges();
    const { page } = await open('/buy?save');
    expect(await page.locator('#saved').isVisible()).to.equal(false);
    await fill(page, good);
    await pay(page);
    await status(page).waitFor();
    await page.goto(`${shop.url}/buy`);
    expect(await page.locator('#saved').textContent()).to.equal('Pay with the card …4242');
    await page.locator('#saved').click();
    await status(page).waitFor();
    expect(await status(page).textContent()).to.equal('captured');
    expect(await shop.charges()).to.equal(before + 2);
  });

  it('turns a card into a token that pays once', async () => {
    const shown = await open('/buy');
    const { page } = shown;
    await fill(page, good);
    const { paymentMethod } = await ask(page, "card.tokenize({ billing: { name: 'Jane Doe' } })");
    expect(paymentMethod).to.deep.include({ single_use: true, billing: { name: 'Jane Doe' } });
    await expectNoCard(shown);
    const wish = 'pointsman.confirmPayment({ clientSecret: secret, paymentMethod: id })';
    expect((await ask(page, wish, paymentMethod)).payment.status).to.equal('captured');
    await page.goto(`${shop.url}/buy`);
    expect((await ask(page, wish, paymentMethod)).error.code).to.equal('payment_method_used');
  });

  it('charges once for two clicks at once, and when the answer is lost on its way', async () => {
    const before = await shop.charges();
    const { page } = await open('/buy');
    await fill(page, good);
    let lost = 0;
    await page.context().route('**/confirm', async (route) => {
      lost += 1;
      if (lost > 1) return route.continue();
      await route.fetch();
      await route.abort('connectionreset');
    });
    const wish = 'pointsman.confirmPayment({ clientSecret: secret, element: card })';
    const both = await ask(page, `Promise.all([${wish}, ${wish}])`);
    for (const { payment } of both) expect(payment.status).to.equal('captured');
    expect(lost).to.equal(2);
    expect(await shop.charges()).to.equal(before + 1);
  });

  it('answers with the errors of the API, and throws only what is a mistake of the page', async () => {
    const { page } = await open('/buy');
    await form(page).locator('#number').waitFor();
    const wrong = "'pay_00000000000000000000000000_secret_00000000000000000000000000000000'";
    const refusals: [string, object][] = [
      ['pointsman.retrievePayment(secret.slice(1))', { code: 'client_secret_invalid' }],
      [`pointsman.retrievePayment(${wrong})`, { code: 'client_secret_invalid', status: 401 }],
      ['pointsman.confirmPayment({ clientSecret: secret })', { param: 'element' }],
      ["pointsman.confirmPayment({ returnUrl: 'http://' })", { param: 'returnUrl' }],
      ['pointsman.card().tokenize()', { code: 'element_not_mounted' }],
      ['card.tokenize()', { code: 'invalid_card', param: 'payment_method.card.number' }],
      ['[card.tokenize(), card.unmount()][0]', { code: 'element_gone' }],
      [
        "pointsman.confirmPayment({ clientSecret: secret, paymentMethod: 'pm_0000000000000000000000000000' })",
        { code: 'payment_method_unknown', status: 400 },
      ],
    ];
    for (const [expression, members] of refusals) {
      expect((await ask(page, expression)).error, expression).to.include(members);
    }
    const { secret_key: secretKey } = shop.app.credentials;
    for (const mistake of [`Pointsman('${secretKey}')`, "card.mount('#none')"]) {
      const thrown = await ask(page, `(async () => ${mistake})().catch(String)`);
      expect(thrown)
        .to.match(/^TypeError/)
        .and.not.contain(secretKey);
    }
  });

  it('is paid with the keyboard alone', async () => {
    const { page } = await open('/buy');
    await form(page).locator('#number').waitFor();
    for (const text of [good, '1234', '123', 'Jane Doe']) {
      await page.keyboard.press('Tab');
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Enter');
    await status(page).waitFor();
    expect(await status(page).textContent()).to.equal('captured');
  });

  it('fits 360 px and every screen reader, in four languages', async () => {
    for (const locale of ['en', 'id', 'fr', 'ar'] as const) {
      const { page, faults } = await open('/buy', { viewport: { width: 360, height: 740 } });
      await form(page).locator('#number').waitFor();
      await ask(page, 'card.unmount()');
      const options = { style: { fontFamily: 'DejaVu Sans', colour: 'red', color: 'url(x)' } };
      const heard = ask(
        page,
        `new Promise((done) => {
          const errors = [];
          const form = Pointsman(key, { locale }).card(options);
          form.on('error', ({ param }) => errors.push(param)).on('ready', () => done(errors));
          form.mount('#card');
        })`,
        { locale, options },
      );
      expect(await heard).to.deep.equal(['style.colour', 'style.color']);
      const frame = page.frames().find((one) => one.url().includes('/elements/card'));
      if (!frame) throw new Error('the card form has a frame');
      await fill(page, '4242424242424241');
      await frame.locator('#number[aria-invalid=true]').waitFor();
      const width = 'document.documentElement.scrollWidth';
      expect(await page.evaluate<number>(width)).to.be.at.most(360);
      expect(await frame.evaluate<number>(`${width} - innerWidth`)).to.equal(0);
      const dir = await frame.evaluate('document.documentElement.dir');
      expect(dir).to.equal(locale === 'ar' ? 'rtl' : 'ltr');
      expect(await seriousFaults(frame), locale).to.deep.equal([]);
      expect(await seriousFaults(page), locale).to.deep.equal([]);
      await photograph(page, `sdk-phone-${locale}`);
      expect(faults).to.deep.equal([]);
      await page.context().close();
    }
  });
});
