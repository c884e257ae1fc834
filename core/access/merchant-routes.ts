/** The caller's own merchant over HTTP. */
import { isoTime } from '../base/clock.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { update } from '../storage/index.ts';
import { presentMerchant } from './merchants.ts';
import { management, refuseRace, withScope, type AccessRouteDeps } from './route-parts.ts';
import { MerchantSchema, MerchantUpdateSchema } from './schema.ts';

const forMerchant = { ...management, tag: 'Merchant' } as const;

export function merchantRoutes(deps: AccessRouteDeps): readonly Route[] {
  const path = '/v1/merchant';
  return [
    defineRoute({
      ...forMerchant,
      id: 'getOwnMerchant',
      method: 'get',
      path,
      summary: 'Get your merchant',
      access: withScope('merchant:read'),
      replies: { 200: MerchantSchema },
      problems: [],
      examples: [{ summary: 'Whose key is this?', status: 200 }],
      async handle({ principal }) {
        const merchant = await deps.merchants.merchant(principal.merchantId);
        return { status: 200, body: presentMerchant(merchant) };
      },
    }),
    defineRoute({
      ...forMerchant,
      id: 'updateOwnMerchant',
      method: 'patch',
      path,
      summary: 'Rename your merchant',
      access: withScope('merchant:write'),
      body: MerchantUpdateSchema,
      replies: { 200: MerchantSchema },
      problems: ['concurrent_change'],
      examples: [{ summary: 'A new name', body: { name: 'Corner shop' }, status: 200 }],
      async handle({ principal, body }) {
        const before = await deps.merchants.merchant(principal.merchantId);
        const at = isoTime(deps.clock.now());
        const set = { name: body.name, updated_at: at, version: before.version + 1 };
        const where = { id: before.id, version: before.version };
        await deps.db
          .commit([update('merchants', set, where, 'merchant_version')])
          .catch(refuseRace);
        return { status: 200, body: presentMerchant({ ...before, ...set }) };
      },
    }),
  ];
}
