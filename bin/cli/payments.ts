/** What can be done with a payment once it is there: the verbs, the lists, `show`. */
import type { Option } from 'commander';
import {
  amountOption,
  define,
  group,
  idempotencyOption,
  option,
  pageOptions,
  pageQuery,
  type PageOptions,
  type Parent,
  type Session,
} from './define.ts';
import { usageError, type ExitCode } from './exit.ts';
import { columns, listText, objectText, operationsText, type ListView } from './present.ts';
import { word } from './render.ts';

interface VerbOptions {
  readonly amount?: number;
  readonly final?: boolean;
  readonly reason?: string;
  readonly idempotencyKey?: string;
}

const payment = ['pay_…'];
const reason = () => option('--reason <text>', 'kept for your records');

export function addPaymentVerbs(parent: Parent): void {
  const verb = (name: string, summary: string, options: Option[], ...examples: string[]): void =>
    define<VerbOptions>(parent, {
      usage: `${name} <payment>`,
      summary,
      arguments: payment,
      options: [...options, idempotencyOption()],
      examples: [`${name} pay_01…`, ...examples],
      run: (session, given, id) => perform(session, name, id ?? '', given),
    });
  const part = () => amountOption('--amount <minor>', 'a part; without it, all that is left');
  verb(
    'capture',
    'Capture an authorized payment, whole or in part',
    [part(), option('--final', 'release what is left of the authorization')],
    'capture pay_01… --amount 5000',
  );
  verb('void', 'Give back what is authorized and not captured', [reason()]);
  verb('cancel', 'Call off a payment that has not been paid', [reason()]);
  verb('sync', 'Ask the processor how the payment stands', []);
  verb('approve', 'Let a payment under review go on', []);
  verb(
    'reject',
    'End a payment under review',
    [reason()],
    'reject pay_01… --reason "no such street"',
  );
  define<VerbOptions>(parent, {
    usage: 'refund <payment>',
    summary: 'Refund a captured payment, whole or in part',
    arguments: payment,
    options: [part(), reason(), idempotencyOption()],
    examples: ['refund pay_01…', 'refund pay_01… --amount 6000 --reason "one item came back"'],
    run: refund,
  });
}

async function perform(
  session: Session,
  verb: string,
  id: string,
  { amount, final, reason: why, idempotencyKey }: VerbOptions,
): Promise<ExitCode> {
  const path = `/v1/payments/${encodeURIComponent(id)}/${verb}`;
  const body = { amount, final, reason: why };
  const answer = await session.api().call('POST', path, { body, idempotencyKey });
  return session.answer(answer, objectText(answer.body));
}

async function refund(session: Session, options: VerbOptions, id?: string): Promise<ExitCode> {
  const answer = await session.api().call('POST', '/v1/refunds', {
    body: { payment: id, amount: options.amount, reason: options.reason },
    idempotencyKey: options.idempotencyKey,
  });
  return session.answer(answer, objectText(answer.body));
}

interface PaymentFilters extends PageOptions {
  readonly status?: string;
  readonly customer?: string;
  readonly reference?: string;
  readonly account?: string;
  readonly currency?: string;
  readonly from?: string;
  readonly to?: string;
  readonly min?: number;
  readonly max?: number;
  readonly refunded?: boolean;
}

export function addLists(parent: Parent): void {
  const payments = group(parent, 'payments', 'Look through payments', 'payments list');
  define<PaymentFilters>(payments, {
    usage: 'list',
    summary: 'List payments, newest first',
    options: [
      option('--status <status>', 'captured, authorized, failed, …'),
      option('--customer <cus_id>', 'of one customer'),
      option('--reference <text>', 'exactly this reference'),
      option('--account <acct_id>', 'through one processor account'),
      option('--currency <code>', 'ISO 4217'),
      option('--from <date>', 'created at or after: 2026-11-21, or with a time'),
      option('--to <date>', 'created until'),
      amountOption('--min <minor>', 'amount at least'),
      amountOption('--max <minor>', 'amount at most'),
      option('--refunded', 'something was refunded'),
      option('--no-refunded', 'nothing was refunded'),
      ...pageOptions(),
    ],
    examples: ['payments list --status captured --from 2026-11-01', 'payments list --json'],
    run: listPayments,
  });
  const refunds = group(parent, 'refunds', 'Look through refunds', 'refunds list');
  define<PageOptions & { payment?: string }>(refunds, {
    usage: 'list',
    summary: 'List refunds, newest first',
    options: [option('--payment <pay_id>', 'of one payment'), ...pageOptions()],
    examples: ['refunds list --payment pay_01…'],
    run: (session, options) =>
      list(session, 'refund', '/v1/refunds', { ...pageQuery(options), payment: options.payment }),
  });
}

