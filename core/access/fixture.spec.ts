/**
 * What the specs of the management features share: a migrated database with a merchant in it, and a
 * caller that runs a route as the http layer would, checking what goes in and what comes out.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { expect } from 'chai';
import { join } from 'node:path';
import type { Knex } from 'knex';
import type { TSchema } from 'typebox';
import { ManualClock } from '../base/clock.ts';
import { Keyring } from '../base/keyring.ts';
import { Problem, type ProblemCode } from '../sdk/problem.ts';
import { scopes, type IdempotencySlot, type Principal, type Route } from '../sdk/route.ts';
import type { Database } from '../storage/index.ts';
import { migrate } from '../storage/migrate.ts';
import { PostgresDatabase } from '../storage/postgres.ts';
import { SqliteDatabase } from '../storage/sqlite.ts';
import { migrations } from '../../migrations/index.ts';
import type { DatabasePlace } from '../../test/support/databases.ts';
import { Access } from './access.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { Merchants, type NewMerchant } from './merchants.ts';

const ajv = new Ajv2020({ strict: true });
formats.default(ajv);
// One of ours; core/http/validate.ts has the check.
ajv.addFormat('web-url', true);

export function openDatabase(place: DatabasePlace): Promise<Database> {
  const prepare = async (knex: Knex) => {
    await migrate(knex, migrations);
  };
  return place.url === undefined
    ? SqliteDatabase.open({ file: join(place.dataDir, 'switch.db') }, prepare)
    : PostgresDatabase.open({ url: place.url, poolSize: 4 }, prepare);
}

export interface Bench {
  readonly db: Database;
  readonly clock: ManualClock;
  readonly keyring: Keyring;
  readonly access: Access;
  readonly merchants: Merchants;
  readonly idempotency: Idempotency;
  /** A merchant with its first keys, and another who must see nothing of it. */
  readonly own: NewMerchant;
  readonly other: NewMerchant;
}

export async function openBench(place: DatabasePlace): Promise<Bench> {
  const db = await openDatabase(place);
  const clock = new ManualClock(Date.parse('2026-11-21T10:00:00Z'));
  const keyring = new Keyring(Buffer.alloc(32, 7));
  const access = new Access(db, keyring, clock);
  const merchants = new Merchants(db, access, clock);
  const idempotency = new Idempotency(db, keyring, clock);
  const own = merchants.draft('Own', 'sandbox');
  const other = merchants.draft('Other', 'sandbox');
  await db.commit([...own.changes, ...other.changes]);
  const created = { own: own.created, other: other.created };
  return { db, clock, keyring, access, merchants, idempotency, ...created };
}

export function principalOf(merchant: NewMerchant, changes: Partial<Principal> = {}): Principal {
  return {
    kind: 'secret',
    keyId: merchant.secretKey.record.id,
    merchantId: merchant.merchant.id,
    profileId: undefined,
    mode: 'sandbox',
    scopes: new Set(scopes),
    ...changes,
  };
}

export function slotOf(merchant: NewMerchant, key: string): IdempotencySlot {
  return { merchantId: merchant.merchant.id, key, fingerprint: `of ${key}`, used: false };
}

export interface Call {
  readonly principal: Principal;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: object;
  readonly body?: object;
  readonly slot?: IdempotencySlot;
}

/** JSON as a spec reads it: paths into answers are what is being tested. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

function assertFits(schema: TSchema | undefined, value: unknown, what: string): void {
  if (!schema) return;
  const check = ajv.compile(schema);
  expect(check(value), `${what}: ${ajv.errorsText(check.errors)}`).to.equal(true);
}

/** Runs the route with that id; input and answer must fit the route's own schemas. */
export async function call(routes: readonly Route[], id: string, input: Call): Promise<Answer> {
  const route = routes.find((candidate) => candidate.id === id);
  if (!route) throw new Error(`no route ${id}`);
  const { params = {}, query = {}, body, slot, principal } = input;
  assertFits(route.params, params, 'params');
  assertFits(route.query, query, 'query');
  if (body !== undefined) assertFits(route.body, body, 'body');
  const parts = { params, query, body, principal, slot, requestId: 'req_1', clientIp: '::1' };
  const reply = await route.handle(parts as unknown as Parameters<Route['handle']>[0]);
  const sent: unknown = JSON.parse(JSON.stringify(reply.body));
  assertFits(route.replies[reply.status], sent, 'reply');
  expect(route.replies).to.have.property(String(reply.status));
  if (reply.text !== undefined) expect(reply.text).to.equal(JSON.stringify(reply.body));
  return { status: reply.status, body: sent as Answer['body'] };
}

/** The problem that `act` ends in; fails when it ends well or otherwise. */
export async function problemOf(act: Promise<unknown>, code: ProblemCode): Promise<Problem> {
  const outcome = await act.then(
    () => 'no problem at all',
    (error: unknown) => error,
  );
  if (!(outcome instanceof Problem)) throw outcome;
  expect(outcome.code).to.equal(code);
  return outcome;
}
