/** A payment's own URL for its events, and their format: looked at before they are kept. */
import { Problem } from '../sdk/problem.ts';
import type { Desk } from './desk.ts';

/** What a request says about who is told. */
interface Telling {
  readonly webhook_url?: string;
  readonly webhook_signer?: string;
}

/**
 * Throws Problem `invalid_request` for an address that the switch may not send to, and for a format
 * that is not installed.
 */
export function assertWebhook(
  { checkWebhookUrl, webhookSigners }: Pick<Desk, 'checkWebhookUrl' | 'webhookSigners'>,
  { webhook_url: url, webhook_signer: signer }: Telling,
): void {
  const check = url === undefined ? undefined : checkWebhookUrl(url);
  if (check?.ok === false) {
    throw new Problem('invalid_request', check.rule, { param: 'webhook_url' });
  }
  if (signer === undefined || webhookSigners.has(signer)) return;
  const installed = [...webhookSigners.keys()].join(', ');
  throw new Problem('invalid_request', `webhook_signer is one of ${installed}`, {
    param: 'webhook_signer',
  });
}
