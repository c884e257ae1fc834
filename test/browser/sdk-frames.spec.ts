/** Who may show the card form and talk to it: one origin, and nobody around it. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { closeBooks } from '../support/books.ts';
import { describeInChromium, openBrowser } from './chromium.ts';
import { openSdkShop, type SdkShop } from './sdk-shop.ts';
import { closeWindows, form, openStranger, visit, type Stranger } from './sdk-visit.ts';

describeInChromium('the frames of the browser SDK', () => {
  let browser: Browser;
  let shop: SdkShop;
  let stranger: Stranger;
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-sdk-'));

  before(async () => {
    browser = await openBrowser();
    shop = await openSdkShop({ dataDir, url: undefined });
    stranger = await openStranger();
  });
  after(async () => {
    await browser?.close();
    await stranger?.close();
    await shop?.close();
    await closeBooks(shop?.app);
    rmSync(dataDir, { recursive: true, force: true });
  });
  afterEach(() => closeWindows(browser, shop));

  const cardUrl = () => `${shop.switchUrl}/elements/card?origin=${encodeURIComponent(shop.url)}`;
  /** How many card fields there are to be seen, in all frames. */
  const fields = async (page: Page) => {
    const counts = page.frames().map((frame) => frame.locator('#number').count());
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  };
  const settled = (page: Page) => page.waitForLoadState('networkidle');

  it('stay shut for a page of an origin that the switch does not know', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.clock.install();
    const answers: number[] = [];
    page.on('response', (answer) => {
      if (answer.url().includes('/elements/')) answers.push(answer.status());
    });
    stranger.show('<div id="card"></div>');
    await page.goto(stranger.url);
    await page.addScriptTag({ url: `${shop.switchUrl}/pointsman.js` });
    const { public_key: key } = shop.app.credentials;
    await page.evaluate(
      `window.pointsman = Pointsman('${key}');
       window.card = pointsman.card().on('error', ({ code }) => { window.told = code; });
       card.mount('#card');
       window.asked = pointsman.retrievePayment('none').then(({ error }) => error);`,
    );
    await settled(page);
    await page.clock.runFor(20_000);
    const error = await page.evaluate<{ code: string; message: string }>('window.asked');
    expect(error.code).to.equal('frame_refused');
    expect(error.message).to.contain(stranger.url).and.contain('allowed_origins');
    expect(await page.evaluate('window.told')).to.equal('frame_refused');
    expect(answers).to.deep.equal([403, 403]);
    expect(await fields(page)).to.equal(0);
  });

  it('stay shut in a page that lies about its origin, and open in the one it named', async () => {
    const page = await (await browser.newContext()).newPage();
    const refusals: string[] = [];
    page.on('console', (line) => {
      if (/frame-ancestors/.test(line.text())) refusals.push(line.text());
    });
    stranger.show(`<iframe src="${cardUrl()}"></iframe>`);
    await page.goto(stranger.url);
    await settled(page);
    expect(await fields(page)).to.equal(0);
    expect(refusals.join()).to.contain(`frame-ancestors ${shop.url}`);
    await page.goto(`${shop.url}/buy`);
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('iframe'), { src: '${cardUrl()}' }))`,
    );
    await settled(page);
    expect(await fields(page)).to.equal(2);
  });

  it('stay shut in the shop when somebody has framed the shop', async () => {
    const page = await (await browser.newContext()).newPage();
    stranger.show(`<iframe src="${shop.url}/buy"></iframe>`);
    await page.goto(stranger.url);
    await page.frameLocator('iframe').locator('h1').waitFor();
    await settled(page);
    const [, inner, card] = page.frames();
    expect(inner?.url()).to.contain('/checkout?order=');
    expect(card?.parentFrame()).to.equal(inner);
    expect(await fields(page)).to.equal(0);
  });

  it('listen to the page around them, once, and to no other window', async () => {
    const { page } = await visit(browser, `${shop.url}/buy`);
    await form(page).locator('#number').waitFor();
    // The shop's own page with another port; then a window beside it, of the same origin.
    const offer = (target: string) => `new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { window.answered = true; };
      const hello = { pointsman: 1, key: 'pk_sandbox_x', options: {} };
      ${target}.frames[0].postMessage(hello, '*', [port2]);
      port1.postMessage({ id: 1, verb: 'retrieve', given: {} });
      done();
    })`;
    // An answer over the true line is younger than whatever the offer could have brought.
    const answer = 'card.tokenize().then(({ error }) => error.code)';
    await page.evaluate(offer('window'));
    expect(await page.evaluate(answer)).to.equal('invalid_card');
    expect(await page.evaluate('window.answered')).to.equal(undefined);
    const opened = page.context().waitForEvent('page');
    await page.evaluate("void window.open('about:blank')");
    const other = await opened;
    await other.evaluate(offer('window.opener'));
    expect(await page.evaluate(answer)).to.equal('invalid_card');
    expect(await other.evaluate('window.answered')).to.equal(undefined);
  });
});
