/** The three sides as data: what the API tells, what the simulator's own ledger tells. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PaymentView } from './buyer.ts';

export interface OperationView {
  readonly id: string;
  readonly payment: string;
  readonly kind: string;
  readonly state: string;
  readonly amount: number;
  readonly currency: string;
  readonly origin: 'merchant' | 'processor' | 'switch';
}

export interface DisputeView {
  readonly id: string;
  readonly payment: string;
  /** The processor's own id. */
  readonly reference: string;
  readonly status: string;
  readonly amount: number;
}

/** A processor's webhook as it was filed. */
export interface IncomingView {
  readonly id: string;
  readonly account: string;
  readonly delivery_id: string;
  readonly state: 'waiting' | 'applied' | 'ignored' | 'failed';
  readonly detail: string | null;
}

/** A line of the simulator's ledger; `reference` is the operation id that the switch gave it. */
export interface SimulatorLine {
  readonly id: string;
  readonly kind: string;
  readonly reference: string;
  readonly charge: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  /** Begun at the processor's own pages: `reference` is none of ours. */
  readonly origin?: 'dashboard';
}

export interface Books {
  readonly payments: ReadonlyMap<string, PaymentView>;
  readonly operations: ReadonlyMap<string, OperationView>;
  readonly disputes: readonly DisputeView[];
  readonly incoming: readonly IncomingView[];
}

export interface Verification {
  readonly ok: boolean;
  readonly checks: readonly { readonly id: string; readonly breaches: readonly string[] }[];
}

/** The switch as its owner reaches it. */
export interface Door {
  readonly url: string;
  readonly secretKey: string;
  readonly adminKey: string;
}

const triesMax = 20;
const parallel = 8;

/** JSON of a request that must succeed; asked again while the switch says that it is busy. */
export async function request<T>(
  door: Door,
  path: string,
  options: { method?: string; body?: object; key?: string } = {},
): Promise<T> {
  const { method = 'GET', body, key = door.secretKey } = options;
  for (let tries = 1; ; tries += 1) {
    const response = await fetch(door.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (response.ok) return (await response.json()) as T;
    const words = await response.text();
    if ((response.status < 500 && response.status !== 429) || tries === triesMax) {
      throw new Error(`${method} ${path}: ${response.status} ${words}`);
    }
    await delay(250);
  }
}

type List<T> = { readonly data: readonly T[]; readonly has_more: boolean };

/** All pages of a list. */
async function listAll<T extends { readonly id: string }>(door: Door, list: string): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const last = found.at(-1);
    const after = last ? `&starting_after=${last.id}` : '';
    const page = await request<List<T>>(door, `${list}${after}`);
    found.push(...page.data);
    if (!page.has_more) return found;
  }
}

export function listPayments(door: Door, filter = ''): Promise<PaymentView[]> {
  return listAll(door, `/v1/payments?limit=100${filter}`);
}

export function listIncoming(door: Door, filter = ''): Promise<IncomingView[]> {
  return listAll(door, `/v1/incoming_webhooks?limit=100${filter}`);
}

/** Every payment, operation, dispute and filed webhook, through the API. */
export async function readBooks(door: Door): Promise<Books> {
  const payments = await listPayments(door);
  const operations = new Map<string, OperationView>();
  const queue = payments.values();
  const reader = async () => {
    for (const { id } of queue) {
      const path = `/v1/payments/${id}/operations`;
      const { data } = await request<List<OperationView>>(door, path);
      for (const operation of data) operations.set(operation.id, operation);
    }
  };
  await Promise.all(Array.from({ length: parallel }, reader));
  return {
    payments: new Map(payments.map((payment) => [payment.id, payment])),
    operations,
    disputes: await listAll(door, '/v1/disputes?limit=100'),
    incoming: await listIncoming(door),
  };
}

export async function verifyLedger(door: Door): Promise<Verification> {
  const options = { method: 'POST', key: door.adminKey };
  return request<Verification>(door, '/v1/ledger/verify', options);
}

/** Moves the sandbox's time: what is due on the way is done before the answer. */
export async function advanceClock(door: Door, by: string): Promise<void> {
  const options = { method: 'POST', key: door.adminKey, body: { by } };
  await request<object>(door, '/v1/clock/advance', options);
}

/** The books that the switch cannot touch; `since` is an ISO time. */
export async function readSimulator(
  simulatorUrl: string,
  since?: string,
): Promise<readonly SimulatorLine[]> {
  const from = since === undefined ? '' : `?from=${encodeURIComponent(since)}`;
  const response = await fetch(`${simulatorUrl}/ledger${from}`);
  const { operations } = (await response.json()) as { operations: SimulatorLine[] };
  return operations;
}
