/** Lists of payments: filters that narrow one merchant's keyset page. */
import { day, isoTime } from '../base/clock.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal } from '../sdk/route.ts';
import { listOf, page, type Database, type Select } from '../storage/index.ts';
import { presentPayment } from './present.ts';
import type { PaymentRecord } from './record.ts';
import type { ListQuery } from './schema.ts';

/** A plain day means its first instant (UTC) as a start and its last as an end. */
function instant(param: 'created_from' | 'created_to', text: string): number {
  const ms = Date.parse(text);
  // Date.parse takes the 30th of February for the 2nd of March.
  if (Number.isNaN(ms) || !isoTime(ms).startsWith(text.slice(0, 10))) {
    throw new Problem('invalid_request', `${param} is not a day or time of the calendar`, {
      param,
    });
  }
  return ms;
}

/** The moment a `created_from` begins with. */
function createdFrom(text: string): string {
  return isoTime(instant('created_from', text));
}

/** The last moment of a `created_to`. */
function createdTo(text: string): string {
  const ms = instant('created_to', text);
  return isoTime(text.includes('T') ? ms : ms + day - 1);
}

/** Narrows a list to the rows whose `column` lies between `created_from` and `created_to`. */
export function within(
  select: Select,
  column: string,
  { created_from: from, created_to: to }: { created_from?: string; created_to?: string },
): void {
  if (from !== undefined) void select.where(column, '>=', createdFrom(from));
  if (to !== undefined) void select.where(column, '<=', createdTo(to));
}

function narrow(query: ListQuery, profileId: string | undefined): (select: Select) => void {
  return (select) => {
    const equal = {
      status: query.status,
      customer_id: query.customer_id,
      reference: query.reference,
      account_id: query.account,
      currency: query.currency,
      profile_id: query.profile_id,
    };
    for (const [column, value] of Object.entries(equal)) {
      if (value !== undefined) void select.where(column, value);
    }
    if (profileId !== undefined) void select.where('profile_id', profileId);
    if (query.statuses !== undefined) void select.whereIn('status', query.statuses.split(','));
    if (query.offset !== undefined) void select.offset(query.offset);
    within(select, 'created_at', query);
    if (query.amount_min !== undefined) void select.where('amount', '>=', query.amount_min);
    if (query.amount_max !== undefined) void select.where('amount', '<=', query.amount_max);
    if (query.has_refund === true) void select.where('amount_refunded', '>', 0);
    if (query.has_refund === false) void select.where('amount_refunded', 0);
    if (query.attempted === true) void select.where('attempts', '>', 0);
    if (query.attempted === false) void select.where('attempts', 0);
  };
}

export async function listPayments(db: Database, principal: Principal, query: ListQuery) {
  const { merchantId, profileId } = principal;
  const narrowed = narrow(query, profileId);
  const found = await page<PaymentRecord>(db, 'payments', merchantId, query, narrowed);
  return listOf(
    found,
    found.rows.map((payment) => presentPayment(payment)),
  );
}
