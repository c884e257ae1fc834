/** Sessions and links as the API shows them. */
import type { Host } from '#sdk';
import {
  detailsOf,
  type LinkDetails,
  type LinkRow,
  type Offer,
  type SessionRow,
} from './record.ts';
import type { Settings } from './settings.ts';
import { pagesOf } from './urls.ts';

type Place = Pick<Host<Settings>, 'settings' | 'baseUrl'>;

export const sessionUrl = (place: Place, row: Pick<SessionRow, 'id' | 'profile_id'>) =>
  `${pagesOf(place, row.profile_id)}/checkout/${row.id}`;

export const linkUrl = (place: Place, row: Pick<LinkRow, 'id' | 'profile_id'>) =>
  `${pagesOf(place, row.profile_id)}/pay/${row.id}`;

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
});

export function presentSession(place: Place, row: SessionRow) {
  const details = detailsOf(row);
  return {
    id: row.id,
    object: 'checkout_session' as const,
    status: row.status,
    end_reason: row.end_reason,
    payment: row.payment_id,
    payment_link: row.link_id,
    profile_id: row.profile_id,
    reference: details.reference ?? null,
    customer_email: details.customer_email ?? null,
    customer_name: details.customer_name ?? null,
    merchant_id: row.merchant_id,
    ...presentOffer(details),
    url: sessionUrl(place, row),
    created_at: row.created_at,
    expires_at: row.expires_at,
    completed_at: row.completed_at,
  };
}

export function presentLink(place: Place, row: LinkRow) {
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
    created_at: row.created_at,
    expires_at: row.expires_at,
  };
}
