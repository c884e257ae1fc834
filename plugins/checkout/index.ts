/** Hosted checkout: sessions and payment links, and the pages where customers pay them. */
import { definePlugin } from '#sdk';
import { expiryJob, paymentNews } from './jobs.ts';
import { linkPages } from './link-pages.ts';
import { linkRoutes } from './link-routes.ts';
import { mailJob } from './mail.ts';
import { migrations } from './migrations.ts';
import { sessionPages } from './session-pages.ts';
import { sessionRoutes } from './session-routes.ts';
import { CheckoutSettings } from './settings.ts';

export const checkout = definePlugin({
  id: 'checkout',
  name: 'Checkout',
  settings: CheckoutSettings,
  // Pages have no key of the merchant's; the seller's name is the merchant's.
  acts: ['payments:read', 'payments:write', 'merchant:read', 'accounts:read', 'routing:read'],
  migrations,
  contribute: (host) => ({
    routes: [...sessionRoutes(host), ...linkRoutes(host)],
    pages: [...sessionPages(host), ...linkPages(host)],
    jobs: [expiryJob(host), mailJob(host)],
    subscribers: [paymentNews(host)],
  }),
});
