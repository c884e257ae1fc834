/** What a connector is given with every call. */
import type { Clock } from '../base/clock.ts';
import type { Context } from '../sdk/connector.ts';
import type { Account } from './account.ts';

export function contextOf(
  {
    settings,
    http,
    webhookUrl,
    webhookSecret,
  }: Pick<Account, 'settings' | 'http' | 'webhookUrl' | 'webhookSecret'>,
  mode: 'sandbox' | 'live',
  clock: Clock,
): Context<unknown> {
  const now = () => clock.outside?.() ?? clock.now();
  return { settings, mode, http, webhookUrl, webhookSecret, now };
}
