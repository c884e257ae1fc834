/** The Stripe pool: PayzPool's clients in their own words. See README.md. */
import { definePlugin, usualIdempotency, type DialectRequest } from '#sdk';
import { actionRoutes } from './action-routes.ts';
import { conformance } from './conformance/index.ts';
import { printed } from './errors.ts';
import { intentRoutes } from './intent-routes.ts';
import { migrations } from './intents.ts';
import { webhookFormat } from './webhook.ts';

/** Both keys, each in its place; anything else is no credentials. */
function credentialsIn({ headers }: DialectRequest) {
  const { 'x-api-key': publicKey = '', 'x-api-secret': key = '' } = headers;
  return publicKey.startsWith('pk_') && key.startsWith('sk_') ? { key, publicKey } : undefined;
}

export const payzpool = definePlugin({
  id: 'payzpool',
  name: 'PayzPool',
  migrations,
  // A customer who comes back has no key, and webhooks are printed for nobody in particular.
  acts: ['payments:read'],
  conformance,
  contribute: (host) => ({
    dialect: {
      routes: [...intentRoutes(host), ...actionRoutes(host)],
      authenticate: credentialsIn,
      problem: printed,
      // The document has no way to repeat a request safely; this is the native one.
      idempotency: usualIdempotency,
    },
    webhookFormats: [webhookFormat(host)],
  }),
});
