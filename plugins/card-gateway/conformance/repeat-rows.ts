/** Idempotency-Key: the same request once, another one refused. */
import { randomUUID } from 'node:crypto';
import { expectThat, type Bench, type ConformanceRow, type WireAnswer } from '#sdk';
import {
  ask,
  authorized,
  card,
  cards,
  charge,
  objectOf,
  expectEqual,
  expectRefusal,
  payment,
} from './client.ts';

/** Of its own at every run: a server may have heard the last one. */
const newKey = (row: string) => `${row}-${randomUUID()}`;

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });

function expectSame(answers: readonly WireAnswer[]): void {
  const [first, ...rest] = answers;
  for (const { status, text } of rest) {
    expectEqual([status, text], [first?.status, first?.text], 'the same answer');
  }
}

const listed = async (bench: Bench, reference: string): Promise<number> => {
  const found = objectOf(await ask(bench, '/api/v1/transactions?limit=100')).transactions;
  return found.filter((one: { description: string }) => one.description === reference).length;
};

export const repeatRows: readonly ConformanceRow[] = [
  {
    id: 'ID-04',
    title: 'the same key and body is answered as the first time, and pays once',
    check: async (bench) => {
      const key = newKey('id-04');
      const answers = [];
      for (let turn = 0; turn < 4; turn += 1) {
        answers.push(await charge(bench, 'sale', { description: key }, keyed(key)));
      }
      expectSame(answers);
      expectEqual(await listed(bench, key), 1, 'payments');
      const held = await authorized(bench);
      const capture = { body: { amount: 100 }, ...keyed(newKey('capture')) };
      const path = `/api/v1/payments/${held.id}/capture`;
      expectSame([await ask(bench, path, capture), await ask(bench, path, capture)]);
      expectEqual((await payment(bench, held)).captured_amount, 100, 'captured');
      const refund = { body: { amount: 40, reason: 'x' }, ...keyed(newKey('refund')) };
      const back = `/api/v1/payments/${held.id}/refund`;
      expectSame([await ask(bench, back, refund), await ask(bench, back, refund)]);
      expectEqual((await payment(bench, held)).refunded_amount, 40, 'refunded');
    },
  },
  {
    id: 'ID-05',
    title: 'the same key with another body is 409, and nothing is paid',
    check: async (bench) => {
      const key = newKey('id-05');
      const first = await charge(bench, 'sale', { description: key }, keyed(key));
      objectOf(first);
      for (const more of [{ amount: 1 }, { currency: 'EUR' }, { card: card(cards.mastercard) }]) {
        const other = await charge(bench, 'sale', { description: key, ...more }, keyed(key));
        expectRefusal(other, 409, 'IDEMPOTENCY_KEY_MISMATCH');
      }
      const elsewhere = await charge(bench, 'authorize', { description: key }, keyed(key));
      expectRefusal(elsewhere, 409);
      expectEqual(await listed(bench, key), 1, 'payments');
      expectSame([first, await charge(bench, 'sale', { description: key }, keyed(key))]);
    },
  },
  {
    id: 'ID-07',
    title: 'a decline and a refusal are repeated as well, and no second card is tried',
    check: async (bench) => {
      const key = newKey('id-07');
      const poor = { description: key, card: card(cards.poor) };
      const first = await charge(bench, 'sale', poor, keyed(key));
      expectRefusal(first, 402);
      expectSame([first, await charge(bench, 'sale', poor, keyed(key))]);
      expectRefusal(await charge(bench, 'sale', { description: key }, keyed(key)), 409);
      expectEqual(await listed(bench, key), 1, 'payments');
      const held = await authorized(bench);
      const over = { body: { amount: 10_000 }, ...keyed(newKey('over')) };
      const path = `/api/v1/payments/${held.id}/capture`;
      expectSame([await ask(bench, path, over), await ask(bench, path, over)]);
    },
  },
  {
    id: 'ID-09',
    title: 'fifty at once with one key are one payment',
    check: async (bench) => {
      const key = newKey('id-09');
      const storm = await Promise.all(
        Array.from({ length: 50 }, () => charge(bench, 'sale', { description: key }, keyed(key))),
      );
      const paid = storm.filter(({ status }) => status === 200);
      expectThat(paid.length > 0, 'one that is paid', storm[0]?.text);
      expectThat(
        storm.every(({ status }) => [200, 409, 429].includes(status)),
        '200, or 409 while the first is under way',
        storm.map(({ status }) => status),
      );
      expectSame(paid);
      expectEqual(await listed(bench, key), 1, 'payments');
    },
  },
];
