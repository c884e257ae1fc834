/** `GET /api/v1/payments`: an application's payments, newest first. */
import { Type } from 'typebox';
import {
  defineDialectRoute,
  Problem,
  type DialectRoute,
  type Host,
  type NativeList,
  type NativePayment,
} from '#sdk';
import { applicationOf, paymentOf } from './application.ts';
import { shown } from './payment.ts';
import { statesOf, statuses, type Status } from './status.ts';

const day = Type.Optional(Type.String({ pattern: '^(\\d{4}-\\d{2}-\\d{2})?$' }));

const Search = Type.Object({
  status: Type.Optional(Type.Unsafe<Status | ''>({ type: 'string', enum: [...statuses, ''] })),
  start_date: day,
  end_date: day,
  per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  after: Type.Optional(Type.String()),
});

export function listRoute(host: Host): DialectRoute {
  return defineDialectRoute({
    id: 'listPayments',
    method: 'get',
    path: '/api/v1/payments',
    access: 'secret',
    rate: 'queries',
    search: Search,
    handle: async ({ principal, search, query, call }) => {
      const application = await applicationOf(host, principal);
      const { per_page: limit = 15, page = 1, after, status } = search;
      if (after !== undefined && search.page !== undefined) {
        throw new Problem('invalid_request', 'The after field must not go with page.', {
          param: 'after',
        });
      }
      const last =
        after === undefined ? undefined : await paymentOf(host, application, after, call);
      const { body } = await call<NativeList<NativePayment>>('listPayments', {
        query: {
          limit,
          profile_id: application.profileId,
          statuses: status ? statesOf(status) : undefined,
          created_from: search.start_date || undefined,
          created_to: search.end_date || undefined,
          ...(last ? { starting_after: last.id } : page > 1 && { offset: (page - 1) * limit }),
        },
      });
      const data = await shown(host, application.merchantId, body.data);
      const next = body.has_more ? data.at(-1)?.external_id : undefined;
      return {
        status: 200,
        body: {
          success: true,
          data,
          meta: {
            per_page: limit,
            ...(last === undefined && { current_page: page }),
            next_page_url: next === undefined ? null : nextUrl(host, query, next),
          },
        },
      };
    },
  });
}

/** By the last payment shown: those that come in meanwhile move nothing. */
function nextUrl(host: Host, query: Readonly<Record<string, string>>, after: string): string {
  const { page: _page, ...kept } = query;
  const next = new URLSearchParams({ ...kept, after });
  return `${host.dialectUrl()}/api/v1/payments?${next.toString()}`;
}
