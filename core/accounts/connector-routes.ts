/** The installed connectors over HTTP: what each one can do, and what an account of it needs. */
import { Type } from 'typebox';
import type { AnyConnector } from '../sdk/connector.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { strict, text } from '../sdk/vocabulary.ts';
import { reading, shared } from './route-parts.ts';
import { usableConnectors, type AccountRouteDeps } from './verbs.ts';

const AmountBoundsSchema = strict({
  minimum: Type.Optional(Type.Integer()),
  maximum: Type.Optional(Type.Integer()),
  step: Type.Optional(Type.Integer({ description: 'Amounts are multiples of it.' })),
});

const MethodFactsSchema = strict(
  {
    type: Type.String(),
    currencies: Type.Union([Type.Array(Type.String()), Type.Literal('all')]),
    capture: Type.Array(Type.String()),
    partial_capture: Type.Boolean(),
    multiple_capture: Type.Boolean(),
    refund: Type.String({ description: 'none, whole or partial.' }),
    amounts: Type.Record(Type.String(), AmountBoundsSchema, {
      description: 'Bounds of one charge by currency, in minor units.',
    }),
    banks: Type.Array(Type.String()),
    requires: Type.Optional(
      Type.String({ description: 'A setting of the account that has to be true.' }),
    ),
  },
  { title: 'ConnectorMethod' },
);

const ConnectorSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('connector'),
    name: Type.String(),
    sandbox_only: Type.Boolean(),
    methods: Type.Array(MethodFactsSchema),
    operations: Type.Array(Type.String()),
    check: Type.Boolean({ description: 'Credentials can be tried.' }),
    webhook: Type.Boolean({ description: 'It sends news.' }),
    endpoint: Type.Boolean({ description: 'Where it sends them is registered by the switch.' }),
    customers: Type.Boolean(),
    setups: Type.Boolean({ description: 'Methods can be saved without a payment.' }),
    disputes: Type.Boolean(),
    reports: Type.Array(Type.String()),
    settings: Type.Record(Type.String(), Type.Unknown(), {
      description: 'JSON Schema of an account’s settings; credentials are writeOnly.',
    }),
  },
  { title: 'Connector' },
);

const ConnectorListSchema = strict(
  {
    object: Type.Literal('list'),
    data: Type.Array(ConnectorSchema),
    has_more: Type.Literal(false),
  },
  { title: 'ConnectorList' },
);

const ConnectorParams = strict({ connector_id: text(100, 'card-simulator …') });

/** What is present in the literal is offered. */
export function presentConnector(connector: AnyConnector) {
  const { id, name, methods, operations, reports = {} } = connector;
  return {
    id,
    object: 'connector' as const,
    name,
    sandbox_only: connector.sandboxOnly,
    methods: Object.entries(methods).map(([type, facts]) => ({
      type,
      currencies: facts.currencies === 'all' ? ('all' as const) : [...facts.currencies],
      capture: [...facts.capture],
      partial_capture: facts.partialCapture,
      multiple_capture: facts.multipleCapture,
      refund: facts.refund,
      amounts: { ...facts.amounts },
      banks: [...(facts.banks ?? [])],
      ...(facts.requires !== undefined && { requires: facts.requires }),
    })),
    operations: Object.keys(operations),
    check: connector.check !== undefined,
    webhook: connector.webhook !== undefined,
    endpoint: connector.endpoint !== undefined,
    customers: connector.customers !== undefined,
    setups: connector.setups !== undefined,
    disputes: connector.disputes !== undefined,
    reports: [
      ...(reports.balanceTransactions ? ['balance_transactions'] : []),
      ...(reports.payouts ? ['payouts'] : []),
    ],
    settings: JSON.parse(JSON.stringify(connector.settings)) as Record<string, unknown>,
  };
}

export function connectorRoutes(deps: AccountRouteDeps): readonly Route[] {
  return [
    defineRoute({
      ...shared,
      id: 'listConnectors',
      method: 'get',
      path: '/v1/connectors',
      summary: 'List the installed connectors',
      description: 'Those that accounts can be made of: test doubles are left out in live mode.',
      access: reading,
      replies: { 200: ConnectorListSchema },
      problems: [],
      examples: [{ summary: 'All of them', status: 200 }],
      async handle() {
        const data = usableConnectors(deps).map(presentConnector);
        return { status: 200, body: { object: 'list', data, has_more: false } };
      },
    }),
    defineRoute({
      ...shared,
      id: 'getConnector',
      method: 'get',
      path: '/v1/connectors/{connector_id}',
      summary: 'Get an installed connector',
      access: reading,
      params: ConnectorParams,
      replies: { 200: ConnectorSchema },
      problems: ['not_found'],
      examples: [
        { summary: 'The simulator', params: { connector_id: 'card-simulator' }, status: 200 },
      ],
      async handle({ params }) {
        const found = usableConnectors(deps).find(({ id }) => id === params.connector_id);
        if (!found) throw new Problem('not_found', 'there is no such connector');
        return { status: 200, body: presentConnector(found) };
      },
    }),
  ];
}
