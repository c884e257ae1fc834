/** The page that a payment is paid on, and where its customers go afterwards. */
import { expectThat, type Bench, type ConformanceRow } from '#sdk';
import { at, cards, created, landing, pay } from './client.ts';

export const pageRows: readonly ConformanceRow[] = [
  {
    id: 'CK-17',
    title: 'invoice_url opens a page where the payment can be paid',
    check: async (bench) => {
      const { invoice_url: url } = await created(bench, { description: 'Order #10001' });
      const page = await bench.open(url);
      const isPage = (page.headers['content-type'] ?? '').startsWith('text/html');
      expectThat(page.status === 200 && isPage, 'a page', page.text);
    },
  },
  {
    id: 'CK-18',
    title: 'customers go where the request says, else the application, else nowhere',
    needs: ['native'],
    check: async (bench) => {
      const appUrls = {
        success_redirect_url: 'https://app.example.com/success',
        failure_redirect_url: 'https://app.example.com/failure?from=pay&x=1',
      };
      const withUrls = await application(bench, appUrls);
      const without = await application(bench, {});
      const special = 'https://app.example.com/special-flow';
      const own = { success_redirect_url: special };
      const scenarios = [
        [withUrls, {}, cards.good, appUrls.success_redirect_url],
        [withUrls, own, cards.good, special],
        [without, own, cards.good, special],
        [without, {}, cards.good, undefined],
        [without, { failure_redirect_url: special }, cards.good, undefined],
      ] as const;
      for (const [keys, urls, card, wanted] of scenarios) {
        const { invoice_url: url } = await created(bench, urls, keys);
        await pay(bench, url, card);
        const came = await landing(bench, url);
        expectThat(came === wanted, wanted ?? 'no redirect', came);
      }
      const failing = [
        [withUrls, {}, appUrls.failure_redirect_url],
        [withUrls, { failure_redirect_url: special }, special],
        [without, { success_redirect_url: special }, undefined],
      ] as const;
      for (const [keys, urls, wanted] of failing) {
        const { invoice_url: url, external_id } = await created(bench, urls, keys);
        await bench.call(at(external_id, '/cancel'), { method: 'POST', keys });
        const came = await landing(bench, url);
        expectThat(came === wanted, wanted ?? 'no redirect', came);
      }
    },
  },
];

/** A new application with redirects of its own, and its token. */
async function application(bench: Bench, redirects: object) {
  const profile = await bench.native('/v1/profiles', { body: { name: 'App', ...redirects } });
  expectThat(profile.status === 201, 'a new profile', profile.text);
  const body = { kind: 'secret', name: 'App', profile_id: profile.body.id };
  const key = await bench.native('/v1/api_keys', { body });
  expectThat(key.status === 201, 'its key', key.text);
  return { publicKey: '', secretKey: key.body.key as string };
}
