/** Disputes: opened by a bank, answered by the merchant, decided by the bank. */
import type { Reply } from './exchange.ts';
import { newId } from './ids.ts';
import type { Charge, Dispute } from './model.ts';
import { Refusal } from './refusal.ts';
import { requireDisputable } from './rules.ts';
import type { Simulator } from './simulator.ts';
import { disputeView, type View } from './view.ts';

/** How long a merchant may answer: a week, as a bank would grant at the least. */
const evidenceWindowMs = 7 * 24 * 60 * 60 * 1000;

const iso = (ms: number): string => new Date(ms).toISOString();

/** What is neither won nor given back stays taken. */
function disputedOf({ books }: Simulator, charge: Charge): number {
  return books
    .disputesOf(charge.id)
    .filter(({ status }) => status !== 'won')
    .reduce((sum, { amount }) => sum + amount, 0);
}

export function openDispute(
  simulator: Simulator,
  charge: Charge,
  amount: number,
  reason: Dispute['reason'],
): Dispute {
  requireDisputable(charge, amount, disputedOf(simulator, charge));
  const nowMs = simulator.now();
  return save(simulator, {
    id: newId('dp', nowMs),
    merchant: charge.merchant,
    charge: charge.id,
    amount,
    currency: charge.currency,
    reason,
    status: 'open',
    evidence: {},
    references: [],
    evidence_due_at: iso(nowMs + evidenceWindowMs),
    created_at: iso(nowMs),
  });
}

/** The bank's word; once there is one it stays. */
export function settleDispute(simulator: Simulator, id: string, status: 'won' | 'lost'): Dispute {
  const dispute = findDispute(simulator, id);
  requireUndecided(dispute);
  return save(simulator, { ...dispute, status, closed_at: iso(simulator.now()) });
}

/** Evidence may come in parts until it is handed in; a repeated reference changes nothing. */
export function answerDispute(
  simulator: Simulator,
  dispute: Dispute,
  answer: {
    readonly reference: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly submit: boolean;
  },
): Dispute {
  if (dispute.references.includes(answer.reference)) return dispute;
  if (dispute.status !== 'open') {
    throw new Refusal('dispute_state', `a dispute that is ${dispute.status} takes no evidence`);
  }
  return save(simulator, {
    ...dispute,
    evidence: { ...dispute.evidence, ...answer.fields },
    references: [...dispute.references, answer.reference],
    status: answer.submit ? 'under_review' : 'open',
  });
}

/** The merchant gives in. */
export function acceptDispute(simulator: Simulator, dispute: Dispute, reference: string): Dispute {
  if (dispute.references.includes(reference)) return dispute;
  requireUndecided(dispute);
  const references = [...dispute.references, reference];
  return save(simulator, {
    ...dispute,
    references,
    status: 'lost',
    closed_at: iso(simulator.now()),
  });
}

/** With a merchant, another one's dispute answers like an absent one. */
export function findDispute({ books }: Simulator, id: string, merchant?: string): Dispute {
  const dispute = books.dispute(id);
  if (dispute && (merchant === undefined || dispute.merchant === merchant)) return dispute;
  throw new Refusal('unknown_dispute', `no dispute ${id}`);
}

export function viewOfDispute({ books }: Simulator, dispute: Dispute): View {
  const charge = books.anyCharge(dispute.charge);
  if (!charge) throw new Error(`the ledger has no charge ${dispute.charge}`);
  return disputeView(dispute, charge);
}

/** Durable first, then told, then answered. */
export async function disputeNews(
  simulator: Simulator,
  dispute: Dispute,
  what: string,
): Promise<Reply> {
  await simulator.file.flushed();
  const object = viewOfDispute(simulator, dispute);
  simulator.webhooks.emit(dispute.merchant, [{ type: `dispute.${what}`, object }], []);
  return { status: 200, body: object };
}

function requireUndecided({ status }: Dispute): void {
  if (status === 'open' || status === 'under_review') return;
  throw new Refusal('dispute_state', `the dispute is ${status} already`);
}

function save({ books, file }: Simulator, dispute: Dispute): Dispute {
  books.apply({ dispute });
  file.append({ dispute });
  return dispute;
}
