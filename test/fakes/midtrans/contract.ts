/** What Midtrans documents about the bodies of requests, by operation. */
import { join, type Checker } from './checker.ts';
import {
  amountLimits,
  banks,
  paymentTypes,
  snapAliases,
  snapMethods,
  stores,
  type PaymentType,
} from './facts.ts';
import { isObject } from './wire.ts';

type Fields = Record<string, unknown>;

const customFields = ['custom_field1', 'custom_field2', 'custom_field3'];
const snapNames = [
  'transaction_details',
  'item_details',
  'customer_details',
  'enabled_payments',
  'credit_card',
  'callbacks',
  'expiry',
  'page_expiry',
  'recurring',
  'user_id',
  'cstore',
  ...customFields,
  ...snapMethods,
];
const addressNames = [
  'first_name',
  'last_name',
  'email',
  'phone',
  'address',
  'city',
  'postal_code',
  'country_code',
];
const itemNames = [
  'id',
  'price',
  'quantity',
  'name',
  'brand',
  'category',
  'merchant_name',
  'url',
  'tenor',
];
const periodUnits = ['minute', 'minutes', 'hour', 'hours', 'day', 'days'];

function checkOrder(checker: Checker, body: Fields): number | undefined {
  const details = checker.object(body, '', 'transaction_details', true);
  if (!details) return undefined;
  const path = 'transaction_details';
  checker.only(details, path, ['order_id', 'gross_amount']);
  checker.text(details, path, 'order_id', {
    required: true,
    max: 50,
    pattern: /^[A-Za-z0-9_~.-]*$/,
  });
  const amount = checker.integer(details, path, 'gross_amount', { required: true });
  if (amount !== undefined && amount < 1) {
    checker.refuse('transaction_details.gross_amount must be greater than or equal to 0.01');
  }
  checkItems(checker, body, amount);
  return amount;
}

function checkItems(checker: Checker, body: Fields, amount: number | undefined): void {
  const items = body['item_details'];
  if (items === undefined) return;
  if (!Array.isArray(items)) {
    checker.refuse('item_details must be an array');
    return;
  }
  let sum = 0;
  items.forEach((item: unknown, at) => {
    const path = `item_details[${at}]`;
    if (!isObject(item)) {
      checker.refuse(`${path} must be an object`);
      return;
    }
    checker.only(item, path, itemNames);
    checker.text(item, path, 'id', { max: 50 });
    checker.text(item, path, 'name', { required: true, max: 50 });
    const price = checker.integer(item, path, 'price', { required: true });
    const quantity = checker.integer(item, path, 'quantity', { required: true, min: 1 });
    sum += (price ?? NaN) * (quantity ?? NaN);
  });
  if (amount !== undefined && sum !== amount) {
    checker.refuse('transaction_details.gross_amount is not equal to the sum of item_details');
  }
}

function checkCustomer(checker: Checker, body: Fields): void {
  const customer = checker.object(body, '', 'customer_details');
  if (!customer) return;
  const path = 'customer_details';
  const people = ['first_name', 'last_name', 'email', 'phone'];
  checker.only(customer, path, [...people, 'billing_address', 'shipping_address']);
  checker.text(customer, path, 'first_name', { max: 255 });
  checker.text(customer, path, 'last_name', { max: 255 });
  checker.text(customer, path, 'email', { max: 255, pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/ });
  checker.text(customer, path, 'phone', { max: 255, pattern: /^\+?[0-9 ()-]{5,}$/ });
  for (const name of ['billing_address', 'shipping_address']) {
    const address = checker.object(customer, path, name);
    if (!address) continue;
    checker.only(address, join(path, name), addressNames);
    for (const line of addressNames) checker.text(address, join(path, name), line, { max: 255 });
  }
}

function checkCustomFields(checker: Checker, body: Fields): void {
  for (const name of customFields) checker.text(body, '', name, { max: 255 });
}

function checkPeriod(checker: Checker, body: Fields, name: string): void {
  const period = checker.object(body, '', name);
  if (!period) return;
  checker.only(period, name, ['start_time', 'unit', 'duration']);
  checker.time(period, name, 'start_time');
  checker.text(period, name, 'unit', { required: true, oneOf: periodUnits });
  checker.integer(period, name, 'duration', { required: true, min: 1 });
}

function checkSnap(checker: Checker, body: Fields): void {
  checker.only(body, '', snapNames);
  checkOrder(checker, body);
  checkCustomer(checker, body);
  checkCustomFields(checker, body);
  const methods = body['enabled_payments'];
  if (methods !== undefined) {
    const words = [...snapMethods, ...Object.keys(snapAliases)];
    if (!Array.isArray(methods)) checker.refuse('enabled_payments must be an array');
    else {
      for (const word of methods as unknown[]) {
        if (typeof word !== 'string' || !words.includes(word)) {
          checker.refuse(`enabled_payments: ${JSON.stringify(word)} is not a payment channel`);
        }
      }
    }
  }
  const card = checker.object(body, '', 'credit_card');
  if (card) {
    checker.only(card, 'credit_card', [
      'secure',
      'bank',
      'channel',
      'type',
      'whitelist_bins',
      'installment',
      'save_card',
    ]);
    checker.boolean(card, 'credit_card', 'secure');
    checker.boolean(card, 'credit_card', 'save_card');
    checker.text(card, 'credit_card', 'type', { oneOf: ['authorize', 'authorize_capture'] });
  }
  const callbacks = checker.object(body, '', 'callbacks');
  if (callbacks) {
    checker.only(callbacks, 'callbacks', ['finish', 'error']);
    checker.url(callbacks, 'callbacks', 'finish');
    checker.url(callbacks, 'callbacks', 'error');
  }
  checkPeriod(checker, body, 'expiry');
  checkPeriod(checker, body, 'page_expiry');
}

