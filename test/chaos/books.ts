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
}

export interface Books {
  readonly payments: ReadonlyMap<string, PaymentView>;
  readonly operations: ReadonlyMap<string, OperationView>;
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

export async function listPayments(door: Door, filter = ''): Promise<PaymentView[]> {
  const found: PaymentView[] = [];
  for (;;) {
    const last = found.at(-1);
    const after = last ? `&starting_after=${last.id}` : '';
    const path = `/v1/payments?limit=100${filter}${after}`;
    const page = await request<List<PaymentView>>(door, path);
    found.push(...page.data);
    if (!page.has_more) return found;
  }
}

/** Every payment and every operation, through the API. */
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
  return { payments: new Map(payments.map((payment) => [payment.id, payment])), operations };
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

/** The books that the switch cannot touch. */
export async function readSimulator(simulatorUrl: string): Promise<readonly SimulatorLine[]> {
  const response = await fetch(`${simulatorUrl}/ledger`);
  const { operations } = (await response.json()) as { operations: SimulatorLine[] };
  return operations;
}
