/** Payments that no caller should send, each with the code and the field of its refusal. */
import { card, chargeBody } from './app.ts';
import { bad, type BadPayment } from './bad-payment.ts';
import { badCards } from './bad-cards.ts';

/** A text in place of one value of a good request: for what JSON.stringify would not write. */
const raw = (member: string, text: string) =>
  JSON.stringify(chargeBody({ [member]: '@' })).replace('"@"', text);
const amounts: readonly BadPayment[] = [
  ...['0', '-1', '-10000', '0.5', '100.01', '1000000000000', '9007199254740993', '1e21'].map(
    (text) => bad(`an amount of ${text}`, raw('amount', text), 'amount'),
  ),
  bad('an amount of 1e400', raw('amount', '1e400'), 'amount'),
  bad('an amount of -1e400', raw('amount', '-1e400'), 'amount'),
  ...['100', 'NaN', '', 'ten'].map((amount) =>
    bad(`an amount of "${amount}"`, chargeBody({ amount }), 'amount'),
  ),
  ...[null, true, [], {}, [100]].map((amount) =>
    bad(`an amount of ${JSON.stringify(amount)}`, chargeBody({ amount }), 'amount'),
  ),
  bad('no amount', { currency: 'USD' }, 'amount'),
  bad('no currency', { amount: 1 }, 'currency'),
  ...['usd', 'XXY', 'US', 'USDD', '', 840, null].map((currency) =>
    bad(`a currency of ${JSON.stringify(currency)}`, chargeBody({ currency }), 'currency'),
  ),
];

const shapes: readonly BadPayment[] = [
  bad('confirm as a text', chargeBody({ confirm: 'true' }), 'confirm'),
  bad(
    'confirm without a payment method',
    { ...chargeBody(), payment_method: undefined },
    'payment_method',
  ),
  bad('an unknown capture method', chargeBody({ capture_method: 'later' }), 'capture_method'),
  bad('an unknown field', chargeBody({ ammount: 1 }), 'ammount', 'unknown_field'),
  bad(
    'an unknown field of the card',
    chargeBody({ payment_method: card('4242424242424242', { pin: '1' }) }),
    'payment_method.card.pin',
    'unknown_field',
  ),
  bad(
    'an unknown field of the method',
    chargeBody({ payment_method: { ...card('4242424242424242'), wallet: 1 } }),
    'payment_method.wallet',
    'unknown_field',
  ),
  bad(
    'an unknown field of an address',
    chargeBody({ billing: { address: { planet: 'Mars' } } }),
    'billing.address.planet',
    'unknown_field',
  ),
  bad(
    'an unknown field of an order line',
    chargeBody({ order_details: [{ name: 'a', quantity: 1, x: 1 }] }),
    'order_details.0.x',
    'unknown_field',
  ),
  ...['__proto__', 'constructor', 'prototype'].flatMap((name) => [
    bad(
      `${name} as a field`,
      `{"amount":1,"currency":"USD","${name}":{"a":1}}`,
      name,
      'unknown_field',
    ),
    bad(
      `${name} in metadata`,
      `{"amount":1,"currency":"USD","metadata":{"${name}":1}}`,
      `metadata.${name}`,
      'unknown_field',
    ),
  ]),
  bad('metadata with an object', chargeBody({ metadata: { a: {} } }), 'metadata.a'),
  bad('metadata with a key of 101', chargeBody({ metadata: { ['k'.repeat(101)]: 1 } }), 'metadata'),
  bad('metadata of 501 characters', chargeBody({ metadata: { a: 'x'.repeat(501) } }), 'metadata.a'),
  bad(
    'metadata with 51 members',
    chargeBody({
      metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, i])),
    }),
    'metadata',
  ),
  bad('a reference of 101', chargeBody({ reference: 'r'.repeat(101) }), 'reference'),
  bad('an empty reference', chargeBody({ reference: '' }), 'reference'),
  bad('an e-mail that is none', chargeBody({ customer: { email: 'jane' } }), 'customer.email'),
  bad(
    'a country in lower case',
    chargeBody({ billing: { address: { country: 'us' } } }),
    'billing.address.country',
  ),
  ...[
    'javascript:alert(1)',
    'shop.example',
    'http://a b',
    'http://[',
    'https://',
    'http://a:99999/',
  ].map((url) => bad(`a return_url of ${url}`, chargeBody({ return_url: url }), 'return_url')),
  bad(
    'a customer nobody has',
    chargeBody({ customer_id: `cus_${'0'.repeat(26)}` }),
    'customer_id',
    'customer_unknown',
  ),
  bad('a customer id that is none', chargeBody({ customer_id: 'cus_1' }), 'customer_id'),
  bad(
    'an account nobody has',
    chargeBody({ account: `acct_${'0'.repeat(26)}` }),
    'account',
    'account_unusable',
  ),
];

const texts: readonly BadPayment[] = [
  '\u0000',
  '\u0007',
  '\u001b[31m',
  '\u007f',
  '\u0085',
  '\u202e',
].map((sign) =>
  bad(
    `a description with U+${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
    chargeBody({ description: `a${sign}b` }),
    'description',
  ),
);
const surrogates: readonly BadPayment[] = [
  bad('a lone surrogate', raw('description', '"\\ud800"'), 'description'),
  bad('a surrogate pair turned round', raw('description', '"\\udc00\\ud800"'), 'description'),
  bad('a lone surrogate in a key', raw('metadata', '{"\\udfff":1}'), 'metadata'),
];

export const badPayments: readonly BadPayment[] = [
  ...amounts,
  ...shapes,
  ...texts,
  ...surrogates,
  ...badCards,
];
