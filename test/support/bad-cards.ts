/** Cards that cannot be, and card numbers where none may stand. */
import { card, chargeBody } from './app.ts';
import { bad, type BadPayment } from './bad-payment.ts';

const badCard = (title: string, more: object, field: string): BadPayment =>
  bad(
    title,
    chargeBody({ payment_method: card('4242424242424242', more as Record<string, unknown>) }),
    `payment_method.card.${field}`,
    'invalid_card',
  );
const wrongCard = (title: string, more: object, field: string): BadPayment => ({
  ...badCard(title, more, field),
  code: 'invalid_request',
});

const cards: readonly BadPayment[] = [
  badCard('a wrong check digit', { number: '4242424242424241' }, 'number'),
  badCard('a Visa of 15 digits', { number: '424242424242428' }, 'number'),
  badCard('an Amex of 16 digits', { number: '3782822463100052' }, 'number'),
  badCard('an expired card', { exp_month: 10, exp_year: 2026 }, 'exp_year'),
  badCard('an expiry eighty years ahead', { exp_year: 2099 }, 'exp_year'),
  badCard('a Visa with a CVC of four', { cvc: '1234' }, 'cvc'),
  badCard('an Amex with a CVC of three', { number: '378282246310005', cvc: '123' }, 'cvc'),
  wrongCard('an expiry month of 13', { exp_month: 13 }, 'exp_month'),
  wrongCard('an expiry month as a text', { exp_month: '12' }, 'exp_month'),
  wrongCard('an expiry year of two digits', { exp_year: 34 }, 'exp_year'),
  wrongCard('a CVC of two', { cvc: '12' }, 'cvc'),
  wrongCard('a CVC as a number', { cvc: 123 }, 'cvc'),
  wrongCard('a card number as a number', { number: 4242424242424242 }, 'number'),
  wrongCard('a card number with letters', { number: '4242x4242x4242x4242' }, 'number'),
  wrongCard('a card number of four digits', { number: '4242' }, 'number'),
  bad(
    'a card and a token',
    chargeBody({ payment_method: { ...card('4242424242424242'), token: 't' } }),
    'payment_method.token',
  ),
  bad(
    'a card that is missing',
    chargeBody({ payment_method: { type: 'card' } }),
    'payment_method.card',
  ),
];

const number = '4242424242424242';
const spellings = [
  number,
  '4242 4242 4242 4242',
  '4242-4242-4242-4242',
  '4242.4242.4242.4242',
  '４２４２４２４２４２４２４２４２',
  `card: ${number}, thanks`,
  '378282246310005',
];
const misplaced: readonly BadPayment[] = [
  ...spellings.map((text) =>
    bad(
      `"${text}" as a description`,
      chargeBody({ description: text }),
      'description',
      'card_data_misplaced',
    ),
  ),
  bad(
    'a card number in metadata',
    chargeBody({ metadata: { note: number } }),
    'metadata.note',
    'card_data_misplaced',
  ),
  bad(
    'a card number as a number in metadata',
    chargeBody({ metadata: { n: Number(number) } }),
    'metadata.n',
    'card_data_misplaced',
  ),
  bad(
    'a card number as a metadata key',
    chargeBody({ metadata: { [number]: 1 } }),
    'metadata',
    'card_data_misplaced',
  ),
  bad(
    'a card number as the reference',
    chargeBody({ reference: number }),
    'reference',
    'card_data_misplaced',
  ),
  bad(
    'a card number as the customer’s name',
    chargeBody({ customer: { name: number } }),
    'customer.name',
    'card_data_misplaced',
  ),
  bad(
    'a card number as the holder’s name',
    chargeBody({ payment_method: card(number, { holder_name: number }) }),
    'payment_method.card.holder_name',
    'card_data_misplaced',
  ),
  bad(
    'a card number in an order line',
    chargeBody({ order_details: [{ name: `top-up ${number}`, quantity: 1 }] }),
    'order_details.0.name',
    'card_data_misplaced',
  ),
  bad('a card number as a field name', `{"${number}":1}`, 'a field name', 'card_data_misplaced'),
];

export const badCards: readonly BadPayment[] = [...cards, ...misplaced];
