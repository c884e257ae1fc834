/** Refusals as this dialect prints them. The document names the statuses and no body. */
import type { DialectRefusal, DialectReply, ProblemCode } from '#sdk';

/** What else is the caller's fault is a 400 of the document; what is ours is a 500. */
const own: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 413, 429]);

/** The header is ours and not the document's, so its one other status is. */
const statuses: Partial<Record<ProblemCode, number>> = {
  idempotency_key_in_use: 409,
  client_secret_invalid: 401,
};

/** Fields that the native calls name otherwise. */
const fieldNames: Readonly<Record<string, string>> = {
  account: 'payment_account_id',
  payment: 'transaction_id',
  'customer.email': 'customer_email',
  'customer.name': 'customer_name',
};

const broken = 'Something went wrong on our end';

export function printed({ problem, fields, requestId }: DialectRefusal): DialectReply {
  const { code, message, options } = problem;
  const status = statuses[code] ?? documented(problem.status);
  if (status === 500) return failure(500, { message: broken, requestId });
  const { param, members = {} } = options;
  const wrong = fields.map((one): [string, string[]] => [one.field || 'body', [one.message]]);
  if (param !== undefined && wrong.length === 0) {
    wrong.push([fieldNames[param] ?? param.replace(/^payment\./, ''), [message]]);
  }
  const { accounts } = members;
  return failure(status, {
    message: status === 401 ? 'Invalid or missing API credentials' : message,
    code,
    errors: wrong.length > 0 ? Object.fromEntries(wrong) : undefined,
    accounts,
    requestId,
  });
}

function documented(status: number): number {
  if (status >= 500) return 500;
  return own.has(status) ? status : 400;
}

interface Told {
  readonly message: string;
  readonly requestId: string;
  readonly code?: string;
  readonly errors?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Why each account of the pool was passed over. */
  readonly accounts?: unknown;
}

function failure(status: number, { requestId, ...told }: Told): DialectReply {
  return { status, body: { success: false, ...told, request_id: requestId } };
}
