/**
 * Where customers go afterwards: the request's word, then the application's, then nowhere. For
 * Midtrans's page both URLs travel in the query of the payment's return URL, which is read from the
 * payment and never from a request: nobody else's link leads anywhere.
 */
import { Type } from 'typebox';
import {
  defineDialectRoute,
  type DialectReply,
  type DialectRoute,
  type Host,
  type NativePayment,
} from '#sdk';
import type { Application } from './application.ts';
import { statusOf, type Status } from './status.ts';

export interface Redirects {
  readonly success?: string | undefined;
  readonly failure?: string | undefined;
}

export async function redirectsOf(
  host: Host,
  { merchantId, profileId }: Application,
  asked: { readonly success_redirect_url?: string; readonly failure_redirect_url?: string },
): Promise<Redirects> {
  const { body: defaults } = await host.call<Record<keyof typeof asked, string | null>>(
    'getProfile',
    { principal: host.actFor({ merchantId }), params: { profile_id: profileId } },
  );
  return {
    success: (asked.success_redirect_url || defaults.success_redirect_url) ?? undefined,
    failure: (asked.failure_redirect_url || defaults.failure_redirect_url) ?? undefined,
  };
}

/** The page below; undefined when there is nowhere to send anybody. */
export function returnUrlOf(
  host: Host,
  { merchantId }: Application,
  redirects: Redirects,
): string | undefined {
  const given = Object.entries(redirects).filter(([, url]) => url !== undefined);
  if (given.length === 0) return undefined;
  const query = new URLSearchParams(given as [string, string][]);
  return `${host.dialectUrl()}/return/${merchantId}?${query.toString()}`;
}

/** None in a return URL that is not from here. */
function keptRedirects({ return_url: url, merchant_id: merchantId }: NativePayment): Redirects {
  if (!url?.includes(`/return/${merchantId}?`)) return {};
  return Object.fromEntries(new URL(url).searchParams);
}

/** From Midtrans's page: on to the application's, or told how it stands where there is none. */
export function returnRoute(host: Host): DialectRoute {
  return defineDialectRoute({
    id: 'return',
    method: 'get',
    path: '/return/{merchant_id}',
    access: 'anyone',
    rate: 'public',
    params: Type.Object({ merchant_id: Type.String({ pattern: '^mer_[0-9a-z]{26}$' }) }),
    search: Type.Object({ payment: Type.String({ pattern: '^pay_[0-9a-z]{26}$' }) }),
    handle: async ({ params: { merchant_id: merchantId }, search: { payment: payment_id } }) => {
      const { body: payment } = await host.call<NativePayment>('getPayment', {
        principal: host.actFor({ merchantId }),
        params: { payment_id },
      });
      const { success, failure } = keptRedirects(payment);
      const status = statusOf(payment.status);
      // While it is open he may well have paid: the news is on its way.
      const target = { paid: success, failed: failure, expired: failure, pending: undefined };
      const url = target[status];
      return url === undefined ? page(status, payment.next_action?.url) : seeOther(url);
    },
  });
}

/** Exactly as it was given, unless a header cannot hold it. */
const seeOther = (target: string): DialectReply => ({
  status: 303,
  contentType: 'text/plain',
  body: '',
  headers: {
    location: /^[\x21-\x7e]+$/.test(target) ? target : new URL(target).href,
    'cache-control': 'no-store',
  },
});

const sentences: Readonly<Record<Status, string>> = {
  pending: 'Your payment is not complete yet.',
  paid: 'Thank you. Your payment is complete, and you can close this page.',
  expired: 'The time for this payment is over.',
  failed: 'Your payment was not made.',
};

/** While the payment is open it looks again by itself, every five seconds. */
function page(status: Status, onward: string | undefined): DialectReply {
  const isOpen = status === 'pending';
  const again = isOpen ? '<meta http-equiv="refresh" content="5">' : '';
  const link =
    isOpen && onward !== undefined
      ? `<p><a href="${escaped(onward)}">Continue the payment</a></p>`
      : '';
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    headers: {
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
    },
    body:
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Payment</title>${again}` +
      '<meta name="viewport" content="width=device-width"></head><body><main><h1>Payment</h1>' +
      `<p>${sentences[status]}</p>${link}</main></body></html>`,
  };
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
