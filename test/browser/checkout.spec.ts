/** The checkout page in real Chromium, with JavaScript and without: one charge in any case. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Answer } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { describeInChromium, openBrowser, photograph, seriousFaults } from './chromium.ts';
import { fill, openAt, outlineOfFocus, reopen, send } from './customer.ts';
import { eventually, openBrowserShop, type BrowserShop } from './shop.ts';

const good = '4242424242424242';
const declined = '4000000000000002';
const challenged = '4000000000003220';

describeInChromium('the checkout in a browser', () => {
  let browser: Browser;
  let shop: BrowserShop;
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-browser-'));

  before(async () => {
    browser = await openBrowser();
    shop = await openBrowserShop({ dataDir, url: undefined });
  });
  after(async () => {
    await browser?.close();
    await closeBooks(shop?.app);
    await shop?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
  });

  const visit = (at: Answer['body'], options?: BrowserContextOptions) =>
    openAt(browser, at['url'], options);
  const waitForFocus = (page: Page, id: string) => page.locator(`#${id}:focus`).waitFor();
  const thanks = (session: Answer['body']) => `${shop.url}/thanks?s=${session['id']}`;
  const error = (page: Page) => page.locator('#error');

  async function expectPaid(session: Answer['body'], before: number): Promise<void> {
    expect(await shop.statusOf(session)).to.equal('complete');
    expect(await shop.charges()).to.equal(before + 1);
  }

  it('takes a card in place and sends the customer to the shop', async () => {
    const before = await shop.charges();
    const session = await shop.session();
    const { page, faults } = await visit(session);
    await photograph(page, 'form-light');
    await fill(page, good);
    expect(await page.locator('#number').inputValue()).to.equal('4242 4242 4242 4242');
    expect(await page.locator('#expiry').inputValue()).to.equal('12/34');
    await send(page);
    await page.waitForURL(thanks(session));
    await expectPaid(session, before);
    await page.goto(session['url']);
    await photograph(page, 'paid');
    expect(await seriousFaults(page)).to.deep.equal([]);
    expect(await page.locator('h1').textContent()).to.equal('Payment received');
    expect(faults).to.deep.equal([]);
  });

  it('keeps what was typed after a decline, says what to do, and takes the next card', async () => {
    const before = await shop.charges();
    const session = await shop.session();
    const { page, faults } = await visit(session);
    await fill(page, declined);
    await send(page);
    await waitForFocus(page, 'error');
    expect(await error(page).textContent()).to.contain('Nothing was charged. Try another card');
    expect(await page.locator('#holder').inputValue()).to.equal('Jane Doe');
    expect(await page.locator('#cvc').inputValue()).to.equal('');
    await photograph(page, 'declined');
    expect(await seriousFaults(page)).to.deep.equal([]);
    await page.locator('#number').fill('');
    await page.locator('#number').pressSequentially(good);
    await page.locator('#cvc').fill('123');
    await send(page);
    await page.waitForURL(thanks(session));
    await expectPaid(session, before);
    expect(faults).to.deep.equal([]);
  });

  it('points at the field that cannot be right', async () => {
    const { page } = await visit(await shop.session());
    await fill(page, '4242424242424241');
    await send(page);
    await waitForFocus(page, 'number');
    expect(await error(page).textContent()).to.equal('Check the card number.');
    expect(await page.locator('#number').getAttribute('aria-invalid')).to.equal('true');
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';

    it(`goes to the bank and comes back, failed and then passed, ${how} JavaScript`, async () => {
      const before = await shop.charges();
      const session = await shop.session();
      const { page, faults } = await visit(session, { javaScriptEnabled });
      for (const outcome of ['fail', 'approve']) {
        await fill(page, challenged);
        await send(page);
        await page.waitForURL(/\/challenge\//);
        await page.locator(`button[value=${outcome}]`).click();
        if (outcome === 'approve') break;
        await page.waitForURL(/\/checkout\//);
        expect(await error(page).textContent()).to.contain('could not confirm that it is you');
        await photograph(page, `challenge-failed-${how}`);
      }
      await page.waitForURL(thanks(session));
      await expectPaid(session, before);
      expect(faults).to.deep.equal([]);
    });
  }

  it('pays without JavaScript, after a decline, and a reload sends nothing', async () => {
    const before = await shop.charges();
    const session = await shop.session();
    const { page } = await visit(session, { javaScriptEnabled: false });
    await fill(page, declined);
    await send(page);
    await page.waitForURL(/sent=1/);
    await page.reload();
    expect(await error(page).textContent()).to.contain('declined');
    await photograph(page, 'declined-without-script');
    await fill(page, good);
    await send(page);
    await page.waitForURL(thanks(session));
    await expectPaid(session, before);
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}`);
    expect(body['attempts']).to.equal(2);
    await page.goBack();
    expect(await page.locator('#number').count(), 'the way back').to.equal(0);
    await expectPaid(session, before);
  });

  it('charges once for a double click, a reload in the middle, and the way back', async () => {
    const before = await shop.charges();
    const session = await shop.session();
    const { page } = await visit(session);
    await fill(page, good);
    await page.locator('form[data-pay] button').first().dblclick();
    await page.waitForURL(thanks(session));
    // The script leaves no entry in the history: the address is opened again.
    await page.goto(session['url']);
    await page.locator('h1').filter({ hasText: 'Payment received' }).waitFor();
    await page.reload();
    expect(await page.locator('#number').count()).to.equal(0);
    await expectPaid(session, before);
    const other = await shop.session();
    const { page: hasty } = await visit(other, { javaScriptEnabled: false });
    await fill(hasty, good);
    await hasty
      .locator('form[data-pay] button')
      .first()
      .click({ noWaitAfter: true, clickCount: 2 });
    await hasty.waitForURL(thanks(other));
    await hasty.goto(other['url']);
    expect(await hasty.locator('h1').textContent()).to.equal('Payment received');
    await expectPaid(other, before + 1);
  });

  it('charges once for two tabs that pay at the same moment', async () => {
    const before = await shop.charges();
    const session = await shop.session();
    const tabs = await Promise.all([visit(session), visit(session)]);
    for (const { page } of tabs) await fill(page, good);
    await Promise.all(tabs.map(({ page }) => send(page)));
    await eventually(async () => (await shop.statusOf(session)) === 'complete');
    await expectPaid(session, before);
    for (const { page } of tabs) {
      await page.locator('#number').waitFor({ state: 'detached' });
      await reopen(page, session['url']);
    }
    for (const { page } of tabs) expect(await page.locator('#number').count()).to.equal(0);
  });

  it('charges once for a customer who closes the tab while he pays, and comes back', async () => {
    const before = await shop.charges();
    const session = await shop.session();
    const { page } = await visit(session);
    await fill(page, good);
    const asked = page.waitForRequest((request) => request.method() === 'POST');
    await page.locator('form[data-pay] button').first().click({ noWaitAfter: true });
    await asked;
    await page.close();
    await eventually(async () => (await shop.statusOf(session)) === 'complete');
    const { page: later } = await visit(session);
    expect(await later.locator('h1').textContent()).to.equal('Payment received');
    await expectPaid(session, before);
  });

  it('says so when its time ends while the customer types', async () => {
    const before = await shop.charges();
    const session = await shop.session({ expires_in: 600 });
    const { page, faults } = await visit(session);
    await fill(page, good);
    const key = shop.app.credentials.admin_key;
    await shop.app.call('/v1/clock/advance', { key, body: { by: '11m' } });
    await send(page);
    await page.locator('h1').filter({ hasText: 'This page has expired' }).waitFor();
    await photograph(page, 'expired');
    expect(await seriousFaults(page)).to.deep.equal([]);
    await page.getByRole('link', { name: 'Back to Corner Coffee' }).click();
    await page.waitForURL(`${shop.url}/cart`);
    expect(await shop.charges()).to.equal(before);
    expect(faults).to.deep.equal([]);
  });

  it('can be paid with the keyboard alone, in the order of the page', async () => {
    const before = await shop.charges();
    const session = await shop.session();
    const { page } = await visit(session);
    const focused = () => page.evaluate<string>('document.activeElement.id');
    const typed = { number: good, expiry: '1234', cvc: '123', holder: 'Jane Doe' };
    for (const [id, text] of Object.entries(typed)) {
      await page.keyboard.press('Tab');
      expect(await focused()).to.equal(id);
      expect(await outlineOfFocus(page), 'the focus is seen').to.equal('solid 3px');
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(thanks(session));
    await expectPaid(session, before);
  });

  it('fits a telephone of 360 px in four languages and both colour schemes', async () => {
    for (const locale of ['en', 'id', 'fr', 'ar'] as const) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const session = await shop.session({ locale });
        const viewport = { width: 360, height: 740 };
        const { page, faults } = await visit(session, { viewport, colorScheme });
        const width = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(width, locale).to.be.at.most(360);
        expect(await seriousFaults(page), `${locale} ${colorScheme}`).to.deep.equal([]);
        await photograph(page, `phone-${locale}-${colorScheme}`);
        expect(faults).to.deep.equal([]);
        await page.context().close();
      }
    }
  });

  it('is paid in Arabic, from right to left', async () => {
    const before = await shop.charges();
    const session = await shop.session();
    const { page } = await visit(session, { locale: 'ar-EG' });
    expect(await page.evaluate('document.documentElement.dir')).to.equal('rtl');
    await fill(page, declined);
    await send(page);
    await waitForFocus(page, 'error');
    expect(await error(page).textContent()).to.contain('لم يُخصم أي مبلغ');
    await page.locator('#number').fill('');
    await page.locator('#number').pressSequentially('٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢');
    expect(await page.locator('#number').inputValue()).to.equal('4242 4242 4242 4242');
    await page.locator('#cvc').fill('123');
    await send(page);
    await page.waitForURL(thanks(session));
    await expectPaid(session, before);
  });

  it('loads one page of less than 100 kB and nothing from anybody else', async () => {
    const session = await shop.session();
    const context = await browser.newContext();
    const page = await context.newPage();
    let weight = 0;
    const hosts = new Set<string>();
    page.on('response', async (response) => {
      hosts.add(new URL(response.url()).origin);
      weight += (await response.body()).length;
    });
    await page.goto(session['url'], { waitUntil: 'networkidle' });
    expect([...hosts]).to.deep.equal([shop.app.url]);
    expect(weight).to.be.within(1, 100_000);
  });

  it('opens a payment link, asks who pays, and takes the payment', async () => {
    const before = await shop.charges();
    const link = await shop.link();
    const { page, faults } = await visit(link);
    await photograph(page, 'link');
    expect(await seriousFaults(page)).to.deep.equal([]);
    await page.locator('#name').fill('Jane Doe');
    await page.locator('#email').fill('jane@example.com');
    await page.locator('button').click();
    await page.waitForURL(/\/checkout\//);
    await fill(page, good);
    await send(page);
    await page.locator('h1').filter({ hasText: 'Payment received' }).waitFor();
    expect(await shop.charges()).to.equal(before + 1);
    await page.goto(link['url']);
    expect(await page.locator('h1').textContent()).to.equal('This link is no longer valid');
    expect(faults).to.deep.equal([]);
  });
});
