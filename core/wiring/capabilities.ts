/** docs/capabilities.md: what each connector can do, read from the literals the switch runs on. */
import type { AnyConnector, MethodFacts } from '../sdk/connector.ts';
import { markdownTable } from './markdown.ts';

const mark = (present: boolean): string => (present ? 'yes' : '–');

/** Common ones with their code are told; a long list is counted. */
function currenciesOf({ currencies }: MethodFacts): string {
  if (currencies === 'all') return 'every ISO currency';
  return currencies.length > 12 ? `${currencies.length} currencies` : currencies.join(', ');
}

function captureOf({ capture, partialCapture, multipleCapture }: MethodFacts): string {
  const parts = multipleCapture ? ', in several parts' : partialCapture ? ', once in part' : '';
  return `${capture.join(', ')}${capture.includes('manual') ? parts : ''}`;
}

const refundWords = { none: '–', whole: 'whole only', partial: 'whole or in parts' } as const;

function amountsOf({ amounts = {} }: MethodFacts): string[] {
  const groups = new Map<string, string[]>();
  for (const [currency, { minimum, maximum, step }] of Object.entries(amounts)) {
    const bounds = [
      ...(minimum === undefined ? [] : [`from ${minimum}`]),
      ...(maximum === undefined ? [] : [`to ${maximum}`]),
      ...(step === undefined ? [] : [`multiples of ${step}`]),
    ].join(', ');
    const same = groups.get(bounds);
    if (same) same.push(currency);
    else groups.set(bounds, [currency]);
  }
  return [...groups].map(([bounds, of]) => `${of.join(' ')}: ${bounds}`);
}

/** What is longer stands under the table. */
const cellMax = 60;

const amountCell = (bounds: readonly string[]): string => {
  const text = bounds.join('; ') || '–';
  return text.length > cellMax ? 'see below' : text;
};

/** The bounds that did not fit, once for all methods that share them. */
function amountLists({ methods }: AnyConnector): string[] {
  const shared = new Map<string, string[]>();
  for (const [type, facts] of Object.entries(methods)) {
    const bounds = amountsOf(facts);
    if (amountCell(bounds) !== 'see below') continue;
    const list = bounds.map((line) => `- ${line}`).join('\n');
    shared.set(list, [...(shared.get(list) ?? []), `\`${type}\``]);
  }
  return [...shared].flatMap(([list, types]) => [
    `Amounts of ${types.join(', ')}, in minor units:`,
    '',
    list,
    '',
  ]);
}

function methodRows({ methods }: AnyConnector): string[][] {
  return Object.entries(methods).map(([type, facts]) => [
    `\`${type}\``,
    currenciesOf(facts),
    captureOf(facts),
    refundWords[facts.refund],
    amountCell(amountsOf(facts)),
    [
      ...(facts.banks ? [`banks: ${facts.banks.join(', ')}`] : []),
      ...(facts.requires === undefined ? [] : [`needs the setting \`${facts.requires}\``]),
    ].join('; ') || '–',
  ]);
}

function featureRows(connectors: readonly AnyConnector[]): string[][] {
  return connectors.map((connector) => {
    const { id, operations, webhook, endpoint, reports } = connector;
    const news = webhook ? (endpoint ? 'registered' : 'entered by hand') : '–';
    return [
      `\`${id}\``,
      Object.keys(operations).join(', '),
      news,
      mark(connector.check !== undefined),
      mark(connector.customers !== undefined),
      mark(connector.setups !== undefined),
      connector.disputes === undefined
        ? '–'
        : `read${connector.disputes.respond ? ', answered' : ''}`,
      [
        ...(reports?.balanceTransactions ? ['balance'] : []),
        ...(reports?.payouts ? ['payouts'] : []),
      ].join(', ') || '–',
    ];
  });
}

const features = [
  'Connector',
  'Operations',
  'News (webhooks)',
  'Credentials tried',
  'Customers',
  'Saved methods',
  'Disputes',
  'Reports',
];

const facts = ['Method', 'Currencies', 'Capture', 'Refund', 'Amounts, minor units', 'Besides'];

/** `note` says that the page is generated. */
export function capabilitiesPage(connectors: readonly AnyConnector[], note: string): string {
  return [
    '# What the connectors can do',
    '',
    note,
    '',
    'Presence is capability: what is not in a connector’s literal is not offered, and a payment that',
    'needs it is not routed there. `GET /v1/connectors` tells the same, with the settings of each.',
    '',
    ...markdownTable(features, featureRows(connectors)),
    '',
    ...connectors.flatMap((connector) => [
      `## ${connector.name}`,
      '',
      `\`${connector.id}\`${connector.sandboxOnly ? ', in sandbox mode only' : ''}`,
      '',
      ...markdownTable(facts, methodRows(connector)),
      '',
      ...amountLists(connector),
    ]),
  ].join('\n');
}
