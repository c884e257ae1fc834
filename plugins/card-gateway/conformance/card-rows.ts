/** The document's test cards. */
import { type Bench, type ConformanceRow } from '#sdk';
import { authorized, card, cards, charge, expectEqual, expectRefusal, sold } from './client.ts';

const spaced = (number: string) => number.replaceAll(/(.{4})(?=.)/g, '$1 ');

const approved = (id: string, number: string, brand: string): ConformanceRow => ({
  id,
  title: `${spaced(number)} is approved, a ${brand}`,
  check: async (bench) => {
    for (const written of [number, spaced(number)]) {
      const held = await authorized(bench, { card: card(written) });
      const { status, card_brand, card_last4, response_code } = held;
      const wanted = ['authorized', brand, number.slice(-4), '00'];
      expectEqual([status, card_brand, card_last4, response_code], wanted, 'the payment');
      expectEqual((await sold(bench, { card: card(written) })).status, 'captured', 'status');
    }
  },
});

async function expectDecline(bench: Bench, number: string, code: string): Promise<void> {
  const body = expectRefusal(await charge(bench, 'authorize', { card: card(number) }), 402);
  const { status, captured_amount, response_code } = body.data;
  expectEqual([status, captured_amount, response_code], ['failed', 0, code], 'the payment');
}

const declined = (id: string, number: string, code: string, why: string): ConformanceRow => ({
  id,
  title: `${spaced(number)} is declined: ${code}, ${why}`,
  check: (bench) => expectDecline(bench, number, code),
});

export const cardRows: readonly ConformanceRow[] = [
  approved('TS-01', cards.visa, 'visa'),
  approved('TS-02', cards.mastercard, 'mastercard'),
  declined('TS-03', cards.generic, '05', 'do not honor'),
  declined('TS-04', cards.poor, '51', 'insufficient funds'),
  declined('TS-05', cards.expired, '54', 'expired card'),
  declined('TS-06', cards.wrongCvv, 'N7', 'CVV mismatch'),
  declined('TS-07', cards.broken, '96', 'processing error'),
  declined('TS-08', cards.fraud, '59', 'a fraud score above 70'),
  {
    id: 'TS-09',
    title: 'cards are checked like real ones: check digit, future expiry, three digits, any name',
    check: async (bench) => {
      const now = new Date();
      const [year, month] = [now.getUTCFullYear(), now.getUTCMonth() + 1];
      const refused = [
        { number: '4242424242424241' },
        { number: '424242424242' },
        { number: '4242x' },
        { exp_month: month === 1 ? 12 : month - 1, exp_year: month === 1 ? year - 1 : year },
        { exp_year: year - 1 },
        { exp_month: 0 },
        { exp_month: 13 },
        { exp_year: 27 },
        { cvv: '12' },
        { cvv: '1234' },
        { cvv: 'abc' },
        { cvv: undefined },
      ];
      for (const more of refused) {
        const answer = await charge(bench, 'sale', { card: card(cards.visa, more) });
        expectRefusal(answer, 400);
      }
      const taken = [
        { cvv: '000' },
        { cvv: '999' },
        { cardholder_name: 'Ω 🙂 O’Neil' },
        { cardholder_name: undefined },
        { exp_month: 12, exp_year: year + 1 },
      ];
      for (const more of taken) {
        expectEqual((await sold(bench, { card: card(cards.visa, more) })).status, 'captured', '');
      }
    },
  },
];
