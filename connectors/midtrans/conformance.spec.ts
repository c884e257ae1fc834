/** The connector against the kit; the answers are spelled as Midtrans's documentation has them. */
import { createHash } from 'node:crypto';
import { Secret, type HttpRequest, type JsonObject, type Money } from '#sdk';
import { describeConnector, type Answer, type Sample } from '../../test/conformance/kit.ts';
import { midtrans } from './index.ts';
import type { MidtransRef, MidtransSettings } from './settings.ts';

interface Command {
  readonly operationId: string;
  readonly amount: Money;
}

/** The order that captures, voids and refunds are about. */
const heldOrder = 'op_01kfa0000000000000000000held';
const transactionId = '249fc620-6017-4540-af7c-5a1c25788f46';

/** `250000.00`: answers carry two decimals, requests none. */
const gross = ({ amount }: Money): string => `${amount / 100}.00`;

const transaction = (
  { amount }: Command,
  order: string,
  status: string,
  more: JsonObject = {},
): JsonObject => ({
  status_code: '200',
  status_message: 'Success',
  transaction_id: transactionId,
  order_id: order,
  gross_amount: gross(amount),
  payment_type: 'credit_card',
  transaction_time: '2026-11-21 10:00:00',
  transaction_status: status,
  fraud_status: 'accept',
  currency: 'IDR',
  ...more,
});

const denied = { status_code: '202', channel_response_code: '51' };

/** What a charge is answered with. */
const charged =
  (status: string, more: JsonObject = {}) =>
  (command: Command): Answer => ({
    body: transaction(command, command.operationId, status, more),
  });

/** A method whose customer pays later, in an app. */
const paidLater = (type: string, waiting: JsonObject) => ({
  succeeds: 'never' as const,
  declines: charged('deny', { ...denied, payment_type: type }),
  pends: charged('pending', { status_code: '201', payment_type: type, ...waiting }),
  settles: charged('settlement', { payment_type: type }),
});

/** What a change of the held order is answered with. */
const changed =
  (status: string, more: JsonObject = {}) =>
  (command: Command): Answer => ({ body: transaction(command, heldOrder, status, more) });

const decided = (status: string) => ({
  succeeds: changed(status),
  declines: 'never' as const,
  pends: 'never' as const,
});

const waitsAt = (bank: string): JsonObject => {
  if (bank === 'permata') {
    return { payment_type: 'bank_transfer', permata_va_number: '8562000087926752' };
  }
  if (bank === 'mandiri') {
    return { payment_type: 'echannel', biller_code: '70012', bill_key: '990000000260' };
  }
  return { payment_type: 'bank_transfer', va_numbers: [{ bank, va_number: '812785002530231' }] };
};

const given = (
  command: Command,
  { method }: HttpRequest,
  more: JsonObject,
  status: string,
): Answer =>
  method === 'GET'
    ? changed('settlement')(command)
    : changed(status, { refund_key: command.operationId, ...more })(command);

