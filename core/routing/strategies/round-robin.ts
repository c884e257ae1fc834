/**
 * Round robin: one after another in the order of the rule's list, whether their payments succeed or
 * not. Whose turn it was is in the counters, so a restart does not begin at the first again.
 */
import { byPlace, type Ordering, type Situation } from './candidate.ts';
import { counterOf, nextTurn } from './counter.ts';

export function roundRobin({ scope, eligible, pool, counters }: Situation): Ordering {
  const circle = pool.toSorted(byPlace);
  let last = -1;
  let lastTurn = 0;
  for (const [at, { account }] of circle.entries()) {
    const turn = counters.get(account.id)?.turn ?? 0;
    if (turn > lastTurn) [last, lastTurn] = [at, turn];
  }
  const able = new Set(eligible);
  const order = [...circle.slice(last + 1), ...circle.slice(0, last + 1)].filter((one) =>
    able.has(one),
  );
  const [first] = order;
  if (!first) return { order, changes: [], because: { word: 'next_in_turn', figures: {} } };
  const now = counterOf(counters, first.account.id);
  const turn = nextTurn(counters);
  return {
    order,
    changes: [{ scope, before: counters.get(now.account), after: { ...now, turn } }],
    because: { word: 'next_in_turn', figures: { turn } },
  };
}
