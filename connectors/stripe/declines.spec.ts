/** Stripe's noes in our words. */
import { expect } from 'chai';
import { readRefusal } from './declines.ts';

const error = (decline_code: string, more: object = {}) => ({
  type: 'card_error',
  code: 'card_declined',
  decline_code,
  message: 'Your card was reported stolen, says a fraud rule.',
  ...more,
});

describe('stripe: declines', () => {
  const cases: [string, string, string][] = [
    ['generic_decline', 'do_not_honor', 'later'],
    ['insufficient_funds', 'insufficient_funds', 'later'],
    ['card_velocity_exceeded', 'limit_exceeded', 'later'],
    ['expired_card', 'expired_card', 'fix_input'],
    ['incorrect_cvc', 'incorrect_cvc', 'fix_input'],
    ['authentication_required', 'authentication_required', 'authenticate'],
    ['processing_error', 'processing_error', 'other_account'],
    ['card_not_supported', 'card_not_supported', 'other_account'],
    ['fraudulent', 'fraud_suspected', 'never'],
    ['stolen_card', 'lost_or_stolen_card', 'never'],
    ['stop_payment_order', 'withdrawn', 'never'],
    ['constructor', 'other', 'never'],
    ['a_word_of_next_year', 'other', 'never'],
  ];
  for (const [word, code, advice] of cases) {
    it(`${word} is ${code}: ${advice}`, () => {
      const refusal = readRefusal(error(word));
      expect(refusal).to.include({ code, advice, processorCode: word });
    });
  }

  it('take the issuer’s advice over the table’s', () => {
    const advised = (advice_code: string) =>
      readRefusal(error('processing_error', { advice_code })).advice;
    expect(advised('do_not_try_again')).to.equal('never');
    expect(advised('try_again_later')).to.equal('later');
    expect(advised('confirm_card_data')).to.equal('fix_input');
    expect(advised('something_new')).to.equal('other_account');
  });

  it('never tell the customer of loss, theft or fraud', () => {
    const words = 'lost_card stolen_card pickup_card fraudulent merchant_blacklist restricted_card';
    for (const word of words.split(' ')) {
      expect(readRefusal(error(word)).message, word).to.equal('The card was declined.');
    }
  });

  it('pass on a card error’s message, and no other', () => {
    const message = 'Your card has insufficient funds.';
    expect(readRefusal(error('insufficient_funds', { message })).message).to.equal(message);
    const other = { type: 'invalid_request_error', code: 'parameter_missing', message };
    expect(readRefusal(other)).to.not.have.property('message');
  });

  it('go by the error’s code when there is no decline code', () => {
    const failed = { type: 'invalid_request_error', code: 'payment_intent_authentication_failure' };
    expect(readRefusal(failed)).to.include({
      code: 'authentication_failed',
      advice: 'authenticate',
      processorCode: 'payment_intent_authentication_failure',
    });
  });
});
