/** A draft beside the live rules over HTTP: put it there, see how it does, take it or drop it. */
import { defineRoute, type Route } from '../sdk/route.ts';
import { exampleRules, managing, reading, writing, type RoutingRouteDeps } from './route-parts.ts';
import { DraftReportSchema, DraftSetSchema, PromoteSchema, RoutingSchema } from './schema.ts';
import { presentDraftReport, presentRouting } from './source-present.ts';
import { dropDraft, promoteDraft, setDraft } from './source-verbs.ts';

const path = '/v1/routing/draft';

export function draftRoutes(deps: RoutingRouteDeps): readonly Route[] {
  return [
    defineRoute({
      ...managing,
      id: 'getRoutingDraft',
      method: 'get',
      path,
      summary: 'The draft, and how it does beside the live rules',
      access: reading,
      replies: { 200: DraftReportSchema },
      problems: [],
      examples: [{ summary: 'So far', status: 200 }],
      handle: async ({ principal }) => shownDraft(deps, principal.merchantId),
    }),
    setRoute(deps),
    defineRoute({
      ...managing,
      id: 'deleteRoutingDraft',
      method: 'delete',
      path,
      summary: 'Drop the draft',
      access: writing,
      replies: { 200: DraftReportSchema },
      problems: ['concurrent_change'],
      examples: [{ summary: 'It was worse', status: 200 }],
      handle: async ({ principal }) => {
        await dropDraft(deps, principal.merchantId);
        return shownDraft(deps, principal.merchantId);
      },
    }),
    promoteRoute(deps),
  ];
}

async function shownDraft(deps: RoutingRouteDeps, merchantId: string) {
  return { status: 200, body: await presentDraftReport(deps, merchantId) };
}

function setRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...managing,
    id: 'setRoutingDraft',
    method: 'put',
    path,
    summary: 'Try rules beside the live ones',
    description:
      'With `percent` 0 their decisions are noted and not used. With more they decide that part ' +
      'of the payments, always the same ones; the guard withdraws them by itself, with the event ' +
      '`routing.draft_withdrawn`.',
    access: writing,
    body: DraftSetSchema,
    replies: { 200: DraftReportSchema },
    problems: ['invalid_request', 'concurrent_change'],
    examples: [
      {
        summary: 'On every twentieth payment',
        body: {
          rules: exampleRules,
          percent: 5,
          guard: { drop_percent: 3, min_decisions: 200 },
        },
        status: 200,
      },
    ],
    handle: async ({ principal, body }) => {
      await setDraft(deps, principal.merchantId, body);
      return shownDraft(deps, principal.merchantId);
    },
  });
}

function promoteRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...managing,
    id: 'promoteRoutingDraft',
    method: 'post',
    path: '/v1/routing/draft/promote',
    summary: 'Make the draft your live rules',
    access: writing,
    body: PromoteSchema,
    replies: { 200: RoutingSchema },
    problems: ['not_found', 'concurrent_change'],
    examples: [{ summary: 'It was better', body: { version: '{draft_version_id}' }, status: 200 }],
    handle: async ({ principal: { merchantId }, body, slot }) => {
      // The answer is committed with the change, so it is put together before.
      const draft = (await deps.source.rulesFor(merchantId))?.draft;
      const after = draft && ({ live: draft.rules, source: 'merchant' } as const);
      const now = await presentRouting(deps, merchantId, after);
      const answer = { status: 200, text: JSON.stringify(now) };
      const taken = slot ? [deps.idempotency.takeDone(slot, answer)] : [];
      await promoteDraft(deps, merchantId, body.version, taken);
      return { ...answer, body: now };
    },
  });
}
