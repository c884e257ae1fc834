/** Authorize, sale, get; what a card's issuer answers. */
import { expectThat, type ConformanceRow } from '#sdk';
import {
  act,
  ask,
  authorized,
  card,
  cards,
  charge,
  objectOf,
  expectEqual,
  expectRefusal,
  order,
  payment,
  sold,
} from './client.ts';

export const paymentRows: readonly ConformanceRow[] = [
  {
    id: 'PI-24',
    title: 'authorize holds the amount; card, amount and currency are required, the rest is not',
    check: async (bench) => {
      const made = await authorized(bench);
      const { status, amount, currency, captured_amount, card_brand, card_last4 } = made;
      expectEqual([status, amount, currency, captured_amount], ['authorized', 9999, 'USD', 0], '');
      expectEqual([card_brand, card_last4], ['visa', '4242'], 'the card');
      expectThat(made.id.startsWith('pay_'), 'pay_…', made);
      expectThat(made.transaction_id.startsWith('txn_'), 'txn_…', made);
      expectThat(/^\w+$/.test(made.auth_code), 'an auth_code', made);
      const { amount: cents, currency: code, card: paper } = order();
      const bare = { amount: cents, currency: code, card: paper };
      const path = '/api/v1/payments/authorize';
      expectEqual(objectOf(await ask(bench, path, { body: bare })).status, 'authorized', 'status');
      for (const field of ['amount', 'currency', 'card']) {
        const body = { ...bare, [field]: undefined };
        expectRefusal(await ask(bench, path, { body }), 400, 'INVALID_REQUEST');
      }
      for (const wrong of [0, -1, 0.5, '1', null, 1e16]) {
        expectRefusal(await charge(bench, 'authorize', { amount: wrong }), 400);
      }
      expectEqual((await authorized(bench, { amount: 1 })).amount, 1, 'one cent');
      expectEqual((await authorized(bench, { customer: {} })).status, 'authorized', 'status');
    },
  },
  {
    id: 'PI-25',
    title: 'a sale is captured in one call',
    check: async (bench) => {
      const made = await sold(bench);
      expectEqual([made.status, made.captured_amount], ['captured', 9999], 'status and captured');
      expectRefusal(await act(bench, made, 'capture', { amount: 1 }), 400);
      expectRefusal(await act(bench, made, 'void', { reason: 'too late' }), 400);
    },
  },
  {
    id: 'PI-26',
    title: 'a payment is read as it was answered; what is nobody’s is 404',
    check: async (bench) => {
      const made = await sold(bench);
      expectEqual(await payment(bench, made), made, 'the payment');
      const { id } = made;
      for (const none of ['pay_1', `${id.slice(0, -4)}0000`, `pi_${id.slice(4)}`, 'none', '%20']) {
        expectRefusal(await ask(bench, `/api/v1/payments/${none}`), 404, 'NOT_FOUND');
      }
    },
  },
  {
    id: 'PI-41',
    title: 'a fraud score above 70 is a 402 that says fraud, and nothing is held',
    needs: ['native'],
    check: async (bench) => {
      for (const verb of ['authorize', 'sale'] as const) {
        const risky = await charge(bench, verb, { card: card(cards.fraud) });
        const { data, error, fraud_decision } = expectRefusal(risky, 402, 'FRAUD_DECLINED');
        expectThat(/fraud/i.test(error), 'a sentence about fraud', error);
        expectEqual([data.status, fraud_decision], ['failed', 'decline'], 'status and decision');
        const { body } = await bench.native(`/v1/payments/${data.id}`);
        expectEqual([body.amount_authorized, body.amount_captured], [0, 0], 'nothing held');
      }
    },
  },
  {
    id: 'ER-04',
    title: 'a decline is a 402 with the issuer’s code, and so is the payment when it is read',
    check: async (bench) => {
      const codes = [
        [cards.generic, '05'],
        [cards.poor, '51'],
        [cards.expired, '54'],
        [cards.wrongCvv, 'N7'],
        [cards.broken, '96'],
      ] as const;
      for (const [number, code] of codes) {
        for (const verb of ['authorize', 'sale'] as const) {
          const answer = await charge(bench, verb, { card: card(number) });
          const { response_code, data } = expectRefusal(answer, 402, 'PAYMENT_DECLINED');
          expectEqual([response_code, data.response_code], [code, code], 'the code');
          const read = await payment(bench, data);
          expectEqual([read.status, read.response_code], ['failed', code], 'the payment');
        }
      }
      expectEqual((await sold(bench)).response_code, '00', 'approved');
    },
  },
];
