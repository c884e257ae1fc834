/** Credentials over HTTP: try those that are stored, put new ones in their place. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import type { AccountFacts } from '../sdk/connector.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { checkCredentials } from './credentials.ts';
import { reconcileEndpoints } from './endpoint.ts';
import { presentAccount } from './present.ts';
import { exampleParams, shared, writing } from './route-parts.ts';
import { AccountCheckSchema, AccountParams, AccountRotateSchema, AccountSchema } from './schema.ts';
import { change, rotatedColumns, usableAccount, type AccountRouteDeps } from './verbs.ts';

const asking = [
  'not_found',
  'not_supported',
  'credentials_refused',
  'processor_refused',
  'processor_unreachable',
] as const;

export function credentialRoutes(deps: AccountRouteDeps): readonly Route[] {
  return [checkRoute(deps), rotateRoute(deps)];
}

function presentFacts(facts: AccountFacts) {
  return {
    ok: true as const,
    facts: {
      reference: facts.reference,
      country: facts.country,
      currency: facts.currency,
      charges_enabled: facts.chargesEnabled,
      payouts_enabled: facts.payoutsEnabled,
    },
  };
}

function checkRoute(deps: AccountRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'checkAccount',
    method: 'post',
    path: '/v1/accounts/{account_id}/check',
    summary: 'Try the credentials of a processor account',
    description: 'Asks the processor; moves nothing and changes nothing.',
    access: writing,
    params: AccountParams,
    replies: { 200: AccountCheckSchema },
    problems: [...asking],
    examples: [{ summary: 'Do they still work?', params: exampleParams, status: 200 }],
    async handle({ principal, params, slot }) {
      const { merchantId } = principal;
      const { connector, settings } = await usableAccount(deps, merchantId, params.account_id);
      const facts = await checkCredentials(deps, merchantId, connector, settings);
      return commitWithAnswer(deps, slot, { status: 200, body: presentFacts(facts) }, []);
    },
  });
}

function rotateRoute(deps: AccountRouteDeps): Route {
  return defineRoute({
    ...shared,
    id: 'rotateAccount',
    method: 'post',
    path: '/v1/accounts/{account_id}/rotate',
    summary: 'Replace credentials of a processor account',
    description:
      'The fields given take the place of the present ones; the others stay. The processor is ' +
      'asked first, and nothing changes unless it takes them. The next call uses the new ones; ' +
      'calls under way end with the old ones.',
    access: writing,
    params: AccountParams,
    body: AccountRotateSchema,
    opaqueFields: ['settings'],
    replies: { 200: AccountSchema },
    problems: ['invalid_request', 'concurrent_change', ...asking],
    examples: [
      {
        summary: 'A new API key',
        params: exampleParams,
        body: { settings: { api_key: 'sim_new_key' } },
        status: 200,
      },
    ],
    async handle({ principal, params, body, slot }) {
      const account = await usableAccount(deps, principal.merchantId, params.account_id);
      const { record: before, connector } = account;
      const columns = await rotatedColumns(deps, account, body);
      const reply = await change(deps, before, columns, {
        slot,
        answer: (record) => presentAccount(record, connector, deps.accounts.open(record)?.settings),
      });
      await reconcileEndpoints(deps, before.id);
      return reply;
    },
  });
}
