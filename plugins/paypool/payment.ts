/** A payment as Paypool prints it, and where its application's number for it is kept. */
import { toDecimal, type Host, type JsonObject, type NativePayment } from '#sdk';
import { fromNative } from './metadata.ts';
import { isCalledOff, statusOf } from './status.ts';

/** The switch waits an hour for a customer; a payment nobody has paid by then expires. */
const lifeMs = 3_600_000;

/** An external_id is one application's own: the next one may use it too. */
export const externalKind = (profileId: string) => `external_id:${profileId}`;

/** `2026-02-05T10:00:00Z`: no fractions of a second. */
const time = (iso: string) => `${iso.slice(0, 19)}Z`;

const expiredAt = ({ created_at: at }: NativePayment) =>
  time(new Date(Date.parse(at) + lifeMs).toISOString());

/** Major units as a number: whole rupiah. */
const amountOf = (payment: NativePayment) => Number(toDecimal(payment));

/** Midtrans's word where it gave one; null until it is known what the customer chose. */
function methodOf({ payment_method: method }: NativePayment): string | null {
  if (!method) return null;
  if (method.processor_type !== undefined) return method.processor_type;
  if (method.type === 'hosted') return null;
  return method.type === 'card' ? 'credit_card' : method.type;
}

/** What the webhook tells too. */
export const told = (payment: NativePayment, external_id: string) => ({
  external_id,
  amount: amountOf(payment),
  currency: payment.currency,
  status: statusOf(payment.status),
  customer_name: payment.customer?.name ?? null,
  customer_email: payment.customer?.email ?? null,
  payment_method: methodOf(payment),
  paid_at: payment.captured_at === null ? null : time(payment.captured_at),
  metadata: {
    ...fromNative(payment.metadata as JsonObject),
    ...(isCalledOff(payment.status) && { cancelled: true }),
  },
});

/** The payments of a page, in their order. Those made natively go by their native id. */
export async function shown(host: Host, merchantId: string, payments: readonly NativePayment[]) {
  const names = await externalIds(host, merchantId, payments);
  const ids = payments.map(({ id }) => id);
  const numbers = await host.aliases.of(merchantId, 'payment', ids);
  const printed = [];
  for (const payment of payments) {
    const { metadata, ...fields } = told(payment, names.get(payment.id) ?? payment.id);
    const known = numbers.get(payment.id);
    printed.push({
      payment_id: Number(known ?? (await host.aliases.number(merchantId, 'payment', payment.id))),
      ...fields,
      expired_at: expiredAt(payment),
      metadata,
      created_at: time(payment.created_at),
    });
  }
  return printed;
}

/** Native id → external_id. */
export async function externalIds(
  host: Host,
  merchantId: string,
  payments: readonly Pick<NativePayment, 'id' | 'profile_id'>[],
): Promise<ReadonlyMap<string, string>> {
  const all: [string, string][] = [];
  for (const profile of new Set(payments.map(({ profile_id }) => profile_id))) {
    const ids = payments.filter(({ profile_id }) => profile_id === profile).map(({ id }) => id);
    all.push(...(await host.aliases.of(merchantId, externalKind(profile), ids)));
  }
  return new Map(all);
}
