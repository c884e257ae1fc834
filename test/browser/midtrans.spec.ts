/**
 * Midtrans in real Chromium: its own page (Snap), and the ways to pay that our page shows itself,
 * a code to scan and an account to transfer to. The page notices by itself that it was paid.
 */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ManualClock } from '../../core/base/clock.ts';
import { startFakeMidtrans, type FakeMidtrans } from '../fakes/midtrans/index.ts';
import { testNowMs, type Answer } from '../support/app.ts';
import { describeInChromium, openBrowser, photograph, seriousFaults } from './chromium.ts';
import { openAt } from './customer.ts';
import { openProcessorShop, type ProcessorShop } from './processor-shop.ts';

describeInChromium('the checkout with Midtrans', () => {
  let browser: Browser;
  let clock: ManualClock;
  let fake: FakeMidtrans;
  let shop: ProcessorShop;
  let account: string;
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-midtrans-page-'));

  before(async () => {
    browser = await openBrowser();
    clock = new ManualClock(testNowMs);
    fake = await startFakeMidtrans({ now: () => clock.now() });
    shop = await openProcessorShop({ dataDir, url: undefined }, clock);
    account = await shop.account('midtrans', {
      server_key: 'SB-Mid-server-page',
      api_base_url: fake.apiUrl,
      app_base_url: fake.appUrl,
    });
  });
  after(async () => {
    await browser?.close();
    await fake?.notifications.idle();
    await shop?.close();
    await fake?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    if (!fake) return;
    // Browsers ask every host for its icon.
    const wrong = fake.violations().filter((what) => !what.includes('/favicon.ico'));
    expect(wrong).to.deep.equal([]);
    expect(await shop.breaches()).to.deep.equal([]);
  });

  const sell = (more: object) =>
    shop.session({ amount: 25_000_000, currency: 'IDR', locale: 'id', account, ...more });
  const thanks = (session: Answer['body']) => `${shop.url}/thanks?s=${session['id']}`;
  const press = (page: Page) => page.locator('form[data-pay] button').click();

  /** The order at Midtrans behind the session's payment. */
  async function orderOf(session: Answer['body']): Promise<string> {
    const { body } = await shop.app.call(`/v1/payments/${session['payment']}/operations`);
    return body['data'][0].id;
  }

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';

    it(`goes to Midtrans’ own page and comes back having paid, ${how} JavaScript`, async () => {
      const session = await sell({ allowed_methods: ['hosted'] });
      const { page, faults } = await openAt(browser, session['url'], { javaScriptEnabled });
      await press(page);
      await page.waitForURL(/\/snap\/v3\/redirection\//);
      const { pathname } = new URL(page.url());
      const paid = fake.customerPays(pathname.split('/').at(-1) ?? '', 'bca_va', 'paid');
      await page.goto(paid.returnUrl ?? '');
      await page.waitForURL(thanks(session));
      expect(await shop.statusOf(session)).to.equal('complete');
      expect(await shop.payment(session)).to.include({ status: 'captured' });
      expect(faults).to.deep.equal([]);
    });
  }

  it('has a way on to Midtrans’ page for a customer who came back without paying', async () => {
    const session = await sell({ allowed_methods: ['hosted'] });
    const { page } = await openAt(browser, session['url']);
    await press(page);
    await page.waitForURL(/\/snap\//);
    const snap = page.url();
    await page.goto(session['url']);
    expect(await page.locator('a.button').getAttribute('href')).to.equal(snap);
    expect(await seriousFaults(page)).to.deep.equal([]);
    await photograph(page, 'midtrans-way-on');
  });

  const inPage = [
    { method: 'qris', shows: 'img.qr' },
    { method: 'gopay', shows: 'img.qr' },
    { method: 'bank_transfer', bank: 'bca', shows: '.fields' },
    { method: 'bank_transfer', bank: 'mandiri', shows: '.fields' },
  ];
  for (const { method, bank, shows } of inPage) {
    it(`shows what to do for ${bank ?? method}, and goes on by itself once it is paid`, async () => {
      const session = await sell({ allowed_methods: [method], ...(bank && { bank }) });
      const { page, faults } = await openAt(browser, session['url']);
      await press(page);
      await page.locator(shows).waitFor();
      if (shows === 'img.qr') {
        // Rejects when the policy keeps the picture out.
        await page.evaluate(`document.querySelector('${shows}').decode()`);
      } else {
        const { next_action: action } = await shop.payment(session);
        const text = (await page.locator(shows).textContent()) ?? '';
        expect(text).to.contain(action.number ?? action.bill_key);
      }
      expect(await seriousFaults(page)).to.deep.equal([]);
      await photograph(page, `midtrans-${bank ?? method}`);
      fake.dashboard.settle(await orderOf(session));
      await page.waitForURL(thanks(session));
      expect(await shop.statusOf(session)).to.equal('complete');
      expect(faults).to.deep.equal([]);
    });
  }

  it('calls an unpaid transfer off at Midtrans when the session’s time is over', async () => {
    const session = await sell({
      allowed_methods: ['bank_transfer'],
      bank: 'bca',
      expires_in: 600,
    });
    const { page } = await openAt(browser, session['url']);
    await press(page);
    await page.locator('.fields').waitFor();
    const key = shop.app.credentials.admin_key;
    await shop.app.call('/v1/clock/advance', { key, body: { by: '11m' } });
    expect(await shop.statusOf(session)).to.equal('expired');
    expect(fake.dashboard.transaction(await orderOf(session)).status).to.be.oneOf([
      'cancel',
      'expire',
    ]);
    await page.locator('h1').filter({ hasText: 'kedaluwarsa' }).waitFor();
  });
});
