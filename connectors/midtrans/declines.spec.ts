/** The bank's reasons in the switch's words. */
import { expect } from 'chai';
import { refusalOf } from './declines.ts';

describe('Midtrans: declines', () => {
  const cases = [
    ['51', 'insufficient_funds', 'later'],
    ['61', 'limit_exceeded', 'later'],
    ['54', 'expired_card', 'fix_input'],
    ['14', 'incorrect_number', 'fix_input'],
    ['82', 'incorrect_cvc', 'fix_input'],
    ['43', 'lost_or_stolen_card', 'never'],
    ['59', 'fraud_suspected', 'never'],
    ['05', 'do_not_honor', 'other_account'],
    ['91', 'processing_error', 'later'],
    ['96', 'processing_error', 'other_account'],
    ['57', 'card_not_supported', 'other_account'],
    ['ZZ', 'other', 'never'],
    ['constructor', 'other', 'never'],
  ] as const;
  for (const [given, code, advice] of cases) {
    it(`${given} is ${code}: ${advice}`, () => {
      const refusal = refusalOf({ channel_response_code: given }, 'deny');
      expect(refusal).to.deep.equal({ code, advice, processorCode: given });
    });
  }

  it('every documented code has a meaning, and hard ones are never tried again', () => {
    const hard = '04 07 34 35 36 37 41 43 46 59 67'.split(' ');
    const rest =
      '14 33 54 56 51 61 64 65 55 75 82 83 19 22 90 91 92 96 03 12 13 30 57 58 01 02 05 06 62 63 93';
    for (const given of [...hard, ...rest.split(' ')]) {
      const { code, advice } = refusalOf({ channel_response_code: given }, 'deny');
      expect(code, given).not.to.equal('other');
      if (hard.includes(given)) expect(advice, given).to.equal('never');
    }
  });

  it('approved by the bank and denied all the same is Midtrans’s own fraud check', () => {
    for (const given of ['00', '0', undefined, ' ']) {
      const fields = { channel_response_code: given, fraud_status: 'deny' };
      const expected = { code: 'fraud_suspected', advice: 'never', processorCode: 'deny' };
      expect(refusalOf(fields, 'deny')).to.deep.equal(expected);
    }
  });

  it('the bank’s words are shown, unless there is a longer number in them', () => {
    const told = (text: string) => refusalOf({ channel_response_message: text }, 'deny').message;
    expect(told('Do not honour')).to.equal('Do not honour');
    expect(told('Card 4811111111111114 refused')).to.equal(undefined);
    expect(told('x'.repeat(201))).to.equal(undefined);
  });
});
