/** Transactions: every payment that was tried with a card. */
import {
  defineDialectRoute,
  Problem,
  type DialectRoute,
  type NativeList,
  type NativePayment,
} from '#sdk';
import { paymentIdOf } from './ids.ts';
import { presentTransaction } from './present.ts';
import type { Reply } from './reply.ts';
import { ById, ListSchema } from './schema.ts';
import { filters } from './status.ts';

const query = { method: 'get', access: 'secret', rate: 'queries' } as const;

export function transactionRoutes(reply: Reply): readonly DialectRoute[] {
  return [
    defineDialectRoute({
      ...query,
      id: 'getTransaction',
      path: '/api/v1/transactions/{id}',
      params: ById,
      handle: async ({ params, call }) => {
        const payment_id = paymentIdOf('txn', params.id);
        const { body } = await call<NativePayment>('getPayment', { params: { payment_id } });
        if (body.attempts === 0) {
          throw new Problem('not_found', 'there is no transaction with this id');
        }
        return reply(presentTransaction(body));
      },
    }),
    defineDialectRoute({
      ...query,
      id: 'listTransactions',
      path: '/api/v1/transactions',
      search: ListSchema,
      handle: async ({ search, call }) => {
        const { status, limit = 10, offset = 0 } = search;
        const { body } = await call<NativeList<NativePayment>>('listPayments', {
          query: { statuses: status && filters[status], attempted: true, limit, offset },
        });
        const transactions = body.data.map(presentTransaction);
        return reply({ transactions, limit, offset, has_more: body.has_more });
      },
    }),
  ];
}
