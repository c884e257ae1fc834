/** What the box's owner does with the admin key: merchants, and a way back in for one. */
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { findOne, listOf, type Database, type Page, type PageQuery } from '../storage/index.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { createKey } from './key-verbs.ts';
import { presentKey, presentMerchant, presentProfile } from './merchants.ts';
import type { MerchantRecord } from './record.ts';
import { management, type AccessRouteDeps } from './route-parts.ts';
import {
  KeyCreateSchema,
  KeySchema,
  MerchantCreatedSchema,
  MerchantCreateSchema,
  MerchantListSchema,
  MerchantParams,
  MerchantSchema,
  PageSchema,
} from './schema.ts';

const forAdmin = { ...management, tag: 'Administration', access: { kind: 'admin' } } as const;

export function adminRoutes(deps: AccessRouteDeps): readonly Route[] {
  return [
    createMerchantRoute(deps),
    listMerchantsRoute(deps),
    getMerchantRoute(deps),
    createMerchantKeyRoute(deps),
  ];
}

/** As storage's `page`, of all merchants: they belong to nobody but the owner of the box. */
async function merchantPage(db: Database, query: PageQuery): Promise<Page<MerchantRecord>> {
  const { limit = 10, starting_after: after, ending_before: before } = query;
  if (after !== undefined && before !== undefined) {
    throw new Problem('invalid_request', 'give starting_after or ending_before, not both', {
      param: 'ending_before',
    });
  }
  const cursor = after ?? before;
  if (cursor !== undefined && !(await findOne(db, 'merchants', { id: cursor }))) {
    throw new Problem('invalid_cursor', 'the cursor is not the id of a merchant', {
      param: after === undefined ? 'ending_before' : 'starting_after',
    });
  }
  const backwards = before !== undefined;
  const select = db.knex('merchants').select('*');
  void select.orderBy('id', backwards ? 'asc' : 'desc').limit(limit + 1);
  if (cursor !== undefined) void select.where('id', backwards ? '>' : '<', cursor);
  const rows = await db.rows<MerchantRecord>(select);
  const shown = rows.slice(0, limit);
  return { rows: backwards ? shown.toReversed() : shown, hasMore: rows.length > limit };
}

function createMerchantRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forAdmin,
    id: 'createMerchant',
    method: 'post',
    path: '/v1/merchants',
    summary: 'Create a merchant',
    description: 'With a default profile and two keys, which the answer shows once.',
    body: MerchantCreateSchema,
    replies: { 201: MerchantCreatedSchema },
    problems: [],
    examples: [{ summary: 'A new tenant', body: { name: 'Book shop' }, status: 201 }],
    async handle({ body, slot }) {
      const { created, changes } = deps.merchants.draft(body.name, deps.mode);
      const { merchant, profile, secretKey, publicKey } = created;
      const answer = {
        merchant: presentMerchant(merchant),
        profile: presentProfile(profile),
        secret_key: presentKey(secretKey.record, secretKey.key),
        public_key: presentKey(publicKey.record, publicKey.key),
      };
      return commitWithAnswer(deps, slot, { status: 201, body: answer }, changes);
    },
  });
}

function listMerchantsRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forAdmin,
    id: 'listMerchants',
    method: 'get',
    path: '/v1/merchants',
    summary: 'List merchants, newest first',
    query: PageSchema,
    replies: { 200: MerchantListSchema },
    problems: ['invalid_request', 'invalid_cursor'],
    examples: [{ summary: 'The newest', status: 200 }],
    async handle({ query }) {
      const found = await merchantPage(deps.db, query);
      return { status: 200, body: listOf(found, found.rows.map(presentMerchant)) };
    },
  });
}

function getMerchantRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forAdmin,
    id: 'getMerchant',
    method: 'get',
    path: '/v1/merchants/{merchant_id}',
    summary: 'Get a merchant',
    params: MerchantParams,
    replies: { 200: MerchantSchema },
    problems: ['not_found'],
    examples: [{ summary: 'By id', params: { merchant_id: '{merchant_id}' }, status: 200 }],
    async handle({ params }) {
      const merchant = await deps.merchants.merchant(params.merchant_id);
      return { status: 200, body: presentMerchant(merchant) };
    },
  });
}

function createMerchantKeyRoute(deps: AccessRouteDeps): Route {
  return defineRoute({
    ...forAdmin,
    id: 'createMerchantApiKey',
    method: 'post',
    path: '/v1/merchants/{merchant_id}/api_keys',
    summary: 'Create an API key for a merchant',
    description: 'For a merchant that has locked itself out.',
    params: MerchantParams,
    body: KeyCreateSchema,
    replies: { 201: KeySchema },
    problems: ['invalid_request', 'not_found'],
    examples: [
      {
        summary: 'A way back in',
        params: { merchant_id: '{merchant_id}' },
        body: { kind: 'secret', name: 'Way back in' },
        status: 201,
      },
    ],
    async handle(input) {
      const merchant = await deps.merchants.merchant(input.params.merchant_id);
      return createKey(deps, merchant, input);
    },
  });
}
