/** The hosted page, and the way back to the shop. */
import { expectThat, type Bench, type ConformanceRow, type WireAnswer } from '#sdk';
import {
  ask,
  cards,
  charge,
  confirm,
  objectOf,
  expectEqual,
  intent,
  payOnPage,
  publicly,
} from './client.ts';

/** Where the page after the payment sends the customer: by a redirect, or by its link. */
async function onward(bench: Bench, answer: WireAnswer, base: string): Promise<string> {
  const location = answer.headers['location'];
  if (location !== undefined) return new URL(location, base).href;
  const [, href] = /<a class="button" href="([^"]+)"/.exec(answer.text) ?? [];
  expectThat(href !== undefined, 'a way on', answer.text);
  const url = new URL(href.replaceAll('&amp;', '&'), base);
  if (url.origin !== new URL(base).origin) return url.href;
  return onward(bench, await bench.open(url.href), base);
}

export const pageRows: readonly ConformanceRow[] = [
  {
    id: 'CK-10',
    title: 'the page shows amount and description, knows the e-mail address, and asks for a card',
    check: async (bench) => {
      const { checkout_url } = await intent(bench);
      const page = await bench.open(checkout_url);
      expectEqual(page.status, 200, 'status');
      for (const part of ['99.99', 'Order #12345', 'value="customer@example.com"']) {
        expectThat(page.text.includes(part), part, page.text);
      }
      expectThat(page.text.includes('autocomplete="cc-number"'), 'a card field', page.text);
    },
  },
  {
    id: 'CK-11',
    title: 'who has paid comes back to success_url with payment_intent, and the shop can ask',
    check: async (bench) => {
      const made = await intent(bench, { success_url: 'https://shop.example/done?order=7#top' });
      const paid = await payOnPage(bench, made);
      const url = new URL(await onward(bench, paid, made.checkout_url));
      expectEqual(url.origin + url.pathname + url.hash, 'https://shop.example/done#top', 'the URL');
      const wanted = { order: '7', payment_intent: made.id };
      expectEqual(Object.fromEntries(url.searchParams), wanted, 'its query');
      const shown = await publicly(bench, made);
      expectEqual(shown.status, 'captured', 'status');
      objectOf(await ask(bench, `/api/v1/payments/${shown.payment_id}`));
    },
  },
  {
    id: 'UI-06',
    title: 'the page takes another card after a decline, and none once it is paid',
    check: async (bench) => {
      const made = await intent(bench);
      const refused = await payOnPage(bench, made, cards.poor);
      expectThat(refused.text.includes('role="alert"'), 'what went wrong', refused.text);
      await payOnPage(bench, made, cards.mastercard);
      const again = await bench.open(made.checkout_url);
      expectThat(!again.text.includes('name="number"'), 'no card field', again.text);
      const twice = await confirm(bench, made);
      expectEqual(twice.status, 400, 'status of another confirmation');
    },
  },
  {
    id: 'UI-05',
    title: 'with the keys at hand the first payment is one request',
    check: async (bench) => {
      const { status, amount } = objectOf(await charge(bench, 'sale'));
      expectEqual([status, amount], ['captured', 9999], 'the payment');
    },
  },
];
