/** What a customer does in his browser: opens the page, types a card, presses the button. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export interface Visit {
  readonly page: Page;
  /** Scripts that failed, and whatever the page's own policy stopped. */
  readonly faults: string[];
}

/** In a browser of his own, of 800 × 900 points, speaking American English. */
export async function openAt(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const viewport = { width: 800, height: 900 };
  const context = await browser.newContext({ viewport, locale: 'en-US', ...options });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (line) => {
    if (/Content Security Policy/.test(line.text())) faults.push(line.text());
  });
  await page.goto(url);
  return { page, faults };
}

/** Key by key, as the page groups the digits. */
export async function fill(page: Page, number: string): Promise<void> {
  await page.locator('#number').pressSequentially(number);
  await page.locator('#expiry').pressSequentially('1234');
  await page.locator('#cvc').fill('123');
  await page.locator('#holder').fill('Jane Doe');
}

export const send = (page: Page) => page.locator('form[data-pay] button').first().click();

/** Opens an address even while the browser is on its way to another one. */
export async function reopen(page: Page, url: string): Promise<void> {
  try {
    await page.goto(url);
  } catch (error) {
    if (!/interrupted by another navigation/.test(String(error))) throw error;
    await reopen(page, url);
  }
}

/** How the field stands out that a keyboard is in: `solid 3px`. */
export const outlineOfFocus = (page: Page) =>
  page.evaluate<string>(
    '(({ outlineStyle, outlineWidth }) => `${outlineStyle} ${outlineWidth}`)' +
      '(getComputedStyle(document.activeElement))',
  );
