/** Real Chromium for specs: the distribution's package, driven by playwright-core. */
import axe from 'axe-core';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { scanText } from '../support/card-scan.ts';
import { expectNoCards } from '../support/leftovers.ts';
import { skipped } from '../support/skipped.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executable = places.find((path) => existsSync(path));

/** `describe` that says aloud when there is no Chromium on this machine. */
export function describeInChromium(title: string, declare: () => void): void {
  describe(title, function () {
    // On a busy machine a browser takes seconds for what usually takes a tenth.
    this.timeout(60_000);
    before(function () {
      if (executable !== undefined) return;
      skipped.set('Browser suites', 'no Chromium here: install the package chromium');
      this.skip();
    });
    declare();
  });
}

/** Without its sandbox: a container's root may not have one, and only our own pages are opened. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: executable ?? '',
    args: ['--no-sandbox'],
  });
  const open = browser.newContext.bind(browser);
  browser.newContext = async (options) => scannedAtClose(await open(options));
  return browser;
}

/** A page on its way to another one has none for a moment: the next one is waited for. */
async function sourceOf(page: Page): Promise<string> {
  for (;;) {
    await page.waitForLoadState('domcontentloaded');
    try {
      return await page.content();
    } catch (error) {
      if (!String(error).includes('navigating')) throw error;
    }
  }
}

/** What its pages hold at the end is looked through for card data, as their source is. */
function scannedAtClose(context: BrowserContext): BrowserContext {
  const close = context.close.bind(context);
  context.close = async (options) => {
    const sources = context.pages().map(async (page) => scanText(page.url(), await sourceOf(page)));
    try {
      expectNoCards((await Promise.all(sources)).flat());
    } finally {
      await close(options);
    }
  };
  return context;
}

const folder = fileURLToPath(new URL('../../test-output/browser/', import.meta.url));

/** For people to look at: `test-output/browser/<name>.png`. */
export async function photograph(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe calls serious or critical, in words: the page's policy allows axe through DevTools. */
export async function seriousFaults(page: Pick<Page, 'evaluate'>): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<readonly Finding[]>(
    'axe.run(document).then(({ violations }) => violations)',
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html + one.failureSummary).join()}`);
}
