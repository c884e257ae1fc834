/** From what was asked for to what is kept: prices checked, defaults filled in. */
import { Problem, type Principal } from '#sdk';
import { priceOf } from './order.ts';
import type { Offer } from './record.ts';
import type { LinkCreateBody, SessionCreateBody } from './schema.ts';
import { sellerOf } from './session.ts';
import type { CheckoutHost } from './store.ts';
import { assertRedirect } from './urls.ts';
import { usualMethods } from './usual-methods.ts';

type Asked = SessionCreateBody | LinkCreateBody;

/** Throws `invalid_request`, with the field that is to blame. */
export async function offerOf(
  host: CheckoutHost,
  { merchantId }: Principal,
  body: Asked,
): Promise<Offer> {
  const { line_items, discount_amount, description, metadata, bank, success_url } = body;
  const price = priceOf(body);
  assertRedirect(success_url, 'success_url');
  assertRedirect(body.cancel_url, 'cancel_url');
  assertNotified(body);
  await assertAccount(host, merchantId, body.account);
  const allowed = body.allowed_methods ?? (await usualMethods(host, merchantId, body));
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
    ...(body.account !== undefined && { account: body.account }),
    ...(body.webhook_url !== undefined && { webhook_url: body.webhook_url }),
    ...(body.webhook_signer !== undefined && { webhook_signer: body.webhook_signer }),
  };
}

function assertNotified({ webhook_url: url, webhook_signer: signer }: Asked): void {
  if (signer === undefined || url !== undefined) return;
  throw new Problem('invalid_request', 'webhook_signer goes with webhook_url', {
    param: 'webhook_signer',
  });
}

/** Now rather than when the customer stands before a page that cannot take his money. */
async function assertAccount(
  host: CheckoutHost,
  merchantId: string,
  account: string | undefined,
): Promise<void> {
  if (account === undefined) return;
  const principal = host.actFor({ merchantId });
  const refuse = (why: string) => new Problem('account_unusable', why, { param: 'account' });
  try {
    const params = { account_id: account };
    const { body } = await host.call<{ status: string }>('getAccount', { principal, params });
    if (body.status !== 'active') throw refuse('the account is disabled');
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'not_found') throw error;
    throw refuse('there is no such account');
  }
}
