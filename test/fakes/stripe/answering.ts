/** From a raw request to an answer: key, contract, route, idempotency, handler, faults. */
import type { StripeContracts } from '../contracts.ts';
import { findRoute, type Call, type Route } from './call.ts';
import { chargeRoutes } from './charges.ts';
import {
  contractViolations,
  refusalOf,
  transportViolations,
  withoutKey,
  type CheckedRequest,
  type Violation,
} from './checks.ts';
import { customerRoutes } from './customers.ts';
import { disputeRoutes } from './disputes.ts';
import { endpointRoutes } from './endpoints.ts';
import { expanded } from './expand.ts';
import type { Fault, Faults } from './faults.ts';
import type { Answer, IdempotencyKeys } from './idempotency.ts';
import { intentRoutes } from './intents.ts';
import { ledgerRoutes } from './ledger.ts';
import { methodRoutes } from './methods.ts';
import { parseForm, text } from './params.ts';
import { Problem, unauthorized, type ErrorBody } from './problem.ts';
import { refundRoutes } from './refunds.ts';
import { setupRoutes } from './setups.ts';
import { currentApiVersion, type Account, type World } from './world.ts';

const routes: readonly Route[] = [
  ...intentRoutes,
  ...setupRoutes,
  ...methodRoutes,
  ...customerRoutes,
  ...chargeRoutes,
  ...refundRoutes,
  ...disputeRoutes,
  ...ledgerRoutes,
  ...endpointRoutes,
];

/** A request as it came, and what became of it. */
export interface RecordedRequest extends CheckedRequest {
  /** What Stripe would have refused, by parameter. */
  readonly violations: Violation[];
  /** The account's name (`sk_test_<name>`), once the key was read. */
  account?: string;
  /** HTTP status of the answer; absent when there was none. */
  status?: number;
  /** The answer was that of an earlier request with the same idempotency key. */
  replayed?: boolean;
}

/** How the connection ends. */
export type Outcome =
  | { readonly kind: 'answer' | 'cut'; readonly answer: Answer }
  | { readonly kind: 'hang' }
  | { readonly kind: 'close' };

export interface Desk {
  readonly world: World;
  readonly faults: Faults;
  readonly keys: IdempotencyKeys;
  readonly contracts: StripeContracts | undefined;
  /** Answers are held against the contract too; one that fails it is a 500 of the fake's. */
  readonly checksAnswers: boolean;
}

function secretKeyOf(request: CheckedRequest): string {
  const { authorization = '' } = request.headers;
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() === 'basic') {
    return Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '';
  }
  const [, query = ''] = request.target.split('?');
  const key = text(parseForm(request.body), 'key') ?? text(parseForm(query), 'key');
  if (key === undefined) throw unauthorized('You did not provide an API key.');
  return key;
}

function errorAnswer({ status, body }: Problem, headers: Answer['headers']): Answer {
  return { status, headers, body: JSON.stringify({ error: body }, null, 2) };
}

function faultProblem(fault: Fault & { kind: 'status' }): Problem {
  const { status, acted = false, error = {} } = fault;
  const body: ErrorBody = {
    type: status >= 500 ? 'api_error' : 'invalid_request_error',
    message: status === 429 ? 'Too many requests.' : 'Something went wrong at Stripe.',
    ...(status === 429 && { code: 'rate_limit' }),
    ...error,
  };
  return new Problem(status, body, acted || status >= 500);
}

function checked(desk: Desk, record: RecordedRequest, browser: boolean): Problem | undefined {
  const transport = transportViolations(record, browser);
  record.violations.push(...transport);
  const refusal = refusalOf(transport);
  if (refusal) return refusal;
  record.violations.push(...contractViolations(desk.contracts, record));
  return refusalOf(record.violations);
}

/** Runs the handler: state changes, events, then what follows the answer. */
function carryOut(
  desk: Desk,
  route: Route,
  call: Call,
  record: RecordedRequest,
  requestId: string,
): { answer: Answer; stored: boolean } {
  const { world } = desk;
  const key = record.headers['idempotency-key'] ?? null;
  const headers = {
    'content-type': 'application/json',
    'request-id': requestId,
    'stripe-version': record.headers['stripe-version'] ?? world.accountApiVersion,
    ...(key !== null && { 'idempotency-key': key }),
  };
  world.request = { id: requestId, idempotency_key: key };
  try {
    const result = expanded(call.account, call.params, route.handle(call));
    const body = JSON.stringify(result, null, 2);
    if (desk.checksAnswers && !call.browser) checkAnswer(desk, record, 200, JSON.parse(body));
    return { answer: { status: 200, headers, body }, stored: true };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { code = '', param = '', message } = error.body;
    if (code.startsWith('parameter_')) {
      record.violations.push({ document: 'rules', path: param, message });
    }
    const answer = errorAnswer(error, headers);
    if (desk.checksAnswers) checkAnswer(desk, record, error.status, JSON.parse(answer.body));
    return { answer, stored: error.stored };
  } finally {
    world.request = null;
    for (const follow of world.afterwards.splice(0)) follow();
  }
}

