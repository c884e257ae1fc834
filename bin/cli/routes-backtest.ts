/** `routes backtest`: the decisions of a server, made again with the rules of a file. */
import { InvalidArgumentError } from 'commander';
import {
  backtestPages,
  evidenceMin,
  type BacktestResult,
  type ListedDecision,
} from '../../core/wiring/routing-tools.ts';
import type { Api } from './api.ts';
import { define, option, type Parent, type Session } from './define.ts';
import { clean, table } from './render.ts';
import { accountsAt, rulesOfFile } from './rules-file.ts';

interface BacktestOptions {
  readonly rules: string;
  readonly since: string;
}

export function addBacktest(routes: Parent): void {
  define<BacktestOptions>(routes, {
    usage: 'backtest',
    summary: 'Decide the payments of the past with other rules: who moves, what to expect',
    options: [
      option('--rules <file>', 'the rules to try; - for stdin').makeOptionMandatory(),
      option('--since <when>', '30d, 12h, or a moment such as 2026-11-21T10:00:00Z')
        .default('30d')
        .argParser(readWhen),
    ],
    examples: ['routes backtest --rules new.yaml --since 30d'],
    run: runBacktest,
  });
}

const unitsMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000 };

const spanPattern = /^(\d{1,5})([dhm])$/;

function readWhen(text: string): string {
  if (spanPattern.test(text) || !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('It is 30d, 12h, 90m or a moment.');
}

/** `30d` → the moment thirty days ago; a moment stays what it is. */
async function sinceOf(api: Api, text: string): Promise<string> {
  const [, count, unit = ''] = spanPattern.exec(text) ?? [];
  if (count === undefined) return new Date(text).toISOString();
  // The clock of a sandbox may be ahead of ours; its newest payment tells.
  const { body } = await api.call('GET', '/v1/payments', { query: { limit: 1 } });
  const [newest] = body['data'] as unknown as readonly { readonly created_at: string }[];
  const nowMs = Math.max(Date.now(), newest ? Date.parse(newest.created_at) : 0);
  return new Date(nowMs - Number(count) * (unitsMs[unit] ?? 0)).toISOString();
}

async function* pagesOf(
  api: Api,
  since: string,
  last: string | undefined,
): AsyncGenerator<readonly ListedDecision[]> {
  let after: string | undefined;
  for (;;) {
    const query = { since, limit: 1000, starting_after: after };
    const { body } = await api.call('GET', '/v1/routing/decisions', { query });
    const all = body['data'] as unknown as readonly ListedDecision[];
    const page = last === undefined ? all : all.filter(({ payment }) => payment <= last);
    yield page;
    if (body['has_more'] !== true || page.length < all.length) return;
    after = all.at(-1)?.payment;
  }
}

async function runBacktest(session: Session, { rules: file, since }: BacktestOptions) {
  const rules = await rulesOfFile(session, file);
  const api = session.api();
  const accounts = await accountsAt(api);
  const from = await sinceOf(api, since);
  const result = await backtestPages(rules, accounts, (last) => pagesOf(api, from, last));
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  const nameOf = (id: string | null) => (id === null ? 'nobody' : (names.get(id) ?? id));
  const document = { file, version: rules.version, since: from, ...result };
  session.print(document, resultText(result, from, nameOf));
}

type NameOf = (id: string | null) => string;

function resultText(result: BacktestResult, since: string, nameOf: NameOf): string {
  const { decisions, moved, accounts, moves } = result;
  if (decisions === 0) return `No decisions by rules since ${since}.\n`;
  const head = `${decisions} decisions since ${since}; ${moved} would move (${percent(moved, decisions)})\n\n`;
  const flows = table(
    [{ title: 'ACCOUNT' }, { title: 'BEFORE', right: true }, { title: 'AFTER', right: true }],
    accounts.map(({ account, before, after }) => [nameOf(account), `${before}`, `${after}`]),
  );
  const moveLines = moves
    .slice(0, 10)
    .map(({ from, to, count }) => `  ${count}  ${clean(`${nameOf(from)} → ${nameOf(to)}`)}\n`);
  const movesText = moveLines.length === 0 ? '' : `\nMoves\n${moveLines.join('')}`;
  return head + flows + movesText + expectedText(result, nameOf);
}

function expectedText({ expected, noEvidence }: BacktestResult, nameOf: NameOf): string {
  const { compared, before, after, low, high } = expected;
  const figures =
    compared === 0
      ? '\nNothing can be expected: no payment has an outcome that tells.\n'
      : `\nOf ${compared} payments ${before} were approved (${percent(before, compared)}); ` +
        `expected ${Math.round(after)} (${percent(after, compared)}), ` +
        `95 %: ${Math.round(low)} to ${Math.round(high)}\n`;
  const lines = noEvidence.map(({ segment, count, observed }) => {
    const [account = '', ...rest] = segment.split(' ');
    return `  ${count}  ${clean([nameOf(account), ...rest].join(' '))}  (${observed} observed)\n`;
  });
  if (lines.length === 0) return figures;
  return `${figures}No evidence (fewer than ${evidenceMin} observed), not expected either way\n${lines.join('')}`;
}

function percent(part: number, whole: number): string {
  return `${Math.round((1000 * part) / whole) / 10} %`;
}
