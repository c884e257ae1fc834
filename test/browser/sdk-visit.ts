/** A customer's browser in the shop of docs/custom-checkout.md, and an ear at its border. */
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { scanText } from '../support/card-scan.ts';
import type { SdkShop } from './sdk-shop.ts';

/** Notes what crosses the border of the page: everything that comes in over ports and messages. */
const eavesdrop = `
  window.heard = [];
  window.addEventListener('message', ({ data }) => heard.push(data));
  const property = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage');
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    ...property,
    set(listener) {
      property.set.call(this, (event) => {
        heard.push(event.data);
        listener(event);
      });
    },
  });
`;

export interface Visit {
  readonly page: Page;
  /** Exceptions and breaches of a page's policy. */
  readonly faults: string[];
  /** What the shop's own page asked for, with its body. */
  readonly asked: string[];
}

/** What the script answers: an expectation checks what is there. */
type Parsed = ReturnType<typeof JSON.parse>;

export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 800, height: 700 },
    locale: 'en-US',
    ...options,
  });
  context.setDefaultTimeout(10_000);
  await context.addInitScript(eavesdrop);
  const page = await context.newPage();
  const faults: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (line) => {
    if (/Content Security Policy/.test(line.text())) faults.push(line.text());
  });
  page.on('request', (request) => {
    if (request.frame() !== page.mainFrame()) return;
    asked.push(`${request.method()} ${request.url()} ${request.postData() ?? ''}`);
  });
  await page.goto(url);
  return { page, faults, asked };
}

export const form = (page: Page) => page.frameLocator('#card iframe');
export const message = (page: Page) => page.locator('#message');
export const status = (page: Page) => page.locator('#status');
export const pay = (page: Page) => page.locator('#button').click();

export async function fill(page: Page, number: string): Promise<void> {
  const card = form(page);
  await card.locator('#number').pressSequentially(number);
  await card.locator('#expiry').pressSequentially('1234');
  await card.locator('#cvc').fill('123');
  await card.locator('#holder').fill('Jane Doe');
}

/** Runs an expression with what checkout.js has declared, and `more`. */
export function ask(page: Page, expression: string, more: object = {}): Promise<Parsed> {
  const names = Object.keys(more).join();
  return page.evaluate<Parsed>(`(async ({ ${names} }) => ${expression})(${JSON.stringify(more)})`);
}

/** No card in what the page heard, asked for and shows; and no cookie. */
export async function expectNoCard({ page, asked }: Visit): Promise<void> {
  const heard = await page.evaluate<string>('JSON.stringify(heard)');
  expect(heard).to.contain('"ready"').and.contain('"change"');
  const texts = { heard, asked: asked.join('\n'), page: await page.content() };
  const found = Object.entries(texts).flatMap(([place, text]) => scanText(place, text));
  expect(found).to.deep.equal([]);
  expect(await page.context().cookies(), 'cookies').to.deep.equal([]);
}

export interface Stranger {
  /** `http://evil.localhost:…`: on this machine, so that only its origin can be in its way. */
  readonly url: string;
  /** What every address of it shows from now on. */
  show(html: string): void;
  close(): Promise<void>;
}

/** A site that no switch knows. */
export async function openStranger(): Promise<Stranger> {
  let shown = '';
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html>${shown}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://evil.localhost:${(server.address() as AddressInfo).port}`,
    show: (html) => {
      shown = html;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Every test's own browser windows are closed, and the shop has complained about nothing. */
export async function closeWindows(browser?: Browser, shop?: SdkShop): Promise<void> {
  for (const context of browser?.contexts() ?? []) await context.close();
  expect(shop?.lines ?? []).to.deep.equal([]);
}