function listPayments(session: Session, options: PaymentFilters): Promise<ExitCode> {
  return list(session, 'payment', '/v1/payments', {
    ...pageQuery(options),
    status: options.status,
    customer_id: options.customer,
    reference: options.reference,
    account: options.account,
    currency: options.currency,
    created_from: options.from,
    created_to: options.to,
    amount_min: options.min,
    amount_max: options.max,
    has_refund: options.refunded,
  });
}

/** Prints one page of any list; where it goes on is said on stderr. */
export async function list(
  session: Session,
  kind: keyof typeof columns,
  path: string,
  query: Record<string, string | number | boolean | undefined>,
  key: 'secret' | 'admin' = 'secret',
): Promise<ExitCode> {
  const answer = await session.api(key).call('GET', path, { query });
  const { data, has_more: more } = answer.body as unknown as ListView;
  const text = data.length === 0 ? 'Nothing found.\n' : listText(columns[kind], data);
  const code = session.answer(answer, text);
  const last = data.at(-1)?.['id'];
  if (more && query['ending_before'] === undefined) {
    session.remark(`There are more: --after ${word(last)}\n`);
  }
  return code;
}

/** Id prefix → path and whose key reads it. */
const shelves: Readonly<Record<string, readonly [path: string, key: 'secret' | 'admin']>> = {
  pay: ['/v1/payments', 'secret'],
  re: ['/v1/refunds', 'secret'],
  cus: ['/v1/customers', 'secret'],
  pm: ['/v1/payment_methods', 'secret'],
  acct: ['/v1/accounts', 'secret'],
  evt: ['/v1/events', 'secret'],
  we: ['/v1/webhook_endpoints', 'secret'],
  del: ['/v1/webhook_deliveries', 'secret'],
  inwh: ['/v1/incoming_webhooks', 'secret'],
  key: ['/v1/api_keys', 'secret'],
  prof: ['/v1/profiles', 'secret'],
  mer: ['/v1/merchants', 'admin'],
};

export function addShow(parent: Parent): void {
  define(parent, {
    usage: 'show <id>',
    summary: 'Show anything by its id',
    arguments: [`${Object.keys(shelves).join('_…, ')}_…`],
    examples: ['show pay_01…', 'show acct_01… --json'],
    run: (session, _options, id) => show(session, id ?? ''),
  });
}

/** Throws CliError for an id that belongs to nothing of ours. */
export async function show(session: Session, id: string, only?: string): Promise<ExitCode> {
  const prefix = /^([a-z]+)_[0-9a-z]+$/.exec(id)?.[1] ?? '';
  const [path, key] = (only === undefined || only === prefix ? shelves[prefix] : undefined) ?? [];
  if (path === undefined) {
    const wanted = only === undefined ? Object.keys(shelves) : [only];
    throw usageError(`"${id}" is not an id`, `Ids start with ${wanted.join('_, ')}_`);
  }
  const api = session.api(key);
  const answer = await api.call('GET', `${path}/${id}`);
  const more = prefix === 'pay' && !session.json ? await operations(session, id) : '';
  return session.answer(answer, objectText(answer.body) + more);
}

async function operations(session: Session, id: string): Promise<string> {
  const { body } = await session.api().call('GET', `/v1/payments/${id}/operations`);
  return operationsText(body as unknown as ListView);
}