const sample: Sample<MidtransSettings, MidtransRef> = {
  settings: { server_key: 'SB-Mid-server-kitKey4Fh7Wp', merchant_id: 'G123456789' },
  hosts: ['https://api.sandbox.midtrans.com', 'https://app.sandbox.midtrans.com'],
  ref: { order: heldOrder, transaction: transactionId, reached: 'authorized' },
  places: {
    status: ['transaction_status', 'fraud_status', 'status_code'],
    amount: 'gross_amount',
    operationId: 'order_id',
    declineCode: 'channel_response_code',
  },
  spell: ({ amount }) => amount / 100,
  methods: { token: { type: 'token', token: new Secret('481111-1114-kitToken5Gx1') } },
  authorize: {
    hosted: {
      succeeds: 'never',
      declines: 'never',
      pends: () => ({
        status: 201,
        body: { token: 'snap-1', redirect_url: 'https://app.sandbox.midtrans.com/snap/v3/1' },
      }),
      settles: charged('settlement', { payment_type: 'gopay' }),
      status: { unsaid: 'Snap answers a page' },
      settledStatus: 'transaction_status',
    },
    token: {
      succeeds: (command) =>
        charged(command.capture === 'manual' ? 'authorize' : 'capture')(command),
      declines: charged('deny', denied),
      pends: charged('pending', {
        status_code: '201',
        redirect_url: 'https://api.sandbox.midtrans.com/3ds/1',
      }),
    },
    qris: paidLater('qris', { qr_string: '00020101021226620014COM.GO-JEK.WWW' }),
    gopay: paidLater('gopay', {
      actions: [{ name: 'deeplink-redirect', method: 'GET', url: 'gojek://gopay/1' }],
    }),
    bank_transfer: {
      succeeds: 'never',
      declines: 'never',
      pends: (command) => {
        const bank = command.method.type === 'bank_transfer' ? command.method.bank : '';
        return charged('pending', { status_code: '201', ...waitsAt(bank) })(command);
      },
      settles: charged('settlement', waitsAt('bca')),
    },
  },
  capture: {
    succeeds: changed('capture'),
    declines: changed('deny', denied),
    pends: 'never',
  },
  void: {
    succeeds: (command, { method, url }) => {
      const before = command.because === 'released' ? 'authorize' : 'pending';
      if (method === 'GET') return changed(before)(command);
      if (url.endsWith('/expire')) return changed('expire', { status_code: '407' })(command);
      return changed('cancel')(command);
    },
    declines: 'never',
    pends: 'never',
  },
  refund: {
    succeeds: (command, request) =>
      given(command, request, { refund_amount: gross(command.amount) }, 'partial_refund'),
    declines: (command, request) =>
      given(command, request, { status_code: '202', refund_amount: '0.00' }, 'settlement'),
    pends: 'never',
    amount: 'refund_amount',
    operationId: 'refund_key',
    declineCode: { unsaid: 'a denied refund has no code but 202' },
  },
  approve: decided('capture'),
  reject: decided('deny'),
  sync: {
    found: (body, query) => {
      const isPage = typeof body === 'object' && body !== null && 'token' in body;
      if (!isPage) return { body };
      return charged('pending', { status_code: '201', payment_type: 'gopay' })(query);
    },
    absent: () => ({ status: 404, body: { status_code: '404', status_message: 'No such order' } }),
    forgetsDeclines: {
      capture: 'the order stays authorized',
      refund: 'the order stays settled',
    },
  },
  refused: { body: { status_code: '402', status_message: 'Payment channel is not activated.' } },
  unauthorized: { body: { status_code: '401', status_message: 'Unknown Merchant server_key' } },
  throttled: { body: { status_code: '429', status_message: 'Too many requests' } },
  webhook: {
    event: (number, operationId, { settings }) => {
      const [code, amount] = ['200', '123.00'];
      const content = `${operationId}${code}${amount}${settings.server_key}`;
      return JSON.stringify({
        order_id: operationId,
        status_code: code,
        gross_amount: amount,
        transaction_status: number === 1 ? 'capture' : 'settlement',
        transaction_id: transactionId,
        signature_key: createHash('sha512').update(content).digest('hex'),
      });
    },
    headers: () => ({ 'content-type': 'application/json' }),
    signature: { field: 'signature_key' },
    covers: ['order_id', 'status_code', 'gross_amount'],
    secretFrom: 'settings',
    toleranceMs: 'none',
    subjects: (operationId) => [{ operationId }],
  },
  inspect: {
    answer: (query) => changed('settlement')(query),
    expects: ({ amount: { amount } }) => ({ authorized: amount, captured: amount, refunds: 0 }),
  },
  check: {
    answer: () => ({ status: 404, body: { status_code: '404', status_message: 'No such order' } }),
    facts: { reference: 'G123456789', country: 'ID', currency: 'IDR' },
  },
};

describeConnector(midtrans, sample);
