/** What the connector's specs share: a port with a script, commands, answers, a fault's kind. */
import {
  Fault,
  Secret,
  type Authorize,
  type Context,
  type FaultKind,
  type HttpRequest,
  type HttpResponse,
  type Sync,
} from '#sdk';
import type { MidtransRef, MidtransSettings } from './settings.ts';

export const serverKey = 'SB-Mid-server-test';
export const order = 'op_01jd7v3g0kz8m4x2q9w7c5b1n0';
export const transactionId = '249fc620-6017-4540-af7c-5a1c25788f46';

/** Minor units of whole rupiah. */
export const idr = (rupiah: number) => ({ amount: rupiah * 100, currency: 'IDR' });

export type Answer = Partial<HttpResponse> | object;

/** An answer is a body, or a response when it has a `text`. */
function responseOf(answer: Answer): HttpResponse {
  const given = 'text' in answer ? answer : { text: JSON.stringify(answer) };
  return { status: 200, headers: {}, ...given } as HttpResponse;
}

interface Stage {
  readonly context: Context<MidtransSettings>;
  readonly requests: HttpRequest[];
}

/** Answers in the order given; one request more than that is a mistake. */
export function stage(answers: readonly Answer[], settings: Partial<MidtransSettings> = {}): Stage {
  const requests: HttpRequest[] = [];
  const context: Context<MidtransSettings> = {
    settings: { server_key: serverKey, ...settings },
    mode: 'sandbox',
    http: {
      async send(request) {
        const answer = answers[requests.push(request) - 1];
        if (!answer) throw new Error(`no answer for ${request.method} ${request.url}`);
        return responseOf(answer);
      },
    },
    webhookUrl: 'https://switch.test/webhooks/acct_1',
    webhookSecret: undefined,
    now: () => 0,
  };
  return { context, requests };
}

export const bodyOf = (request: HttpRequest | undefined): unknown =>
  JSON.parse(String(request?.body));

/** The paths asked for, with the verbs. */
export const pathsOf = ({ requests }: Stage): string[] =>
  requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);

/** A transaction as GET status and most changes describe it. */
export const transaction = (changes: object = {}) => ({
  status_code: '200',
  status_message: 'Success',
  transaction_id: transactionId,
  order_id: order,
  gross_amount: '250000.00',
  payment_type: 'credit_card',
  transaction_time: '2026-11-21 10:00:00',
  transaction_status: 'capture',
  fraud_status: 'accept',
  currency: 'IDR',
  ...changes,
});

export const refusal = (code: string) => ({ status_code: code, status_message: 'no' });
export const missing = refusal('404');

export function command(changes: Partial<Authorize> = {}): Authorize {
  return {
    operationId: order,
    amount: idr(250_000),
    capture: 'automatic',
    method: { type: 'token', token: new Secret('481111-1114-tokenSecret') },
    details: {},
    customerReference: undefined,
    returnUrl: 'https://switch.test/return',
    ...changes,
  };
}

export const held: MidtransRef = { order, transaction: transactionId, reached: 'authorized' };

/** A later operation about {@link held}. */
export const about = (of: MidtransRef = held, rupiah = 250_000) => ({
  operationId: 'op_01jd7v3g0kz8m4x2q9w7c5b1n9',
  amount: idr(rupiah),
  of,
  final: true,
  reason: undefined,
});

/** The question about a later operation on {@link held}. */
export const later = (
  kind: Exclude<Sync<MidtransRef>['kind'], 'authorize'>,
  rupiah = 250_000,
): Sync<MidtransRef> => ({
  operationId: about().operationId,
  kind,
  amount: idr(rupiah),
  ref: undefined,
  of: held,
  method: undefined,
  capture: undefined,
  begunAtMs: 0,
});

export async function faultOf(work: Promise<unknown>): Promise<FaultKind | 'none'> {
  try {
    await work;
    return 'none';
  } catch (cause) {
    if (cause instanceof Fault) return cause.kind;
    throw cause;
  }
}
