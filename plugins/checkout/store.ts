/** Reading our rows: one by its id, and pages newest first. */
import { Problem, type Host, type Principal, type Where } from '#sdk';
import { linkTable, sessionTable, type LinkRow, type SessionRow } from './record.ts';
import type { PageQuery } from './schema.ts';
import type { Settings } from './settings.ts';

export type CheckoutHost = Host<Settings>;

type Owned = { readonly id: string; readonly profile_id: string | null };

/** For a page: whoever has the address may look. */
export async function sessionById(host: CheckoutHost, id: string): Promise<SessionRow> {
  const [row] = await host.store.find<SessionRow>(sessionTable, { id });
  if (!row) throw new Problem('not_found', 'there is no such checkout session');
  return row;
}

/**
 * The session by its own id, or by its payment's behind any prefix: dialects give payments names
 * like `txn_…`, and their documents print pages with them.
 */
export async function sessionNamed(host: CheckoutHost, name: string): Promise<SessionRow> {
  const [, prefix, body] = /^([a-z]{1,10})_([0-9a-z]{26})$/.exec(name) ?? [];
  if (prefix === 'cs' || body === undefined) return sessionById(host, name);
  const [row] = await host.store.find<SessionRow>(sessionTable, { payment_id: `pay_${body}` });
  return row ?? sessionById(host, name);
}

export async function linkById(host: CheckoutHost, id: string): Promise<LinkRow> {
  const [row] = await host.store.find<LinkRow>(linkTable, { id });
  if (!row) throw new Problem('not_found', 'there is no such payment link');
  return row;
}

/** Throws `not_found` for another merchant's, and another profile's where the key has one. */
export async function sessionFor(host: CheckoutHost, principal: Principal, id: string) {
  return owned(await sessionById(host, id), principal, 'checkout session');
}

export async function linkFor(host: CheckoutHost, principal: Principal, id: string) {
  return owned(await linkById(host, id), principal, 'payment link');
}

function owned<T extends Owned & { readonly merchant_id: string }>(
  row: T,
  { merchantId, profileId }: Principal,
  what: string,
): T {
  const mine = row.merchant_id === merchantId;
  if (mine && (profileId === undefined || profileId === row.profile_id)) return row;
  throw new Problem('not_found', `there is no such ${what}`);
}

/** One page of the caller's own. Throws `invalid_cursor`. */
export async function pageOf<T extends Owned>(
  host: CheckoutHost,
  table: string,
  { merchantId, profileId }: Principal,
  query: PageQuery,
  filters: Where,
): Promise<{ readonly rows: readonly T[]; readonly hasMore: boolean }> {
  const { limit = 10, starting_after: after, ending_before: before } = query;
  if (after !== undefined && before !== undefined) {
    const param = 'ending_before';
    throw new Problem('invalid_request', 'give starting_after or ending_before, not both', {
      param,
    });
  }
  const mine: Where = {
    merchant_id: merchantId,
    ...(profileId === undefined ? {} : { profile_id: profileId }),
  };
  const cursor = after ?? before;
  if (cursor !== undefined) {
    const [known] = await host.store.find<T>(table, { ...mine, id: cursor });
    const param = after === undefined ? 'ending_before' : 'starting_after';
    if (!known) {
      throw new Problem('invalid_cursor', 'the cursor is not the id of an object of yours', {
        param,
      });
    }
  }
  const range: Where = {
    ...(after === undefined ? {} : { id: { below: after } }),
    ...(before === undefined ? {} : { id: { above: before } }),
  };
  const order = [{ by: 'id', descending: before === undefined }];
  const where = { ...filters, ...mine, ...range };
  const rows = await host.store.find<T>(table, where, { order, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  return {
    rows: before === undefined ? shown : shown.toReversed(),
    hasMore: rows.length > limit,
  };
}
