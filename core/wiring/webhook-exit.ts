/** The way out for webhooks, under the policy that the configuration states. */
import type { Config } from '../../config/load.ts';
import { createWebhookPort } from '../outbound/webhook-port.ts';
import { checkWebhookUrl, type WebhookPolicy } from '../outbound/webhook-url.ts';
import { DeliveryFault } from '../webhooks/port.ts';
import type { WebhookExit } from './webhook-outlet.ts';

export function webhookExit(config: Config): WebhookExit {
  const policy = policyOf(config);
  const port = createWebhookPort(policy, { fault: DeliveryFault });
  return {
    port,
    checkUrl: (url) => checkWebhookUrl(url, policy),
    close: () => port.close(),
  };
}

function policyOf({ mode, webhooks }: Config): WebhookPolicy {
  return {
    allowLoopback: webhooks.allow_loopback,
    allowHosts: webhooks.allow_hosts,
    allowedPorts: webhooks.ports,
    requireHttps: mode === 'live',
  };
}
