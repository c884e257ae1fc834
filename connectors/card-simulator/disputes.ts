/** Disputes as the simulator has them, and the merchant's answers to them. */
import type { DisputeReason, DisputeState, DisputeStatus, Evidence, JsonObject } from '#sdk';
import { get, post, type SimulatorContext } from './calls.ts';
import { asFields, moneyOf, textOf, timeOf, wordOf } from './fields.ts';

const statuses = {
  open: 'needs_response',
  under_review: 'under_review',
  won: 'won',
  lost: 'lost',
} as const satisfies Record<string, DisputeStatus>;

const reasons = {
  fraudulent: 'fraudulent',
  product_not_received: 'product_not_received',
  product_unacceptable: 'product_unacceptable',
  duplicate: 'duplicate',
  general: 'general',
} as const satisfies Record<string, DisputeReason>;

const statusWords = Object.keys(statuses) as (keyof typeof statuses)[];
const reasonWords = Object.keys(reasons) as (keyof typeof reasons)[];

export function readDispute(answer: unknown): DisputeState {
  const fields = asFields(answer, 'the dispute');
  wordOf(fields, 'object', ['dispute']);
  const reason = wordOf(fields, 'reason', reasonWords);
  return {
    reference: textOf(fields, 'id'),
    stage: 'dispute',
    status: statuses[wordOf(fields, 'status', statusWords)],
    reason: reasons[reason],
    processorReason: reason,
    amount: moneyOf(fields, 'amount'),
    withdrawn: moneyOf(fields, 'amount_withdrawn'),
    evidenceDueAt: timeOf(fields, 'evidence_due_at'),
    openedAt: timeOf(fields, 'created_at'),
  };
}

const pathOf = (reference: string, tail = ''): string =>
  `/v1/disputes/${encodeURIComponent(reference)}${tail}`;

export async function find(
  context: SimulatorContext,
  { reference }: { readonly reference: string },
): Promise<DisputeState | 'not_found'> {
  const answer = await get(context, pathOf(reference), 'unknown_dispute');
  return answer === undefined ? 'not_found' : readDispute(answer);
}

export async function respond(
  context: SimulatorContext,
  { reference, submissionId, fields, submit }: Evidence,
): Promise<DisputeState> {
  const body: JsonObject = { reference: submissionId, fields: { ...fields }, submit };
  return readDispute(await post(context, pathOf(reference, '/evidence'), body));
}

export async function accept(
  context: SimulatorContext,
  { reference, submissionId }: { readonly reference: string; readonly submissionId: string },
): Promise<DisputeState> {
  const answer = await post(context, pathOf(reference, '/accept'), { reference: submissionId });
  return readDispute(answer);
}
