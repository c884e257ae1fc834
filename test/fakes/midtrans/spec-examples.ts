/**
 * Midtrans' documented examples as a judge: which fields a body may have, and of which type and
 * format. Undefined where the shared folder is missing (see ../contracts.ts).
 */
import { contractFile } from '../contracts.ts';

export interface Example {
  readonly id: string;
  readonly kind: 'request' | 'response' | 'notification' | 'fact';
  readonly operation?: string | null;
  readonly server_key?: string;
  readonly header?: string;
  readonly body: Record<string, unknown>;
}

const file = contractFile('midtrans-examples.json') as { cases: Example[] } | undefined;

export const examples: readonly Example[] | undefined = file?.cases;

const formats: readonly [name: string, pattern: RegExp][] = [
  ['code', /^\d{3}$/],
  ['amount', /^\d+\.\d\d$/],
  ['local time', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/],
  ['ISO time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/],
  ['SHA-512', /^[0-9a-f]{128}$/],
  ['masked card', /^\d{6,8}-\d{4}$/],
  ['currency', /^[A-Z]{3}$/],
];

/** `transaction_details.order_id: text`, one line for each leaf; list members share a path. */
export function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    return [`${path}: list`, ...value.flatMap((item) => shapeOf(item, `${path}[]`))];
  }
  if (typeof value === 'object' && value !== null) {
    const inside = (name: string) => (path === '' ? name : `${path}.${name}`);
    return Object.entries(value).flatMap(([name, item]) => shapeOf(item, inside(name)));
  }
  if (typeof value !== 'string') return [`${path}: ${typeof value}`];
  return [`${path}: ${formats.find(([, pattern]) => pattern.test(value))?.[0] ?? 'text'}`];
}

/** Fields of answers that the pages list and for which the cases hold no example. */
const listedOnly: Readonly<Record<string, readonly string[]>> = {
  charge: [
    // QRIS and its example page (docs/gopay-qris-pos-integration).
    'qr_string: text',
    'acquirer: text',
    // Mandiri bill, convenience stores.
    'biller_code: text',
    'bill_key: text',
    'store: text',
    'payment_code: text',
    // A card that waits for 3-D Secure; pay-later methods.
    'redirect_url: text',
  ],
};

/** What the examples allow: answers of the operation and the general errors. */
export function allowedAnswer(operation: string): Set<string> {
  const prefixes: Readonly<Record<string, string>> = {
    charge: 'charge.',
    capture: 'capture.',
    cancel: 'cancel.',
    expire: 'expire.',
    approve: 'approve.',
    deny: 'deny.',
    status: 'status.',
    refund: 'refund.',
    refund_direct: 'refund.direct',
    snap_create: 'snap.create.',
    snap_cancel: 'snap.cancel.',
  };
  const prefix = prefixes[operation];
  if (prefix === undefined) throw new Error(`no examples for ${operation}`);
  const fitting = (examples ?? []).filter(
    ({ id, kind }) => kind === 'response' && (id.startsWith(prefix) || id.startsWith('error.')),
  );
  const listed = listedOnly[operation] ?? [];
  return new Set([...fitting.flatMap(({ body }) => shapeOf(body)), ...listed]);
}

/**
 * What notifications of the same payment type, and those of the same status, carry. For DANA and
 * OVO the only examples are answers to GET status.
 */
export function allowedNotification(paymentType: unknown, status: unknown): Set<string> {
  const fitting = (examples ?? []).filter(
    ({ id, kind, body }) =>
      (kind === 'notification' || id.startsWith('status.')) &&
      (body['payment_type'] === paymentType ||
        body['transaction_status'] === String(status).toLowerCase()),
  );
  return new Set(fitting.flatMap(({ body }) => shapeOf(body)));
}
