/** Example requests of the documentation; a test sends each of them to a fresh sandbox. */
import type { Example } from '../sdk/route.ts';

const expiry = { exp_month: 12, exp_year: 2034 };

export const goodCard = {
  type: 'card',
  card: { number: '4242424242424242', ...expiry, cvc: '123', holder_name: 'Jane Doe' },
};

export const declinedCard = {
  type: 'card',
  card: { number: '4000000000000002', ...expiry, cvc: '123', holder_name: 'Jane Doe' },
};

export const paymentExamples: readonly Example[] = [
  {
    summary: 'Charge a card at once',
    body: {
      amount: 10_000,
      currency: 'USD',
      confirm: true,
      capture_method: 'automatic',
      payment_method: goodCard,
      reference: 'order-17',
      metadata: { order: '17' },
    },
    status: 201,
  },
  {
    summary: 'Authorize now, capture later',
    body: {
      amount: 10_000,
      currency: 'EUR',
      confirm: true,
      capture_method: 'manual',
      payment_method: goodCard,
    },
    status: 201,
  },
  {
    summary: 'Write it down, confirm from the browser',
    body: {
      amount: 250_000,
      currency: 'IDR',
      description: 'Order 18',
      customer: { name: 'Jane Doe', email: 'jane@example.com' },
      return_url: 'https://shop.example/thanks',
    },
    status: 201,
  },
  {
    summary: 'A card that is declined',
    body: { amount: 10_000, currency: 'USD', confirm: true, payment_method: declinedCard },
    status: 402,
  },
];
