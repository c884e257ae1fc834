/** Real Chromium for specs: the distribution's package, driven by playwright-core. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { skipped } from '../support/skipped.ts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const executable = places.find((path) => existsSync(path));

/** `describe` that says aloud when there is no Chromium on this machine. */
export function describeInChromium(title: string, declare: () => void): void {
  describe(title, () => {
    before(function () {
      if (executable !== undefined) return;
      skipped.set('Browser suites', 'no Chromium here: install the package chromium');
      this.skip();
    });
    declare();
  });
}

/** Without its sandbox: a container's root may not have one, and only our own pages are opened. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: executable ?? '', args: ['--no-sandbox'] });

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

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe calls serious or critical, in words: the page's policy allows axe through DevTools. */
export async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate<readonly Finding[]>(
    'axe.run(document).then(({ violations }) => violations)',
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((one) => one.html + one.failureSummary).join()}`);
}
