/**
 * Where the payer comes back to after a redirect: a page of the switch that asks the processor how
 * it went and passes him on to the merchant. The link is signed, so that ids alone open nothing.
 */
import type { Keyring } from '../base/keyring.ts';
import { Problem } from '../sdk/problem.ts';
import type { Reply, Route } from '../sdk/route.ts';
import { defineRoute } from '../sdk/route.ts';
import { strict } from '../sdk/vocabulary.ts';
import type { Desk } from '../payments/desk.ts';
import { stored, type PaymentRecord, type StoredDetails } from '../payments/record.ts';
import { paymentById } from '../payments/store.ts';
import { syncAll } from '../payments/sync.ts';
import { Type } from 'typebox';

function signatureOf(keyring: Keyring, payment: Pick<PaymentRecord, 'id' | 'merchant_id'>): string {
  return keyring.digest('return-link', `${payment.merchant_id}/${payment.id}`).slice(0, 32);
}

/** `/return/{merchant}/{payment}/{signature}` */
export function returnLinkOf(
  keyring: Keyring,
  payment: Pick<PaymentRecord, 'id' | 'merchant_id'>,
): string {
  return `/return/${payment.merchant_id}/${payment.id}/${signatureOf(keyring, payment)}`;
}

const plainPage = (status: string): Reply => ({
  status: 200,
  contentType: 'text/html; charset=utf-8',
  headers: { 'content-security-policy': "default-src 'none'" },
  body:
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Payment</title></head>' +
    `<body><h1>Thank you</h1><p>The payment is ${status}. You can close this page.</p></body></html>`,
});

/**
 * Asks, then sends the payer on with `payment` and `status` in the query: a hint, never a proof.
 */
export function returnRoute(desk: Desk): Route {
  return defineRoute({
    id: 'returnFromProcessor',
    method: 'get',
    path: '/return/{merchant_id}/{payment_id}/{signature}',
    tag: 'Payer',
    summary: 'Where processors send the payer back to',
    access: { kind: 'anyone' },
    rate: 'public',
    params: strict({
      merchant_id: Type.String({ maxLength: 40 }),
      payment_id: Type.String({ maxLength: 40 }),
      signature: Type.String({ maxLength: 64 }),
    }),
    query: Type.Object({}, { additionalProperties: true }),
    replies: { 200: Type.String(), 303: Type.String() },
    problems: ['not_found'],
    handle: async ({ params }) => {
      const named = { id: params.payment_id, merchant_id: params.merchant_id };
      const text = `${named.merchant_id}/${named.id}`;
      const genuine =
        params.signature.length === 32 &&
        desk.keyring.verifies('return-link', text, params.signature, 32);
      if (!genuine) throw new Problem('not_found', 'there is no such payment');
      const before = await paymentById(desk.db, named.merchant_id, named.id);
      const payment = await syncAll(desk, before);
      const { return_url: target } = stored<StoredDetails>(payment.details);
      if (target === undefined) return plainPage(payment.status);
      const url = new URL(target);
      url.searchParams.set('payment', payment.id);
      url.searchParams.set('status', payment.status);
      return { status: 303, body: '', contentType: 'text/plain', headers: { location: url.href } };
    },
  });
}
