/** API objects as people read them: key facts first. Pure. */
import type { Json, JsonObject } from '../../core/base/json.ts';
import {
  amountText,
  clean,
  facts,
  table,
  timeText,
  word,
  type Column,
  type Fact,
} from './render.ts';

type Text = string | null;

interface PaymentView {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly amount_authorized: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly amount_voided: number;
  readonly reference: Text;
  readonly description: Text;
  readonly account: Text;
  readonly customer_id: Text;
  readonly payment_method: Record<string, string | number> | null;
  readonly next_action: { readonly url?: string; readonly data?: string } | null;
  readonly last_error: Record<string, string> | null;
  readonly created_at: string;
}

export interface ListView {
  readonly data: readonly JsonObject[];
  readonly has_more: boolean;
}

function methodText(method: PaymentView['payment_method']): string {
  if (!method) return '';
  const { type, brand, last4, exp_month: month, exp_year: year } = method;
  if (last4 === undefined) return String(type);
  return `${brand} •••• ${last4}${month === undefined ? '' : ` ${month}/${year}`}`;
}

function errorText(error: PaymentView['last_error']): string {
  if (!error) return '';
  const { message, decline_code: declined, processor_code: given, advice } = error;
  const codes = [declined, given === undefined ? undefined : `processor code ${given}`, advice];
  return `${message} (${codes.filter((code) => code !== undefined).join(', ')})`;
}

/** What of an amount happened, only where something did. */
function moved(what: string, amount: number, currency: string): Fact {
  return [what, amount === 0 ? null : amountText(amount, currency)];
}

export function paymentText(body: JsonObject): string {
  const payment = body as unknown as PaymentView;
  const { currency } = payment;
  const { url, data } = payment.next_action ?? {};
  return (
    `${payment.id}  ${payment.status}  ${amountText(payment.amount, currency)}\n` +
    facts([
      ['Error', errorText(payment.last_error)],
      ['Open', url ?? data],
      moved('Authorized', payment.amount_authorized, currency),
      moved('Captured', payment.amount_captured, currency),
      moved('Refunded', payment.amount_refunded, currency),
      moved('Voided', payment.amount_voided, currency),
      ['Method', methodText(payment.payment_method)],
      ['Account', payment.account],
      ['Reference', payment.reference],
      ['Description', payment.description],
      ['Customer', payment.customer_id],
      ['Created', timeText(payment.created_at)],
    ])
  );
}

export function operationsText({ data }: ListView): string {
  if (data.length === 0) return '';
  return `\n${listText(operationColumns, data)}`;
}

interface ListColumn extends Column {
  of(item: JsonObject): string;
}

const field = (title: string, name: string): ListColumn => ({
  title,
  of: (item) => word(item[name]),
});

const time = (title: string, name: string): ListColumn => ({
  title,
  of: (item) => timeText(item[name] as Text | undefined),
});

const amount = (title: string, name = 'amount'): ListColumn => ({
  title,
  right: true,
  of: (item) => amountText(Number(item[name]), word(item['currency'])),
});

const operationColumns: readonly ListColumn[] = [
  field('OPERATION', 'id'),
  field('KIND', 'kind'),
  field('STATE', 'state'),
  amount('AMOUNT'),
  field('ACCOUNT', 'account'),
  time('CREATED', 'created_at'),
];

