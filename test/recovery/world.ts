/**
 * A switch whose time stands still and whose jobs ring only when a test rings them, and a look
 * behind the API: operations, events, and what each simulator account has booked.
 */
import { expect } from 'chai';
import { merchantOf } from '../../connectors/card-simulator/processor/ids.ts';
import { second } from '../../core/base/clock.ts';
import { expireDue } from '../../core/payments/expiry.ts';
import type { OperationRecord, PaymentRecord } from '../../core/payments/record.ts';
import { recoverDue } from '../../core/payments/recovery.ts';
import { operationsOf } from '../../core/payments/store.ts';
import {
  chargeBody,
  startTestSwitch,
  type Answer,
  type TestSwitch,
  type TestSwitchOptions,
} from '../support/app.ts';
import { expectBooksToAgree, simulatorFault, simulatorLedger } from '../support/books.ts';
import { silenceNews } from '../support/accounts.ts';
import type { DatabasePlace } from '../support/databases.ts';

/** How long "not found" must have been said in these tests before it counts. */
export const graceMs = 20 * second;

/** Long enough for a busy machine to answer honestly, short enough to be waited for. */
export const callTimeoutMs = 600;

const settings = `processors: { timeout_ms: ${callTimeoutMs}, absence_grace_ms: ${graceMs} }
`;

/**
 * Nothing runs by itself: tests ring {@link recover} and {@link expire}. No news comes either, so
 * that what is found out is found out by asking.
 */
export async function startStill(
  place: DatabasePlace,
  options: TestSwitchOptions = {},
): Promise<TestSwitch> {
  const app = await startTestSwitch(place, { yaml: settings, jobs: false, ...options });
  await silenceNews(app);
  return app;
}

export async function recover(app: TestSwitch, waitMs = 0): Promise<readonly string[]> {
  app.clock.advance(waitMs);
  return (await recoverDue(app.running.desk)).payments.map(({ id }) => id);
}

export async function expire(app: TestSwitch, waitMs = 0): Promise<number> {
  app.clock.advance(waitMs);
  return expireDue(app.running.desk);
}

/** The API's answer, held against the expected status. */
export async function post(
  app: TestSwitch,
  path: string,
  body: unknown,
  expected: number,
): Promise<Answer['body']> {
  const answer = await app.call(path, { body });
  expect(answer.status, `${path}: ${answer.text}`).to.equal(expected);
  return answer.body;
}

export const authorized = async (app: TestSwitch, more = {}) =>
  (await post(app, '/v1/payments', chargeBody({ capture_method: 'manual', ...more }), 201))[
    'id'
  ] as string;

export const captured = async (app: TestSwitch, more = {}) =>
  (await post(app, '/v1/payments', chargeBody(more), 201))['id'] as string;

export async function paymentOf(app: TestSwitch, id: string): Promise<Answer['body']> {
  const answer = await app.call(`/v1/payments/${id}`);
  expect(answer.status).to.equal(200);
  return answer.body;
}

/** Its operations as stored, oldest first. */
export function operations(app: TestSwitch, id: string): Promise<OperationRecord[]> {
  return operationsOf(app.running.db, id);
}

/** The last one of a kind; there must be one. */
export async function lastOf(
  app: TestSwitch,
  id: string,
  kind: OperationRecord['kind'],
): Promise<OperationRecord> {
  const found = (await operations(app, id)).findLast((operation) => operation.kind === kind);
  expect(found, `${kind} of ${id}`).to.be.an('object');
  return found as OperationRecord;
}

export async function storedPayment(app: TestSwitch, id: string): Promise<PaymentRecord> {
  const { db } = app.running;
  const [row] = await db.rows<PaymentRecord>(db.knex('payments').where({ id }).select('*'));
  expect(row, id).to.be.an('object');
  return row as PaymentRecord;
}

/** Types of a payment's events, in order. */
export async function eventsOf(app: TestSwitch, id: string): Promise<string[]> {
  const { db } = app.running;
  const rows = await db.rows<{ type: string }>(
    db.knex('events').where({ payment_id: id }).orderBy('sequence').select('type'),
  );
  return rows.map(({ type }) => type);
}

interface SimulatorAccount {
  readonly id: string;
  readonly apiKey: string;
  readonly merchant: string;
}

/** The sandbox's two accounts, the preferred one first. */
export async function simulatorAccounts(app: TestSwitch): Promise<readonly SimulatorAccount[]> {
  const accounts = await app.running.desk.accounts.list(app.credentials.merchant_id);
  return accounts
    .toSorted((a, b) => a.record.priority - b.record.priority)
    .map(({ record, settings: own }) => {
      const { api_key: apiKey } = own as { api_key: string };
      return { id: record.id, apiKey, merchant: merchantOf(apiKey) };
    });
}

/** What the simulator booked under our operation's id, at whichever account. */
export async function bookedFor(app: TestSwitch, operationId: string) {
  return (await simulatorLedger(app, `?reference=${operationId}`)).operations;
}

/** How many operations an account has at the simulator. */
export async function bookedAt(app: TestSwitch, merchant: string): Promise<number> {
  return (await simulatorLedger(app, `?merchant=${merchant}`)).count;
}

/** Misbehaves once, for one kind of request. */
export function faultOnce(app: TestSwitch, fault: string, kind: string, more = {}): Promise<void> {
  return simulatorFault(app, { fault, kind, times: 1, ...more });
}

/** Our books, the simulator's and every invariant; the command an operator would run. */
export async function expectHonestBooks(app: TestSwitch): Promise<void> {
  await expectBooksToAgree(app);
  expect(await breaches(app)).to.deep.equal([]);
}

/** The end of a suite (which may have been skipped): honest books, no error in the log. */
export async function endHonestly(app: TestSwitch | undefined): Promise<void> {
  if (app === undefined) return;
  try {
    await expectHonestBooks(app);
    const errors = app.complaints.filter((line) => line.includes('"level":"error"'));
    expect(errors).to.deep.equal([]);
  } finally {
    await app.stop();
  }
}

/** `check: what breaks it`, of POST /v1/ledger/verify. */
export async function breaches(app: TestSwitch): Promise<string[]> {
  const key = app.credentials.admin_key;
  const answer = await app.call('/v1/ledger/verify', { method: 'POST', key });
  expect(answer.status, answer.text).to.equal(200);
  const checks = answer.body['checks'] as { id: string; breaches: string[] }[];
  const found = checks.flatMap(({ id, breaches: all }) => all.map((breach) => `${id}: ${breach}`));
  expect(answer.body['ok']).to.equal(found.length === 0);
  return found;
}
