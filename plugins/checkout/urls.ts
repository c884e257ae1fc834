/** Addresses: where the customer is sent afterwards, and where our own pages are. */
import { Problem, type Host } from '#sdk';
import type { Settings } from './settings.ts';

export const placeholder = '{CHECKOUT_SESSION_ID}';

const local = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Throws `invalid_request` for what a browser must not be sent to: https only, except on this
 * machine, and no user name in front of the host.
 */
export function assertRedirect(url: string | undefined, param: string): void {
  if (url === undefined) return;
  const refuse = (why: string) => new Problem('invalid_request', `${param} ${why}`, { param });
  const filled = withSession(url, 'cs_0');
  if (!URL.canParse(filled)) throw refuse('is no URL');
  const { protocol, hostname, username, password } = new URL(filled);
  const safe = protocol === 'https:' || (protocol === 'http:' && local.has(hostname));
  if (!safe) throw refuse('must begin with https:// (http:// for localhost only)');
  if (username !== '' || password !== '') throw refuse('must not hold a user name');
  // A host that the session's id is part of would be another one for each customer.
  if (!sameOrigin(url, filled)) throw refuse(`may have ${placeholder} behind the host only`);
}

function sameOrigin(url: string, filled: string): boolean {
  const other = withSession(url, 'cs_1');
  return URL.canParse(other) && new URL(other).origin === new URL(filled).origin;
}

/** The URL with the session's id in it. */
export const withSession = (url: string, id: string) => url.replaceAll(placeholder, id);

type Place = Pick<Host<Settings>, 'settings' | 'baseUrl'>;

/** Scheme and host of a profile's pages. */
export function pagesOf({ settings, baseUrl }: Place, profileId: string | null): string {
  const own = profileId === null ? undefined : settings.domains?.[profileId];
  return (own ?? baseUrl()).replace(/\/+$/, '');
}