export const columns = {
  payment: [
    field('PAYMENT', 'id'),
    field('STATUS', 'status'),
    amount('AMOUNT'),
    { title: 'METHOD', of: (item) => methodText((item as unknown as PaymentView).payment_method) },
    field('REFERENCE', 'reference'),
    time('CREATED', 'created_at'),
  ],
  refund: [
    field('REFUND', 'id'),
    field('STATUS', 'status'),
    amount('AMOUNT'),
    field('PAYMENT', 'payment'),
    field('REASON', 'reason'),
    time('CREATED', 'created_at'),
  ],
  event: [
    field('EVENT', 'id'),
    field('TYPE', 'type'),
    field('PAYMENT', 'payment'),
    time('CREATED', 'created_at'),
  ],
  endpoint: [
    field('ENDPOINT', 'id'),
    field('STATUS', 'status'),
    { title: 'EVENTS', of: ({ events }) => (events as readonly string[]).join(', ') },
    field('URL', 'url'),
    time('CREATED', 'created_at'),
  ],
  delivery: [
    field('DELIVERY', 'id'),
    field('STATE', 'state'),
    field('EVENT', 'event_type'),
    field('ATTEMPTS', 'attempts'),
    field('LAST', 'last_status'),
    field('URL', 'url'),
    time('CREATED', 'created_at'),
  ],
  incoming: [
    field('WEBHOOK', 'id'),
    field('STATE', 'state'),
    field('TYPE', 'type'),
    field('ACCOUNT', 'account'),
    field('PAYMENT', 'payment'),
    time('RECEIVED', 'received_at'),
  ],
  account: [
    field('ACCOUNT', 'id'),
    field('CONNECTOR', 'connector'),
    field('NAME', 'name'),
    field('STATUS', 'status'),
    field('PRIORITY', 'priority'),
    field('WEIGHT', 'weight'),
  ],
  customer: [
    field('CUSTOMER', 'id'),
    field('NAME', 'name'),
    field('EMAIL', 'email'),
    field('REFERENCE', 'reference'),
    time('CREATED', 'created_at'),
  ],
  payment_method: [
    field('METHOD', 'id'),
    field('KEPT BY', 'kind'),
    {
      title: 'WHAT',
      of: ({ type, details }) => methodText({ type, ...(details as object) } as never),
    },
    field('USAGE', 'usage'),
    field('ACCOUNT', 'account'),
    time('CREATED', 'created_at'),
  ],
  merchant: [
    field('MERCHANT', 'id'),
    field('NAME', 'name'),
    field('MODE', 'mode'),
    time('CREATED', 'created_at'),
  ],
  key: [
    field('KEY', 'id'),
    field('KIND', 'kind'),
    field('HINT', 'hint'),
    field('NAME', 'name'),
    { title: 'ENDS', of: endOf },
    time('CREATED', 'created_at'),
  ],
} as const satisfies Record<string, readonly ListColumn[]>;

function endOf({ revoked_at: revoked, expires_at: expires }: JsonObject): string {
  if (revoked) return `revoked ${timeText(word(revoked))}`;
  return expires ? timeText(word(expires)) : 'never';
}

export function listText(list: readonly ListColumn[], data: readonly JsonObject[]): string {
  return table(
    list,
    data.map((item) => list.map((column) => column.of(item))),
  );
}

/** Words before the facts of an object that has no text of its own; the rest in the API's order. */
const headings = ['status', 'type', 'kind', 'name', 'reference'] as const;

/** Any object: its id and heading words, then every plain field; what is nested as JSON. */
export function objectText(body: JsonObject): string {
  if (body['object'] === 'payment') return paymentText(body);
  const { currency } = body;
  const words = headings.map((name) => body[name]).filter((heading) => typeof heading === 'string');
  const rest = Object.entries(body).filter(([name]) => name !== 'id' && name !== 'object');
  return (
    `${clean([word(body['id']), ...words].join('  '))}\n` +
    facts(
      rest.map(([name, value]): Fact => [
        label(name),
        typeof value === 'number' && name === 'amount' && typeof currency === 'string'
          ? amountText(value, currency)
          : plain(name, value),
      ]),
    )
  );
}

function label(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
}

function plain(name: string, value: Json | undefined): string {
  if (name.endsWith('_at')) return timeText(word(value));
  const isWords = Array.isArray(value) && value.every((item) => typeof item === 'string');
  return isWords ? value.join(', ') : word(value);
}
