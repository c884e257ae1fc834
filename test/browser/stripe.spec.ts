/**
 * Stripe's own form on our second page, in real Chromium: a stand-in for Stripe's script, and the
 * fake of Stripe's API behind it. The card is typed into a frame of another origin.
 */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ManualClock } from '../../core/base/clock.ts';
import { startFakeStripe, type FakeStripe } from '../fakes/stripe/index.ts';
import { testNowMs, type Answer } from '../support/app.ts';
import { describeInChromium, openBrowser, photograph, seriousFaults } from './chromium.ts';
import { openAt } from './customer.ts';
import { openProcessorShop, type ProcessorShop } from './processor-shop.ts';
import { serveStripeScript, type StripeScript } from './stripe-script.ts';

describeInChromium('the checkout with Stripe’s form', () => {
  let browser: Browser;
  let fake: FakeStripe;
  let script: StripeScript;
  let shop: ProcessorShop;
  let account: string;
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-stripe-page-'));

  before(async () => {
    browser = await openBrowser();
    const clock = new ManualClock(testNowMs);
    fake = await startFakeStripe({ now: () => new Date(clock.now()) });
    script = await serveStripeScript(fake.url);
    const settings = { script_urls: { stripe: script.url } };
    shop = await openProcessorShop({ dataDir, url: undefined }, clock, settings);
    account = await shop.account('stripe', {
      secret_key: 'sk_test_page',
      publishable_key: 'pk_test_page',
      base_url: fake.url,
    });
  });
  after(async () => {
    await browser?.close();
    await fake?.webhooks.settled();
    await shop?.close();
    await script?.close();
    await fake?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
    if (!fake) return;
    await fake.webhooks.settled();
    expect(fake.violations()).to.deep.equal([]);
    expect(await shop.breaches()).to.deep.equal([]);
  });

  const sell = (more: object = {}) =>
    shop.session({ amount: 4200, currency: 'USD', allowed_methods: ['hosted'], account, ...more });
  const thanks = (session: Answer['body']) => `${shop.url}/thanks?s=${session['id']}`;

  async function toForm(session: Answer['body'], javaScriptEnabled = true) {
    const visit = await openAt(browser, session['url'], { javaScriptEnabled });
    await visit.page.locator('form[data-pay] button').click();
    return visit;
  }

  async function payWith(page: Page, card: string): Promise<void> {
    await page.frameLocator('#element iframe').locator('#card').fill(card);
    await page.locator('#element-form button').click();
  }

  /** Intents at Stripe that took money. */
  const taken = () =>
    fake
      .dashboard('sk_test_page')
      .all('payment_intent')
      .filter(({ status }) => status === 'succeeded').length;

  it('takes the payment in place and sends the customer to the shop', async () => {
    const before = taken();
    const session = await sell();
    const { page, faults } = await toForm(session);
    await page.frameLocator('#element iframe').locator('#card').waitFor();
    await photograph(page, 'stripe-form');
    expect(await seriousFaults(page)).to.deep.equal([]);
    expect(await page.locator('input[name=number]').count(), 'no field of ours').to.equal(0);
    await payWith(page, 'pm_card_visa');
    await page.waitForURL(thanks(session));
    expect(await shop.statusOf(session)).to.equal('complete');
    expect(await shop.payment(session)).to.include({ status: 'captured', amount_captured: 4200 });
    expect(taken()).to.equal(before + 1);
    expect(faults).to.deep.equal([]);
  });

  it('lets in one origin’s script and frames, and knows no secret key', async () => {
    const session = await sell();
    const { page } = await toForm(session);
    await page.locator('#element-form').waitFor();
    const answer = await shop.app.call(`/checkout/${session['id']}`, { key: null });
    const { origin } = new URL(script.url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).to.match(
      new RegExp(`script-src 'nonce-[^']+' ${origin} https://\\*\\.js\\.stripe\\.com;`),
    );
    expect(policy).to.contain(`frame-src ${origin} `).and.not.contain('unsafe');
    expect(answer.text).to.contain('pk_test_page').and.not.contain('sk_test');
    expect(answer.text).not.to.contain(shop.app.credentials.secret_key);
    const card = await shop.session({ amount: 1, currency: 'USD' });
    const form = await shop.app.call(`/checkout/${card['id']}`, { key: null });
    expect(form.headers.get('content-security-policy')).not.to.contain('stripe');
  });

  it('says what Stripe says about a declined card, and takes the next', async () => {
    const before = taken();
    const session = await sell();
    const { page, faults } = await toForm(session);
    await payWith(page, 'pm_card_chargeDeclined');
    await page.locator('#error:focus').waitFor();
    expect(await page.locator('#error').textContent()).to.match(/declined/i);
    await photograph(page, 'stripe-declined');
    await payWith(page, 'pm_card_visa');
    await page.waitForURL(thanks(session));
    expect(taken()).to.equal(before + 1);
    expect(faults).to.deep.equal([]);
  });

  it('goes through 3-D Secure, failed and then passed', async () => {
    const before = taken();
    const session = await sell();
    const { page } = await toForm(session);
    await payWith(page, 'pm_card_threeDSecure2Required');
    await page.locator('#failed').click();
    await page.locator('#element-form').waitFor();
    expect(await page.locator('#error').textContent()).to.contain('could not confirm');
    expect(await shop.statusOf(session)).to.equal('open');
    await payWith(page, 'pm_card_threeDSecure2Required');
    await page.locator('#passed').click();
    await page.waitForURL(thanks(session));
    expect(taken()).to.equal(before + 1);
  });

  it('shows the form at once when the payment was begun by its shop', async () => {
    const session = await sell();
    const begun = await shop.app.call(`/v1/payments/${session['payment']}/confirm`, {
      body: { payment_method: { type: 'hosted' }, account, return_url: session['success_url'] },
    });
    expect(begun.body['status'], begun.text).to.equal('requires_action');
    const { page } = await openAt(browser, session['url']);
    await payWith(page, 'pm_card_visa');
    await page.waitForURL(thanks(session));
    expect(await shop.statusOf(session)).to.equal('complete');
  });

  it('is paid once by two tabs', async () => {
    const before = taken();
    const session = await sell();
    const { page: one } = await toForm(session);
    const { page: two } = await openAt(browser, session['url']);
    for (const page of [one, two]) {
      await page.frameLocator('#element iframe').locator('#card').waitFor();
    }
    await Promise.all([payWith(one, 'pm_card_visa'), payWith(two, 'pm_card_visa')]);
    await Promise.all([one.waitForURL(thanks(session)), two.waitForURL(thanks(session))]);
    expect(taken()).to.equal(before + 1);
  });

  it('says so when Stripe’s form does not load', async () => {
    const keys = { secret_key: 'sk_test_unknown', publishable_key: 'pk_test_unknown' };
    const other = await shop.account('stripe', { ...keys, base_url: fake.url }, 'unknown');
    const { page } = await toForm(await sell({ account: other }));
    await page.locator('#error:focus').waitFor();
    expect(await page.locator('#error').textContent()).to.contain('No connection');
    expect(await page.locator('#element-form').isVisible()).to.equal(false);
  });

  it('says so when Stripe’s form needs JavaScript and there is none', async () => {
    const { page } = await toForm(await sell(), false);
    await page.waitForURL(/sent=1/);
    expect(await page.locator('main').textContent()).to.contain('needs JavaScript');
  });
});
