/**
 * What became of the processor's news: each delivery it was thanked for is filed, once, and looked
 * into; and what happened at the processor's own pages stands in the books, once.
 */
import type { Books, IncomingView, OperationView } from './books.ts';
import type { Post } from './post.ts';
import type { DeskAct } from './processor-desk.ts';

export interface NewsFindings {
  /** Deliveries lost, filed twice, or not looked into to the end. */
  readonly misfiled: string[];
  /** Refunds and disputes of the processor's pages that the books have not, or not once. */
  readonly unheeded: string[];
}

const settledStates = new Set(['applied', 'ignored']);

export function judgeNews(
  { acknowledged, told }: Pick<Post, 'acknowledged' | 'told'>,
  acts: readonly DeskAct[],
  books: Books,
): NewsFindings {
  const misfiled = judgeFiling(acknowledged, books.incoming);
  // Of what the processor gave up telling the switch cannot know.
  const known = acts.filter(({ id }) => told.has(id));
  return { misfiled, unheeded: [...judgeRefunds(known, books), ...judgeDisputes(known, books)] };
}

function judgeFiling(
  acknowledged: ReadonlyMap<string, string>,
  filed: readonly IncomingView[],
): string[] {
  const times = new Map<string, number>();
  const found: string[] = [];
  for (const { account, delivery_id, state, detail } of filed) {
    const name = `${account} ${delivery_id}`;
    times.set(name, (times.get(name) ?? 0) + 1);
    if (!settledStates.has(state)) found.push(`${name} is ${state}: ${detail ?? 'no reason'}`);
  }
  for (const [name, count] of times) if (count > 1) found.push(`${name} is filed ${count} times`);
  for (const [id, path] of acknowledged) {
    const account = path.slice(path.lastIndexOf('/') + 1);
    if (!times.has(`${account} ${id}`)) found.push(`${account} ${id} was taken, and is not filed`);
  }
  return found;
}

/** Refunds by payment and amount: those of one payment may be alike, and are counted. */
function judgeRefunds(acts: readonly DeskAct[], { operations }: Books): string[] {
  const counts = new Map<string, { there: number; here: number }>();
  const count = (payment: string, amount: number, side: 'there' | 'here') => {
    const name = `${payment}: refunds of ${amount} that stand`;
    const found = counts.get(name) ?? { there: 0, here: 0 };
    found[side] += 1;
    counts.set(name, found);
  };
  const open = paymentsInReview([...operations.values()]);
  for (const { kind, authorization, amount, state } of acts) {
    const payment = operations.get(authorization)?.payment ?? `unknown ${authorization}`;
    const stands = kind === 'refund' && state === 'succeeded';
    if (stands && !open.has(payment)) count(payment, amount, 'there');
  }
  for (const { kind, origin, payment, amount, state } of operations.values()) {
    const stands = kind === 'refund' && origin === 'processor' && state === 'succeeded';
    if (stands && !open.has(payment)) count(payment, amount, 'here');
  }
  return [...counts]
    .filter(([, { there, here }]) => there !== here)
    .map(([name, { there, here }]) => `${name}: ${there} at the processor, ${here} in the books`);
}

/** Where an answer was about other money a person has to look first: nothing is booked on top. */
function paymentsInReview(operations: readonly OperationView[]): ReadonlySet<string> {
  return new Set(operations.flatMap(({ state, payment }) => (state === 'review' ? payment : [])));
}

function judgeDisputes(acts: readonly DeskAct[], { operations, disputes }: Books): string[] {
  const all = [...operations.values()];
  const open = paymentsInReview(all);
  const found: string[] = [];
  const takenFrom = new Map<string, number>();
  for (const { id, kind, authorization, amount, state } of acts) {
    const payment = operations.get(authorization)?.payment ?? '';
    if (kind !== 'dispute' || open.has(payment)) continue;
    takenFrom.set(payment, (takenFrom.get(payment) ?? 0) + (state === 'won' ? 0 : amount));
    const ours = disputes.filter(({ reference }) => reference === id);
    const [one] = ours;
    if (ours.length !== 1) found.push(`${id} of ${payment}: ${ours.length} times in the books`);
    else if (one?.status !== state || one.amount !== amount) {
      found.push(`${id} is ${state} over ${amount}, we say ${one?.status} over ${one?.amount}`);
    }
  }
  for (const [payment, taken] of takenFrom) {
    const sum = (kind: string) =>
      all
        .filter((row) => row.payment === payment && row.kind === kind && row.state === 'succeeded')
        .reduce((total, { amount }) => total + amount, 0);
    const booked = sum('dispute') - sum('reinstatement');
    if (booked !== taken) found.push(`${payment}: ${taken} disputed, the books say ${booked}`);
  }
  return found;
}