/** The documented names of a payment type's own block, and which of them are required. */
const blocks: Readonly<Record<PaymentType, readonly string[]>> = {
  credit_card: [
    'token_id',
    'authentication',
    'type',
    'bank',
    'save_token_id',
    'installment_term',
    'bins',
    'channel',
    'callback_type',
  ],
  bank_transfer: ['bank', 'va_number', 'free_text', 'bca', 'permata', 'bri', 'cimb'],
  echannel: ['bill_info1', 'bill_info2', 'bill_key'],
  gopay: ['enable_callback', 'callback_url', 'account_id', 'payment_option_token', 'pre_auth'],
  shopeepay: ['callback_url'],
  dana: ['callback_url'],
  ovo: ['phone_number', 'callback_url'],
  qris: ['acquirer'],
  cstore: ['store', 'message', 'alfamart_free_text_1'],
  akulaku: [],
  kredivo: [],
};

function checkBlock(checker: Checker, body: Fields, type: PaymentType): void {
  for (const other of paymentTypes) {
    if (other !== type && body[other] !== undefined) {
      checker.breach(`${other} does not belong to a charge with payment_type ${type}`);
    }
  }
  // token_id is looked at later: without one the documented answer is 411, not 400.
  const required = ['bank_transfer', 'echannel', 'cstore'].includes(type);
  const block = checker.object(body, '', type, required);
  if (!block) return;
  checker.only(block, type, blocks[type]);
  if (type === 'bank_transfer') {
    checker.text(block, type, 'bank', { required: true, oneOf: banks });
    checker.text(block, type, 'va_number', { max: 255, pattern: /^\d+$/ });
  }
  if (type === 'cstore') checker.text(block, type, 'store', { required: true, oneOf: stores });
  if (type === 'echannel') {
    checker.text(block, type, 'bill_info1', { required: true });
    checker.text(block, type, 'bill_info2', { required: true });
  }
  if (type === 'qris') checker.text(block, type, 'acquirer', { oneOf: ['gopay', 'airpay shopee'] });
  if (type === 'gopay') {
    checker.boolean(block, type, 'enable_callback');
    checker.url(block, type, 'callback_url');
  }
  if (type === 'credit_card') {
    checker.boolean(block, type, 'authentication');
    checker.text(block, type, 'type', { oneOf: ['authorize'] });
  }
}

function checkCharge(checker: Checker, body: Fields): void {
  checker.only(body, '', [
    'payment_type',
    'transaction_details',
    'item_details',
    'customer_details',
    'metadata',
    'custom_expiry',
    ...customFields,
    ...paymentTypes,
  ]);
  const type = checker.text(body, '', 'payment_type', { required: true, oneOf: paymentTypes });
  const amount = checkOrder(checker, body);
  checkCustomer(checker, body);
  checkCustomFields(checker, body);
  const expiry = checker.object(body, '', 'custom_expiry');
  if (expiry) {
    checker.only(expiry, 'custom_expiry', ['order_time', 'expiry_duration', 'unit']);
    checker.time(expiry, 'custom_expiry', 'order_time');
    checker.integer(expiry, 'custom_expiry', 'expiry_duration', { required: true, min: 1 });
    checker.text(expiry, 'custom_expiry', 'unit', { oneOf: ['second', 'minute', 'hour', 'day'] });
  }
  const known = paymentTypes.find((one) => one === type);
  if (!known) return;
  checkBlock(checker, body, known);
  const limits = amountLimits[limitName(body, known)];
  if (amount === undefined || !limits) return;
  if (amount < limits[0]) checker.refuse(`gross_amount is below the minimum of ${limits[0]}`);
  if (amount > limits[1]) checker.refuse(`gross_amount is above the maximum of ${limits[1]}`);
}

function limitName(body: Fields, type: PaymentType): string {
  const block = body[type];
  if (!isObject(block)) return type;
  if (type === 'bank_transfer') return `${String(block['bank'])}_va`;
  return type === 'cstore' ? String(block['store']) : type;
}

function checkCapture(checker: Checker, body: Fields): void {
  checker.only(body, '', ['transaction_id', 'gross_amount']);
  checker.text(body, '', 'transaction_id', { required: true });
  checker.integer(body, '', 'gross_amount', { min: 1 });
}

function checkRefund(checker: Checker, body: Fields): void {
  checker.only(body, '', ['refund_key', 'amount', 'reason']);
  checker.text(body, '', 'refund_key', { max: 50, pattern: /^[A-Za-z0-9_-]+$/ });
  checker.integer(body, '', 'amount', { min: 1 });
  checker.text(body, '', 'reason', { max: 255 });
}

const bodyChecks: Readonly<Record<string, (checker: Checker, body: Fields) => void>> = {
  charge: checkCharge,
  snap_create: checkSnap,
  capture: checkCapture,
  refund: checkRefund,
  refund_direct: checkRefund,
};

/** Judges a body; what takes none may come without, with `null` or with `{}`. */
export function checkBody(checker: Checker, operation: string, body: unknown): void {
  const check = bodyChecks[operation];
  if (check) {
    if (isObject(body)) check(checker, body);
    else checker.refuse('the request body must be a JSON object');
  } else if (isObject(body) && Object.keys(body).length > 0) {
    checker.breach(`${operation} takes no body`);
  }
}
