/** Sessions and links as the API shows them. */
import type { Host, NativeSession } from '#sdk';
import {
  detailsOf,
  type LinkDetails,
  type LinkRow,
  type MailRow,
  type Offer,
  type SessionRow,
} from './record.ts';
import type { Settings } from './settings.ts';
import { pagesOf } from './urls.ts';

type Place = Pick<Host<Settings>, 'settings' | 'baseUrl'>;

/** `chosen`: the account that took the payment, where it is known. */
export function sessionUrl(place: Place, row: SessionRow, chosen: string | null = null): string {
  const account = chosen ?? detailsOf(row).account;
  return `${pagesOf(place, { profile_id: row.profile_id, account })}/checkout/${row.id}`;
}

export function linkUrl(place: Place, row: LinkRow): string {
  const { account } = detailsOf<LinkDetails>(row);
  return `${pagesOf(place, { profile_id: row.profile_id, account })}/pay/${row.id}`;
}

const presentOffer = (offer: Offer) => ({
  amount: offer.amount,
  currency: offer.currency,
  line_items: offer.line_items ?? null,
  subtotal: offer.subtotal ?? null,
  discount_amount: offer.discount_amount ?? null,
  description: offer.description ?? null,
  metadata: offer.metadata ?? {},
  allowed_methods: offer.allowed_methods,
  capture_method: offer.capture_method,
  locale: offer.locale,
  seller_name: offer.seller_name,
  success_url: offer.success_url ?? null,
  cancel_url: offer.cancel_url ?? null,
  account: offer.account ?? null,
  webhook_url: offer.webhook_url ?? null,
  webhook_signer: offer.webhook_signer ?? null,
});

export function presentSession(
  place: Place,
  row: SessionRow,
  chosen?: string | null,
): NativeSession {
  const details = detailsOf(row);
  return {
    id: row.id,
    object: 'checkout_session',
    status: row.status,
    end_reason: row.end_reason,
    payment: row.payment_id,
    payment_link: row.link_id,
    profile_id: row.profile_id,
    reference: details.reference ?? null,
    customer_id: details.customer_id ?? null,
    customer_email: details.customer_email ?? null,
    customer_name: details.customer_name ?? null,
    merchant_id: row.merchant_id,
    ...presentOffer(details),
    url: sessionUrl(place, row, chosen),
    created_at: row.created_at,
    expires_at: row.expires_at,
    completed_at: row.completed_at,
  };
}

export function presentLink(place: Place, row: LinkRow, mail: MailRow | undefined) {
  const details = detailsOf<LinkDetails>(row);
  return {
    id: row.id,
    object: 'payment_link' as const,
    type: row.kind,
    status: row.status,
    customer_info: details.customer_info,
    merchant_id: row.merchant_id,
    ...presentOffer(details),
    url: linkUrl(place, row),
    email: mail?.recipient ?? null,
    email_status: mail?.status ?? null,
    created_at: row.created_at,
    expires_at: row.expires_at,
  };
}
