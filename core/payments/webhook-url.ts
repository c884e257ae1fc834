/** A payment's own URL for its events: looked at before it is kept. */
import { Problem } from '../sdk/problem.ts';
import type { Desk } from './desk.ts';

/** Throws Problem `invalid_request` for an address that the switch may not send to. */
export function assertWebhookUrl(desk: Desk, url: string | undefined): void {
  if (url === undefined) return;
  const check = desk.checkWebhookUrl(url);
  if (check.ok) return;
  throw new Problem('invalid_request', check.rule, { param: 'webhook_url' });
}
