/** Paypool's API v1, as applications know it: one invoice a payment, paid at Midtrans. */
import { definePlugin } from '#sdk';
import { conformance } from './conformance/index.ts';
import { createRoute } from './create.ts';
import { printedProblem } from './errors.ts';
import { listRoute } from './list.ts';
import { paymentRoutes } from './payment-routes.ts';
import { returnRoute } from './return.ts';
import { paypoolWebhook } from './webhook.ts';

export const paypool = definePlugin({
  id: 'paypool',
  name: 'Paypool v1',
  // What an application's token need not be able to read by itself: its profile's redirects, which
  // accounts there are, what a processor said. Returning customers have no token at all.
  acts: ['payments:read', 'merchant:read', 'accounts:read', 'webhooks:read'],
  conformance,
  contribute: (host) => ({
    dialect: {
      routes: [createRoute(host), listRoute(host), ...paymentRoutes(host), returnRoute(host)],
      // Other kinds of keys are no tokens of an application.
      authenticate: ({ headers }) => {
        const [, key] = /^Bearer +(sk_\S+)$/i.exec(headers['authorization'] ?? '') ?? [];
        return key === undefined ? undefined : { key };
      },
      problem: printedProblem,
    },
    webhookFormats: [paypoolWebhook(host)],
  }),
});
