/** The scan for card data reaches the pages that a browser suite leaves open. */
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { describeInChromium, openBrowser } from './chromium.ts';

describeInChromium('the scan for card data of pages', () => {
  let browser: Browser;

  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  /** What closing says when a page shows this. */
  async function closing(html: string): Promise<string> {
    const context = await browser.newContext({ javaScriptEnabled: false });
    await (await context.newPage()).setContent(html);
    return context.close().then(() => 'nothing', String);
  }

  it('fails the test that has shown a number or a CVC', async () => {
    const number = '4242 4242 4242 4242';
    expect(await closing(`<p>${number}</p>`)).to.contain('…4242');
    expect(await closing(`<input value="${number}">`)).to.contain('…4242');
    expect(await closing('<script>const card = { "cvc": "123" }</script>')).to.contain('a CVC');
    expect(browser.contexts()).to.deep.equal([]);
  });

  it('lets pass what somebody types, and the last four digits', async () => {
    expect(await closing('<input id="number"><p>Visa …4242</p>')).to.equal('nothing');
  });
});