function checkAnswer(desk: Desk, record: RecordedRequest, status: number, body: unknown): void {
  const { method, path } = record;
  for (const document of ['current', 'older'] as const) {
    const found = desk.contracts?.[document].response(method, path, status, body) ?? [];
    if (found.length === 0) continue;
    throw new Error(`the fake's answer breaks the ${document} contract: ${JSON.stringify(found)}`);
  }
}

async function perform(
  desk: Desk,
  record: RecordedRequest,
  account: Account,
  fault: Fault | undefined,
  requestId: string,
): Promise<Outcome> {
  const { method, path, target, body } = record;
  const found = findRoute(routes, method, path);
  if (!found) {
    record.violations.push({
      document: 'transport',
      path: '',
      message: 'the fake has no such route',
    });
    const message = `Unrecognized request URL (${method}: ${path}).`;
    throw new Problem(404, { type: 'invalid_request_error', message }, false);
  }
  const { route, id } = found;
  const browser = secretKeyOf(record).startsWith('pk_');
  if (browser && !route.browser) {
    const message = 'This API call cannot be made with a publishable API key.';
    throw unauthorized(message, 'secret_key_required');
  }
  const refusal = checked(desk, record, browser);
  if (refusal) throw refusal;
  const [, query = ''] = target.split('?');
  const params = parseForm(withoutKey(method === 'POST' ? body : query));
  const key = method === 'POST' ? record.headers['idempotency-key'] : undefined;
  const now = desk.world.now();
  const earlier = key && desk.keys.begin(account, key, { method, path, params }, now);
  if (earlier) {
    record.replayed = true;
    const headers = {
      ...earlier.headers,
      'idempotent-replayed': 'true',
      'original-request': earlier.headers['request-id'] ?? '',
      'request-id': requestId,
    };
    return { kind: 'answer', answer: { ...earlier, headers } };
  }
  try {
    if (fault?.kind === 'wait') await fault.until();
    const call: Call = { world: desk.world, account, params, id, browser };
    const done = answerUnder(desk, fault, record, requestId, () =>
      carryOut(desk, route, call, record, requestId),
    );
    if (key) desk.keys.end(account, key, done.stored ? done.answer : undefined);
    if (fault && 'acted' in fault && (fault.kind === 'hang' || fault.kind === 'close')) {
      return { kind: fault.kind };
    }
    return { kind: fault?.kind === 'cut' ? 'cut' : 'answer', answer: done.answer };
  } catch (error) {
    if (key) desk.keys.end(account, key, undefined);
    throw error;
  }
}

/** The handler's result, or Stripe's own error in its place. */
function answerUnder(
  desk: Desk,
  fault: Fault | undefined,
  record: RecordedRequest,
  requestId: string,
  work: () => { answer: Answer; stored: boolean },
): { answer: Answer; stored: boolean } {
  if (fault?.kind !== 'status') return work();
  if (fault.acted) work();
  const problem = faultProblem(fault);
  const headers = {
    'content-type': 'application/json',
    'request-id': requestId,
    'stripe-version': record.headers['stripe-version'] ?? desk.world.accountApiVersion,
    ...(fault.shouldRetry !== undefined && { 'stripe-should-retry': String(fault.shouldRetry) }),
  };
  return { answer: errorAnswer(problem, headers), stored: problem.stored };
}

/** @throws only what is a mistake in the fake itself */
export async function answerTo(desk: Desk, record: RecordedRequest): Promise<Outcome> {
  const requestId = desk.world.id('req');
  const fault = desk.faults.take(record.method, record.path);
  if (fault?.kind === 'page') {
    const body = '<html><body><h1>502 Bad Gateway</h1></body></html>';
    const headers = { 'content-type': 'text/html' };
    return { kind: 'answer', answer: { status: fault.status ?? 502, headers, body } };
  }
  if ((fault?.kind === 'hang' || fault?.kind === 'close') && !fault.acted) {
    return { kind: fault.kind };
  }
  try {
    const account = desk.world.account(secretKeyOf(record));
    record.account = account.name;
    return await perform(desk, record, account, fault, requestId);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const headers = {
      'content-type': 'application/json',
      'request-id': requestId,
      'stripe-version': record.headers['stripe-version'] ?? currentApiVersion,
    };
    return { kind: 'answer', answer: errorAnswer(error, headers) };
  }
}
