/** Who would get a payment that does not exist, and what would have to change for another. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import type { Wish } from './choose.ts';
import { lineupOf } from './lineup.ts';
import { presentAlternative, presentDecision } from './present.ts';
import { managing, namesOf, reading, type RoutingRouteDeps } from './route-parts.ts';
import type { PaymentFacts } from './rules/facts.ts';
import { explainHypothetical } from './rules/hypothetical.ts';
import { countsAll } from './route.ts';
import type { Rules } from './rules/rule.ts';
import { ExplainedSchema, ExplainSchema, type ExplainBody } from './decision-schema.ts';
import { builtInRules } from './source.ts';
import { readGiven } from './source-verbs.ts';
import { seededRandom } from './strategies/random.ts';
import { viewsOf } from './views.ts';

export function explainRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...managing,
    id: 'explainRouting',
    method: 'post',
    path: '/v1/routing/explain',
    summary: 'Who would get such a payment, and why',
    description:
      'With the accounts, limits and shares of this moment; nothing is reserved. For every other ' +
      'account it says what would have to be different for it to be the first.',
    access: reading,
    body: ExplainSchema,
    replies: { 200: ExplainedSchema },
    problems: ['invalid_request'],
    examples: [
      {
        summary: 'A card from abroad',
        body: {
          payment: { amount: 10_000, currency: 'USD', card_brand: 'visa', card_country: 'FR' },
        },
        status: 200,
      },
    ],
    handle: async ({ principal, body, slot }) => {
      const answer = { status: 200, body: await explained(deps, principal.merchantId, body) };
      return commitWithAnswer(deps, slot, answer, []);
    },
  });
}

async function explained(deps: RoutingRouteDeps, merchantId: string, body: ExplainBody) {
  const { rules, source } = await rulesMeant(deps, merchantId, body);
  const { clock, routing } = deps;
  const nowMs = clock.now();
  const facts = factsOf(body.payment, nowMs);
  const wish: Wish = {
    amount: facts.amount,
    currency: facts.currency,
    capture: facts.capture_method,
    method: facts.payment_method,
    account: undefined,
  };
  const nameOf = await namesOf(deps, merchantId);
  const lineup = lineupOf(await deps.accounts.list(merchantId), countsAll([rules]));
  const board = await routing.book.boardOf(merchantId, lineup, nowMs);
  const views = viewsOf(lineup, wish, board, routing.health, nowMs);
  const random = seededRandom(`${nowMs}`);
  const found = explainHypothetical(rules, facts, views, board.counters, random);
  return {
    object: 'routing_explanation' as const,
    source,
    decision: presentDecision(found.decision, nameOf),
    alternatives: found.alternatives.map((one) => presentAlternative(one, nameOf)),
  };
}

async function rulesMeant(
  deps: RoutingRouteDeps,
  merchantId: string,
  { rules: given, draft }: ExplainBody,
): Promise<{
  readonly rules: Rules;
  readonly source: 'given' | 'draft' | 'merchant' | 'file' | 'built_in';
}> {
  if (given !== undefined) {
    return { rules: (await readGiven(deps, merchantId, given)).rules, source: 'given' };
  }
  const active = await deps.source.rulesFor(merchantId);
  if (draft && active?.draft) return { rules: active.draft.rules, source: 'draft' };
  if (!active) return { rules: builtInRules, source: 'built_in' };
  return { rules: active.live, source: active.source };
}

function factsOf({ at, ...given }: ExplainBody['payment'], nowMs: number): PaymentFacts {
  return {
    payment_method: 'card',
    capture_method: 'automatic',
    attempt: 1,
    off_session: false,
    at_ms: at === undefined ? nowMs : Date.parse(at),
    ...given,
  };
}
