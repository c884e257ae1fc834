/** `routes backtest`: the decisions of a server or a database, made again with other rules. */
import { InvalidArgumentError } from 'commander';
import {
  backtestOffline,
  evidenceMin,
  rulesOf,
  type PresentedBacktest,
} from '../../core/wiring/routing-tools.ts';
import type { Api } from './api.ts';
import { define, option, type Parent, type Session } from './define.ts';
import { CliError, exitCodes, usageError } from './exit.ts';
import { clean, table } from './render.ts';
import { textOfFile } from './rules-file.ts';

interface BacktestOptions {
  readonly rules: string;
  readonly since: string;
  readonly offline?: boolean;
  readonly merchant?: string;
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
      option('--offline', 'read the database of --data or the configuration, ask no server'),
      option('--merchant <id>', 'with --offline: whose decisions, where there are several'),
    ],
    examples: [
      'routes backtest --rules new.yaml --since 30d',
      'routes backtest --rules new.yaml --offline',
    ],
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
function sinceFrom(text: string, newest: string | undefined): string {
  const [, count, unit = ''] = spanPattern.exec(text) ?? [];
  if (count === undefined) return new Date(text).toISOString();
  // The clock of a sandbox may be ahead of ours; its newest payment tells.
  const nowMs = Math.max(Date.now(), newest === undefined ? 0 : Date.parse(newest));
  return new Date(nowMs - Number(count) * (unitsMs[unit] ?? 0)).toISOString();
}

async function newestAt(api: Api): Promise<string | undefined> {
  const { body } = await api.call('GET', '/v1/payments', { query: { limit: 1 } });
  const [newest] = body['data'] as unknown as readonly { readonly created_at: string }[];
  return newest?.created_at;
}

async function runBacktest(session: Session, options: BacktestOptions): Promise<void> {
  const { rules: file, since } = options;
  const rules = await textOfFile(session, file);
  rulesOf(rules, file);
  const found = options.offline
    ? await offline(session, options, rules)
    : await atServer(session.api(), rules, since);
  session.print({ file, ...found }, resultText(found));
}

async function atServer(api: Api, rules: string, since: string): Promise<PresentedBacktest> {
  const body = { rules, since: sinceFrom(since, await newestAt(api)) };
  const answer = await api.call('POST', '/v1/routing/backtest', { body });
  return answer.body as unknown as PresentedBacktest;
}

async function offline(
  session: Session,
  { merchant: merchantId, since, rules: file }: BacktestOptions,
  rules: string,
): Promise<PresentedBacktest> {
  try {
    return await backtestOffline(session.config(), {
      merchantId,
      rules,
      file,
      sinceOf: (newest) => sinceFrom(since, newest),
    });
  } catch (error) {
    if (error instanceof RangeError) throw usageError(error.message, 'Use --merchant <id>.');
    if (!(error instanceof Error)) throw error;
    const advice = 'Is it this folder’s database, and up to date? See: pointsman migrate --status';
    throw new CliError(
      exitCodes.unavailable,
      `The database was not read: ${error.message}`,
      advice,
    );
  }
}

function resultText(result: PresentedBacktest): string {
  const { decisions, moved, accounts, moves, since } = result;
  if (decisions === 0) return `No decisions by rules since ${since}.\n`;
  const names = new Map(accounts.map(({ account, name }) => [account, name ?? account]));
  const nameOf = (id: string | null) => (id === null ? 'nobody' : (names.get(id) ?? id));
  const head = `${decisions} decisions since ${since}; ${moved} would move (${percent(moved, decisions)})\n\n`;
  const flows = table(
    [{ title: 'ACCOUNT' }, { title: 'BEFORE', right: true }, { title: 'AFTER', right: true }],
    accounts.map(({ account, before, after }) => [nameOf(account), `${before}`, `${after}`]),
  );
  const moveLines = moves
    .slice(0, 10)
    .map(({ from, to, count }) => `  ${count}  ${clean(`${nameOf(from)} → ${nameOf(to)}`)}\n`);
  const movesText = moveLines.length === 0 ? '' : `\nMoves\n${moveLines.join('')}`;
  return head + flows + movesText + expectedText(result);
}

function expectedText({ expected, no_evidence: unknown }: PresentedBacktest): string {
  const { compared, before, after, low, high } = expected;
  const figures =
    compared === 0
      ? '\nNothing can be expected: no payment has an outcome that tells.\n'
      : `\nOf ${compared} payments ${before} were approved (${percent(before, compared)}); ` +
        `expected ${Math.round(after)} (${percent(after, compared)}), ` +
        `95 %: ${Math.round(low)} to ${Math.round(high)}\n`;
  const lines = unknown.map(({ account, name, count, observed, ...alike }) => {
    const words = [name ?? account, alike.payment_method, alike.currency, alike.card_brand];
    return `  ${count}  ${clean(words.join(' '))}  (${observed} observed)\n`;
  });
  if (lines.length === 0) return figures;
  return `${figures}No evidence (fewer than ${evidenceMin} observed), not expected either way\n${lines.join('')}`;
}

function percent(part: number, whole: number): string {
  return `${Math.round((1000 * part) / whole) / 10} %`;
}
