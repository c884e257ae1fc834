/** Addresses: where the customer is sent afterwards, and where our own pages are. */
import { Problem, type Host } from '#sdk';
import type { SessionRow } from './record.ts';
import type { Settings } from './settings.ts';

/** What stands for a session in an address. */
type Named = Pick<SessionRow, 'id' | 'payment_id'>;

const paymentPrefix = 'pay_';

const placeholders: Readonly<Record<string, (row: Named) => string>> = {
  '{CHECKOUT_SESSION_ID}': ({ id }) => id,
  '{PAYMENT_ID}': ({ payment_id }) => payment_id,
  '{PAYMENT_ULID}': ({ payment_id }) => payment_id.slice(paymentPrefix.length),
};

const local = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The URL with the session's and its payment's ids in it. */
export const filledFor = (url: string, row: Named) =>
  Object.entries(placeholders).reduce(
    (text, [name, valueOf]) => text.replaceAll(name, valueOf(row)),
    url,
  );

const madeUp = (sign: string): Named => ({ id: `cs_${sign}`, payment_id: paymentPrefix + sign });

/**
 * Throws `invalid_request` for what a browser must not be sent to: https only, except on this
 * machine, and no user name in front of the host.
 */
export function assertRedirect(url: string | undefined, param: string): void {
  if (url === undefined) return;
  const refuse = (why: string) => new Problem('invalid_request', `${param} ${why}`, { param });
  const filled = filledFor(url, madeUp('0'));
  if (!URL.canParse(filled)) throw refuse('is no URL');
  const { protocol, hostname, username, password, origin } = new URL(filled);
  const safe = protocol === 'https:' || (protocol === 'http:' && local.has(hostname));
  if (!safe) throw refuse('must begin with https:// (http:// for localhost only)');
  if (username !== '' || password !== '') throw refuse('must not hold a user name');
  // A host that an id is part of would be another one for each customer.
  const other = filledFor(url, madeUp('1'));
  if (!URL.canParse(other) || new URL(other).origin !== origin) {
    throw refuse('may have ids behind the host only');
  }
}

type Place = Pick<Host<Settings>, 'settings' | 'baseUrl'>;

/** Whose pages: an account's own domain goes before the profile's. */
export interface Branded {
  readonly profile_id: string | null;
  readonly account?: string | null | undefined;
}

/** Scheme and host of the pages. */
export function pagesOf(
  { settings: { domains = {} }, baseUrl }: Place,
  { profile_id: profile, account }: Branded,
): string {
  const own = domains[account ?? ''] ?? domains[profile ?? ''];
  return (own ?? baseUrl()).replace(/\/+$/, '');
}

/** Whether it matters for addresses which account takes a payment. */
export const accountsHaveDomains = ({ settings: { domains = {} } }: Place) =>
  Object.keys(domains).some((id) => id.startsWith('acct_'));
