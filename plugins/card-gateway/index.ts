/** The card gateway's API: authorize, sale, capture, void, refund, and intents with their page. */
import { definePlugin, usualIdempotency, type DialectRequest } from '#sdk';
import { conformance } from './conformance/index.ts';
import { intentRoutes } from './intent-routes.ts';
import { migrations } from './intents.ts';
import { paymentRoutes } from './payment-routes.ts';
import { printer, replier } from './reply.ts';
import { CardGatewaySettings } from './settings.ts';
import { transactionRoutes } from './transaction-routes.ts';
import { webhookFormats } from './webhook.ts';

export const cardGateway = definePlugin({
  id: 'card-gateway',
  name: 'Card gateway',
  settings: CardGatewaySettings,
  // Whoever has an intent's id may look at it, and webhooks are printed for nobody's key.
  acts: ['payments:read', 'events:read'],
  migrations,
  conformance,
  contribute: (host) => {
    const reply = replier(host.settings);
    return {
      dialect: {
        routes: [
          ...paymentRoutes(reply),
          ...intentRoutes(host, reply),
          ...transactionRoutes(reply),
        ],
        authenticate: ({ headers }) => {
          const key = headers['x-api-key'] ?? bearerOf(headers);
          return key === undefined ? undefined : { key };
        },
        problem: printer(host.settings),
        idempotency: usualIdempotency,
        rateLimits: {
          payments: { perSecond: 20, perHour: 10_000 },
          queries: { perSecond: 100 },
          public: { perSecond: 50 },
        },
      },
      webhookFormats: webhookFormats(host),
    };
  },
});

function bearerOf(headers: DialectRequest['headers']): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
}
