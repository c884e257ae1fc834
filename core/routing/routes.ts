/** Routing over HTTP: the rules, their versions, and a look at rules before they are used. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { findOne } from '../storage/index.ts';
import { backtestRoute } from './backtest-route.ts';
import { decisionRoutes } from './decision-routes.ts';
import { draftRoutes } from './draft-routes.ts';
import { explainRoute } from './explain-route.ts';
import { healthRoute } from './health-route.ts';
import { exampleRules, managing, reading, writing, type RoutingRouteDeps } from './route-parts.ts';
import { lintInTurns } from './rules/lint.ts';
import { parseRules } from './rules/parse.ts';
import { ableAccount, runTests } from './rules/run-tests.ts';
import {
  LintReportSchema,
  RoutingSchema,
  RulesSetSchema,
  RulesVersionListSchema,
  RulesVersionSchema,
  VersionParams,
} from './schema.ts';
import { presentRemark, presentRouting } from './source-present.ts';
import { apiFileName, boxMerchant, type ActiveRecord, type RulesRecord } from './source.ts';
import {
  activeRecord,
  dropRules,
  knownAccounts,
  presentFinding,
  setRules,
  textOfRules,
  type GivenRules,
} from './source-verbs.ts';

export function routingRoutes(deps: RoutingRouteDeps): readonly Route[] {
  return [
    ...rulesRoutes(deps),
    ...versionRoutes(deps),
    lintRoute(deps),
    explainRoute(deps),
    ...draftRoutes(deps),
    ...decisionRoutes(deps),
    backtestRoute(deps),
    healthRoute(deps),
  ];
}

const path = '/v1/routing';

function rulesRoutes(deps: RoutingRouteDeps): readonly Route[] {
  const shown = async (merchantId: string) => ({
    status: 200,
    body: await presentRouting(deps, merchantId, await deps.source.rulesFor(merchantId)),
  });
  return [
    defineRoute({
      ...managing,
      id: 'getRouting',
      method: 'get',
      path,
      summary: 'The rules that decide now',
      access: reading,
      replies: { 200: RoutingSchema },
      problems: [],
      examples: [{ summary: 'As they stand', status: 200 }],
      handle: async ({ principal }) => shown(principal.merchantId),
    }),
    defineRoute({
      ...managing,
      id: 'setRouting',
      method: 'put',
      path,
      summary: 'Set your own rules',
      description:
        'They decide from the next payment on, before those of the box. Wrong rules change ' +
        'nothing: 400 `invalid_request` tells everything that is wrong in `findings`, each with ' +
        '`line`, `column`, `key`, `message`, `found` and `allowed`.',
      access: writing,
      body: RulesSetSchema,
      replies: { 200: RoutingSchema },
      problems: ['invalid_request', 'concurrent_change'],
      examples: [{ summary: 'As JSON', body: { rules: exampleRules }, status: 200 }],
      handle: async ({ principal, body }) => {
        await setRules(deps, principal.merchantId, body.rules);
        return shown(principal.merchantId);
      },
    }),
    defineRoute({
      ...managing,
      id: 'deleteRouting',
      method: 'delete',
      path,
      summary: 'Back to the rules of the box',
      description: 'Your own rules and your draft are no longer used; their versions are kept.',
      access: writing,
      replies: { 200: RoutingSchema },
      problems: ['concurrent_change'],
      examples: [{ summary: 'No rules of your own', status: 200 }],
      handle: async ({ principal }) => {
        await dropRules(deps, principal.merchantId);
        return shown(principal.merchantId);
      },
    }),
  ];
}

/** More versions than that are not listed; decisions name theirs. */
const versionsMax = 100;

function presentVersion(record: RulesRecord, active: ActiveRecord | undefined, box?: string) {
  const { hash: version, source, created_at } = record;
  const ownLive = active && active.hash !== '' ? active.hash : undefined;
  const isLive = source === 'file' ? !ownLive && version === box : version === ownLive;
  const isDraft = source === 'api' && version === active?.draft_hash;
  const state = isLive ? ('live' as const) : isDraft ? ('draft' as const) : ('past' as const);
  return { object: 'routing_version' as const, version, source, state, created_at };
}

function versionRoutes(deps: RoutingRouteDeps): readonly Route[] {
  const { db } = deps;
  return [
    defineRoute({
      ...managing,
      id: 'listRoutingVersions',
      method: 'get',
      path: '/v1/routing/versions',
      summary: 'The latest versions of your rules, newest first',
      access: reading,
      replies: { 200: RulesVersionListSchema },
      problems: [],
      examples: [{ summary: 'All there were', status: 200 }],
      handle: async ({ principal: { merchantId } }) => {
        const own = await db.rows<RulesRecord>(
          db
            .knex('routing_rules')
            .select('*')
            .where({ merchant_id: merchantId })
            .orderBy('created_at', 'desc')
            .limit(versionsMax + 1),
        );
        const active = await activeRecord(deps, merchantId);
        const data = own.slice(0, versionsMax).map((record) => presentVersion(record, active));
        const body = { object: 'list' as const, data, has_more: own.length > versionsMax };
        return { status: 200, body };
      },
    }),
    defineRoute({
      ...managing,
      id: 'getRoutingVersion',
      method: 'get',
      path: '/v1/routing/versions/{version}',
      summary: 'One version of the rules',
      description: 'Decisions name the version they were made by; the text is here.',
      access: reading,
      params: VersionParams,
      replies: { 200: RulesVersionSchema },
      problems: ['not_found'],
      examples: [
        { summary: 'By its hash', params: { version: '{routing_version_id}' }, status: 200 },
      ],
      handle: async ({ principal: { merchantId }, params }) => {
        const find = (merchant_id: string) =>
          findOne<RulesRecord>(db, 'routing_rules', { merchant_id, hash: params.version });
        const record = (await find(merchantId)) ?? (await find(boxMerchant));
        if (!record) throw new Problem('not_found', 'there is no such version of the rules');
        const active = await activeRecord(deps, merchantId);
        const box = deps.source.box?.version;
        const body = { ...presentVersion(record, active, box), text: record.text };
        return { status: 200, body };
      },
    }),
  ];
}

function lintRoute(deps: RoutingRouteDeps): Route {
  return defineRoute({
    ...managing,
    id: 'lintRouting',
    method: 'post',
    path: '/v1/routing/lint',
    summary: 'Look rules over, and run their tests',
    description: 'Held against your accounts. Nothing is changed or stored.',
    access: reading,
    body: RulesSetSchema,
    replies: { 200: LintReportSchema },
    problems: [],
    examples: [{ summary: 'Before they are set', body: { rules: exampleRules }, status: 200 }],
    handle: async ({ principal, body, slot }) => {
      const report = await lintReport(deps, principal.merchantId, body.rules);
      return commitWithAnswer(deps, slot, { status: 200, body: report }, []);
    },
  });
}

async function lintReport(deps: RoutingRouteDeps, merchantId: string, given: GivenRules) {
  const accounts = await knownAccounts(deps, merchantId);
  const { rules, findings } = parseRules(textOfRules(given), apiFileName, { accounts });
  const object = 'routing_lint' as const;
  if (!rules) {
    const told = findings.map((one) => presentRemark({ level: 'error', ...one }));
    return { object, version: null, findings: told, tests: [] };
  }
  return {
    object,
    version: rules.version,
    findings: (await lintInTurns(rules, { accounts })).map(presentRemark),
    tests: runTests(rules, accounts.map(ableAccount)).map((test) => ({
      ...test,
      findings: test.findings.map(presentFinding),
    })),
  };
}
