/** What Acme Pay answers, out of its documentation: with this the kit tries the connector. */
import { createHmac } from 'node:crypto';
import { toDecimal, type Money } from '#sdk';
import type { Answer, Sample } from '../kit.ts';
import type { AcmePayRef, AcmePaySettings } from './settings.ts';

interface Command {
  readonly operationId: string;
  readonly amount: Money;
}

/** An object of Acme Pay's, as every answer is one. */
const says =
  (object: string, status: string, more: object = {}) =>
  ({ operationId, amount }: Command): Answer => ({
    status: status === 'declined' ? 402 : 200,
    body: {
      object,
      id: `${object.slice(0, 3)}_9Zk`,
      ...(object !== 'payment' && { payment: 'pay_7Qa' }),
      reference: operationId,
      status,
      amount: { value: toDecimal(amount), currency: amount.currency },
      ...more,
    },
  });

const decline = { decline: { code: 'no_funds', message: 'Insufficient funds' } };
const challenge = { redirect_url: 'https://sandbox.acmepay.example/3ds/7Qa' };

export const acmePaySample: Sample<AcmePaySettings, AcmePayRef> = {
  settings: { api_key: 'ak_test_5hT2mQx8Rv', webhook_secret: 'ws_test_bN4cK7pLw2' },
  hosts: ['https://sandbox.acmepay.example'],
  ref: { payment: 'pay_7Qa' },
  places: {
    status: 'status',
    amount: 'amount.value',
    operationId: 'reference',
    declineCode: 'decline.code',
  },
  spell: toDecimal,
  authorize: {
    card: {
      succeeds: (command) =>
        says('payment', command.capture === 'automatic' ? 'captured' : 'authorized')(command),
      declines: says('payment', 'declined', decline),
      pends: says('payment', 'action_required', challenge),
    },
  },
  capture: {
    succeeds: says('capture', 'succeeded'),
    declines: says('capture', 'declined', decline),
    pends: 'never',
  },
  void: {
    succeeds: says('void', 'succeeded'),
    declines: says('void', 'declined', decline),
    pends: 'never',
  },
  refund: {
    succeeds: says('refund', 'succeeded'),
    declines: says('refund', 'declined', decline),
    pends: says('refund', 'processing'),
  },
  sync: {
    found: (body) => ({ body }),
    absent: () => ({ status: 404, body: { error: { code: 'reference_unknown' } } }),
  },
  refused: { status: 409, body: { error: { code: 'invalid_state', message: 'Already voided' } } },
  webhook: {
    event: (number) =>
      JSON.stringify({ id: `evt_${number}`, type: 'payment.updated', payment: 'pay_7Qa' }),
    headers: (body, { settings, nowMs }) => {
      const seconds = Math.floor(nowMs / 1000);
      const mac = createHmac('sha256', settings.webhook_secret).update(`${seconds}.`).update(body);
      return { 'acme-signature': `t=${seconds},v1=${mac.digest('hex')}` };
    },
    signature: { header: 'acme-signature' },
    covers: 'body',
    secretFrom: 'settings',
    toleranceMs: 300_000,
    subjects: () => [{ authorization: { payment: 'pay_7Qa' } }],
  },
};
