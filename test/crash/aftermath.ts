/** What a crash left, seen from all sides, before and after the switch had time to recover. */
import {
  listPayments,
  readSimulator,
  request,
  type Door,
  type OperationView,
} from '../chaos/books.ts';
import type { Gate } from './gate.ts';
import { make, type Case, type Heard } from './operations.ts';

export interface Aftermath {
  readonly made: Case;
  /** Operations of the move's kind right after the restart. */
  readonly found: number;
  /** A repeat with the same key right after the restart, and two more once all is settled. */
  readonly early: Heard;
  readonly late: Heard;
  readonly latest: Heard;
  readonly payment: Readonly<Record<string, unknown>>;
  /** The payment's operations of the move's kind; there should be one. */
  readonly operations: readonly OperationView[];
  /** Places of its events in the payment's story, in order. */
  readonly sequences: readonly number[];
  /** How often the request reached the wire, the processor, and the processor's ledger. */
  readonly sent: number;
  readonly arrived: number;
  readonly booked: number;
}

/** Right after the restart: how it stands, and what a client who repeats his request is told. */
export interface FirstLook {
  readonly made: Case;
  readonly found: number;
  readonly early: Heard;
}

export async function lookAtOnce(door: Door, made: Case): Promise<FirstLook> {
  const id = await paymentIdOf(door, made);
  const operations = id === undefined ? [] : await operationsOf(door, id, made);
  return { made, found: operations.length, early: await make(door, made) };
}

/** Once the clock has been moved past everything that was due. */
export async function lookAgain(door: Door, gate: Gate, look: FirstLook): Promise<Aftermath> {
  const { made } = look;
  const late = await make(door, made);
  const latest = await make(door, made);
  const id = (await paymentIdOf(door, made)) ?? '';
  const operations = await operationsOf(door, id, made);
  const reference = operations[0]?.id ?? '';
  const lines = await readSimulator(gate.url);
  const events = await request<{ data: { sequence: number }[] }>(
    door,
    `/v1/events?payment=${id}&limit=100`,
  );
  return {
    ...look,
    late,
    latest,
    payment: await request(door, `/v1/payments/${id}`),
    operations,
    sequences: events.data.map(({ sequence }) => sequence).toSorted((one, other) => one - other),
    sent: gate.sent.get(reference) ?? 0,
    arrived: gate.arrived.get(reference) ?? 0,
    booked: lines.filter((line) => line.reference === reference).length,
  };
}

/** A payment can always be found again by the merchant's own reference. */
async function paymentIdOf(door: Door, made: Case): Promise<string | undefined> {
  const payments = await listPayments(door, `&reference=${made.reference}`);
  if (payments.length > 1) throw new Error(`${made.move.name}: ${payments.length} payments`);
  return payments[0]?.id;
}

async function operationsOf(door: Door, id: string, { move }: Case): Promise<OperationView[]> {
  const path = `/v1/payments/${id}/operations`;
  const { data } = await request<{ data: OperationView[] }>(door, path);
  return data.filter(({ kind }) => kind === move.kind);
}
