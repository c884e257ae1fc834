/** From what was asked for to what is kept: prices checked, defaults filled in. */
import { Problem, type Principal } from '#sdk';
import { priceOf } from './order.ts';
import type { Offer } from './record.ts';
import type { LinkCreateBody, SessionCreateBody } from './schema.ts';
import { sellerOf } from './session.ts';
import type { CheckoutHost } from './store.ts';
import { assertRedirect } from './urls.ts';

type Asked = SessionCreateBody | LinkCreateBody;

/** Throws `invalid_request`, with the field that is to blame. */
export async function offerOf(
  host: CheckoutHost,
  { merchantId }: Principal,
  body: Asked,
): Promise<Offer> {
  const { line_items, discount_amount, description, metadata, bank, success_url } = body;
  const price = priceOf(body);
  const allowed = body.allowed_methods ?? (['card'] as const);
  assertRedirect(success_url, 'success_url');
  assertRedirect(body.cancel_url, 'cancel_url');
  if (allowed.includes('bank_transfer') !== (bank !== undefined)) {
    throw new Problem('invalid_request', 'bank goes with the method bank_transfer', {
      param: 'bank',
    });
  }
  const cancel_url = body.cancel_url ?? success_url;
  return {
    ...price,
    currency: body.currency,
    allowed_methods: allowed,
    capture_method: body.capture_method ?? 'automatic',
    locale: body.locale ?? 'auto',
    seller_name: body.seller_name ?? (await sellerOf(host, { merchant_id: merchantId })),
    ...(line_items && { line_items }),
    ...(discount_amount !== undefined && { discount_amount }),
    ...(description !== undefined && { description }),
    ...(metadata && { metadata }),
    ...(bank !== undefined && { bank }),
    ...(success_url !== undefined && { success_url }),
    ...(cancel_url !== undefined && { cancel_url }),
  };
}
