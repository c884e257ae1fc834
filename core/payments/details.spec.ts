/** The descriptive part of a request: what was given is kept, what was not takes no room. */
import { expect } from 'chai';
import { detailsOf } from './details.ts';

describe('the details of a payment', () => {
  it('are the fields that were given', () => {
    const words = {
      description: 'Order 17',
      metadata: { order: '17', gift: null, lines: 3 },
      customer: { name: 'Jane Doe' },
      return_url: 'https://shop.example',
    };
    expect(detailsOf({ amount: 100, currency: 'USD', ...words })).to.deep.equal(words);
  });

  it('hold no column of the payment’s own: neither money, method nor reference', () => {
    const body = { amount: 100, currency: 'USD', reference: 'order-17', confirm: true };
    expect(detailsOf({ ...body, payment_method: { type: 'token', token: 't' } })).to.deep.equal({});
  });
});
