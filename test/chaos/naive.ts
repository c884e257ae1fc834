/**
 * The control: a payment handler as it is written in a hurry, wrong on purpose. It calls the
 * processor first and records after, remembers a key only once the call is through, and "makes
 * sure" after a timeout by trying again under a new reference. Run by `--control naive`; the
 * harness has to see its double charges, or it is blind.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

interface Stored {
  readonly key: string;
  readonly status: number;
  readonly body: Payment | Refund;
}

interface Payment {
  readonly id: string;
  readonly object: 'payment';
  status: string;
  readonly amount: number;
  readonly reference: string | null;
  readonly capture_method: string;
  charge: string | null;
  amount_authorized: number;
  amount_captured: number;
  amount_voided: number;
  amount_refunded: number;
}

interface Refund {
  readonly id: string;
  readonly object: 'refund';
  readonly status: string;
  readonly amount: number;
  readonly payment: string;
}

interface Wanted {
  readonly amount?: number;
  readonly reference?: string;
  readonly confirm?: boolean;
  readonly capture_method?: string;
  readonly payment?: string;
  readonly payment_method?: { readonly card: object };
}

interface Charge {
  readonly id: string;
  readonly status: string;
}

const [port = '0', simulatorUrl = '', file = ''] = process.argv.slice(2);
const timeoutMs = 1_200;
const triesMax = 4;

const answers = new Map<string, Stored>();
const payments = new Map<string, Payment>();
const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
for (const line of lines) remember(JSON.parse(line) as Stored);

function remember(stored: Stored): void {
  answers.set(stored.key, stored);
  if (stored.body.object === 'payment') payments.set(stored.body.id, stored.body);
}

/** The mistake: a new reference at every try, so that the processor cannot tell a repeat. */
async function callProcessor(path: string, body: object): Promise<Charge> {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await fetch(simulatorUrl + path, {
        method: 'POST',
        headers: { authorization: 'Bearer sim_naive', 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, reference: `naive-${randomUUID()}` }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.status === 200 || response.status === 402) {
        return (await response.json()) as Charge;
      }
    } catch (error) {
      if (tries === triesMax) throw error;
    }
    if (tries === triesMax) throw new Error('the processor does not answer');
  }
}

async function charge(payment: Payment, card: object): Promise<number> {
  const { amount, capture_method: captureMethod } = payment;
  const capture = captureMethod === 'automatic';
  const made = await callProcessor('/v1/charges', { amount, currency: 'USD', capture, card });
  payment.charge = made.id;
  payment.status = made.status === 'declined' ? 'failed' : made.status;
  if (payment.status === 'failed') return 402;
  payment.amount_authorized = amount;
  if (capture) payment.amount_captured = amount;
  return 201;
}

async function act(path: string, wanted: Wanted): Promise<[number, Payment | Refund]> {
  const [, , , id, verb] = path.split('/');
  if (path === '/v1/refunds') {
    const payment = payments.get(wanted.payment ?? '');
    const amount = wanted.amount ?? 0;
    await callProcessor(`/v1/charges/${payment?.charge ?? ''}/refunds`, { amount });
    const { payment: of = '' } = wanted;
    return [
      201,
      { id: `re_${randomUUID()}`, object: 'refund', status: 'succeeded', amount, payment: of },
    ];
  }
  const payment = payments.get(id ?? '') ?? newPayment(wanted);
  const { charge: made } = payment;
  const card = wanted.payment_method?.card ?? {};
  if (verb === 'confirm' || wanted.confirm) return [await charge(payment, card), payment];
  if (verb === 'capture') {
    const amount = wanted.amount ?? payment.amount - payment.amount_captured;
    await callProcessor(`/v1/charges/${made ?? ''}/captures`, { amount, final: false });
    payment.amount_captured += amount;
    payment.status = 'captured';
  }
  if (verb === 'void') {
    await callProcessor(`/v1/charges/${made ?? ''}/voids`, {});
    payment.status = 'voided';
  }
  return [verb === undefined ? 201 : 200, payment];
}

function newPayment({ amount = 0, reference, capture_method: capture }: Wanted): Payment {
  return {
    id: `pay_${randomUUID()}`,
    object: 'payment',
    status: 'created',
    amount,
    reference: reference ?? null,
    capture_method: capture ?? 'automatic',
    charge: null,
    amount_authorized: 0,
    amount_captured: 0,
    amount_voided: 0,
    amount_refunded: 0,
  };
}

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const key = String(request.headers['idempotency-key']);
  const known = answers.get(key);
  if (known) return send(response, known.status, known.body);
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (request.url === '/readyz') return send(response, 200, {});
  const [status, body] = await act(request.url ?? '', JSON.parse(text) as Wanted);
  // The mistake: only now does anybody know that this key was used.
  const stored: Stored = { key, status, body };
  appendFileSync(file, `${JSON.stringify(stored)}\n`);
  remember(stored);
  send(response, status, status === 402 ? { code: 'payment_declined', payment: body } : body);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

createServer((request, response) => {
  handle(request, response).catch((error: unknown) => {
    send(response, 500, { code: 'internal_error', detail: String(error) });
  });
}).listen(Number(port), '127.0.0.1');
