/** The page, and the way back from it. */
import { expectThat, type ConformanceRow } from '#sdk';
import { cards, expectEqual, expectStatus, intent, pay, shown } from './client.ts';

const hourMs = 60 * 60 * 1000;

/** The link or refresh that the page sends the customer on with. */
const onward = (html: string) =>
  /href="([^"]*\/return\/txn_[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');

export const checkoutRows: readonly ConformanceRow[] = [
  {
    id: 'CK-01',
    title: 'the page of a transaction asks for a card, and holds no secret key',
    needs: ['native'],
    check: async (bench) => {
      const { checkout_url: url } = await intent(bench);
      const page = await bench.open(url);
      expectStatus(page, 200);
      expectThat(page.headers['content-type']?.includes('text/html') === true, 'HTML');
      expectThat(page.text.includes('99.99'), 'the amount', page.text);
      expectThat(page.text.includes('Order #12345'), 'the description', page.text);
      expectThat(page.text.includes('autocomplete="cc-number"'), 'a card field', page.text);
      expectThat(!/sk_|whsec_/.test(page.text), 'no secret', page.text);
      const nobody = await bench.open(`${url.slice(0, -4)}0000`);
      expectThat(nobody.status === 404, 'no page of nobody', nobody.status);
    },
  },
  {
    id: 'CK-02',
    title: 'who has paid is sent to return_url with payment_intent and redirect_status=succeeded',
    needs: ['native'],
    check: async (bench) => {
      const return_url = 'https://yoursite.com/payment/success?order=7';
      const made = await intent(bench, { return_url });
      const done = await pay(bench, made);
      const hop = onward(done.text);
      expectThat(hop !== undefined, 'a way on', done.text);
      const { status, headers } = await bench.open(hop);
      expectThat(status === 303, 'a redirect', status);
      const url = new URL(headers['location'] ?? '');
      expectEqual(url.origin + url.pathname, 'https://yoursite.com/payment/success', 'return_url');
      const wanted = {
        order: '7',
        payment_intent: made.payment_intent.id,
        redirect_status: 'succeeded',
      };
      expectEqual(Object.fromEntries(url.searchParams), wanted, 'query');
    },
  },
  {
    id: 'UI-06',
    title: 'the page renders, refuses a card, takes another, and ends after its hour',
    needs: ['native', 'clock'],
    check: async (bench) => {
      const made = await intent(bench);
      const refused = await pay(bench, made, cards.poor);
      expectThat(refused.text.includes('role="alert"'), 'what went wrong', refused.text);
      expectThat(refused.text.includes('name="number"'), 'another try', refused.text);
      const done = await pay(bench, made);
      expectThat(!done.text.includes('name="number"'), 'no form any more', done.text);
      expectEqual((await shown(bench, made)).status, 'succeeded', 'status');
      const late = await intent(bench);
      await bench.advance(hourMs + 1000);
      const page = await bench.open(late.checkout_url);
      expectThat(!page.text.includes('name="number"'), 'no form any more', page.text);
      expectEqual((await shown(bench, late)).status, 'cancelled', 'status');
      const hop = onward(page.text);
      expectThat(hop !== undefined, 'a way back', page.text);
      const { headers } = await bench.open(hop);
      const told = new URL(headers['location'] ?? '').searchParams.get('redirect_status');
      expectEqual(told, 'failed', 'redirect_status');
    },
  },
];
