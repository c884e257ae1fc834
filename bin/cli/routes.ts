/** `routes`: the routing rules of a merchant, as files, on the server, and in hindsight. */
import type { JsonObject } from '../../core/base/json.ts';
import {
  amountOption,
  define,
  group,
  option,
  pair,
  yesOption,
  type Parent,
  type Session,
} from './define.ts';
import { usageError, type ExitCode } from './exit.ts';
import { clean, facts, word } from './render.ts';
import { addBacktest } from './routes-backtest.ts';
import { addDraft } from './routes-draft.ts';
import { addRulesFiles } from './routes-files.ts';
import { findingLines, routingText, type Finding } from './routes-text.ts';
import { textOfFile } from './rules-file.ts';

export function addRoutes(parent: Parent): void {
  const routes = group(parent, 'routes', 'Routing rules', 'routes lint routing.yaml');
  addRulesFiles(routes);
  addExplain(routes);
  addBacktest(routes);
  addLive(routes);
  addDraft(routes);
}

function addLive(routes: Parent): void {
  define(routes, {
    usage: 'show',
    summary: 'Show the rules that decide now',
    examples: ['routes show'],
    run: async (session) => {
      const answer = await session.api().call('GET', '/v1/routing');
      return session.answer(answer, routingText(answer.body));
    },
  });
  define(routes, {
    usage: 'set <file>',
    summary: 'Set your own rules; wrong ones change nothing',
    arguments: ['a rules file, or - for stdin'],
    examples: ['routes set routing.yaml'],
    run: async (session, _options, file = '') => {
      const body = { rules: await textOfFile(session, file) };
      const answer = await session.api().call('PUT', '/v1/routing', { body });
      const { version, remarks } = answer.body;
      const told = findingLines(remarks as unknown as readonly Finding[]);
      return session.answer(answer, `${told}${word(version)}  in use\n`);
    },
  });
  define<{ yes?: boolean }>(routes, {
    usage: 'reset',
    summary: 'Back to the rules of the box; a draft is dropped too',
    options: [yesOption()],
    examples: ['routes reset --yes'],
    run: async (session, { yes }) => {
      await session.confirm('Give up your own rules?', yes);
      const answer = await session.api().call('DELETE', '/v1/routing');
      return session.answer(answer, routingText(answer.body));
    },
  });
}

interface ExplainOptions {
  readonly amount?: number;
  readonly currency?: string;
  readonly fact?: Record<string, string>;
  readonly rules?: string;
}

function addExplain(routes: Parent): void {
  define<ExplainOptions>(routes, {
    usage: 'explain [payment]',
    summary: 'Why a payment went where it went; or where one would go',
    arguments: ['pay_…; without it a payment that does not exist'],
    options: [
      amountOption('--amount <minor>', 'of a payment that does not exist'),
      option('--currency <code>', 'ISO 4217').default('USD'),
      option('--fact <name=value>', 'card_brand=visa …; may be repeated').argParser(pair),
      option('--rules <file>', 'by the rules of a file instead of the live ones'),
    ],
    examples: ['routes explain pay_01…', 'routes explain --amount 10000 --fact card_brand=visa'],
    run: (session, options, id) => explain(session, options, id),
  });
}

async function explain(
  session: Session,
  { amount, currency, fact = {}, rules }: ExplainOptions,
  id: string | undefined,
): Promise<ExitCode> {
  const api = session.api();
  if (id !== undefined) {
    const path = `/v1/payments/${encodeURIComponent(id)}/routing`;
    const answer = await api.call('GET', path);
    return session.answer(answer, paymentText(answer.body));
  }
  if (amount === undefined) throw usageError('Name a payment, or an --amount.');
  const payment = { amount, currency, ...typed(fact) };
  const given = rules === undefined ? {} : { rules: await textOfFile(session, rules) };
  const body = { payment, ...given };
  const answer = await api.call('POST', '/v1/routing/explain', { body });
  return session.answer(answer, explanationText(answer.body));
}

const flags = ['off_session', 'returning_customer'];

/** `attempt=2` is a number, `off_session=true` a flag, `metadata.plan=gold` a key of metadata. */
function typed(given: Readonly<Record<string, string>>): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  const metadata: Record<string, string> = {};
  for (const [name, text] of Object.entries(given)) {
    if (name.startsWith('metadata.')) metadata[name.slice('metadata.'.length)] = text;
    else if (flags.includes(name) && /^(true|false)$/.test(text)) read[name] = text === 'true';
    else read[name] = name === 'attempt' ? Number(text) : text;
  }
  return Object.keys(metadata).length === 0 ? read : { ...read, metadata };
}

interface DecisionView {
  readonly sentence: string;
  readonly version: string | null;
  readonly inputs: JsonObject;
  readonly order: readonly { readonly account: string; readonly name: string | null }[];
  readonly excluded: readonly {
    readonly account: string;
    readonly name: string | null;
    readonly sentence: string;
  }[];
}

function decisionText({ sentence, version, inputs, order, excluded }: DecisionView): string {
  return (
    `${clean(sentence)}\n` +
    facts([
      ['Version', version],
      [
        'Looked at',
        Object.entries(inputs)
          .map(([name, value]) => `${name} ${word(value)}`)
          .join(', '),
      ],
      ['Order', order.map(({ account, name }) => name ?? account).join(', ')],
      ...excluded.map((one) => ['Not', `${one.name ?? one.account}: ${one.sentence}`] as const),
    ])
  );
}

function paymentText(body: JsonObject): string {
  const { payment, decision, attempts } = body;
  const tried = attempts as unknown as readonly {
    readonly account: string;
    readonly name: string | null;
    readonly state: string;
    readonly decision: Pick<DecisionView, 'sentence'> | null;
  }[];
  // Of a single attempt the decision stands above.
  const why = (one: (typeof tried)[number]) =>
    tried.length > 1 && one.decision ? `. ${clean(one.decision.sentence)}` : '';
  const head = `${word(payment)}\n`;
  if (decision === null) return `${head}It was never tried, so nothing was decided.\n`;
  return (
    head +
    decisionText(decision as unknown as DecisionView) +
    facts(
      tried.map((one) => ['Tried', `${one.name ?? one.account}: ${one.state}${why(one)}`] as const),
    )
  );
}

function explanationText({ decision, alternatives }: JsonObject): string {
  const others = alternatives as unknown as readonly {
    readonly account: string;
    readonly name: string | null;
    readonly sentence: string;
  }[];
  const lines = others.map(({ name, account, sentence }) => [name ?? account, sentence] as const);
  return `${decisionText(decision as unknown as DecisionView)}\nThe others\n${facts(lines)}`;
}
