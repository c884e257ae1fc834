/** `dialects`: whether a server keeps what a dialect's documents promise, row by row. */
import { checkableDialects, type CheckableDialect } from '../../core/wiring/dialect-checks.ts';
import { openBench } from '../dialects/bench.ts';
import { checkRow, type RowResult } from '../dialects/check.ts';
import { define, group, option, type Parent, type Session } from './define.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import { clean } from './render.ts';
import { credentialsOf, urlOf } from './settings.ts';

interface CheckOptions {
  readonly baseUrl?: string;
  readonly publicKey?: string;
  readonly secretKey?: string;
  readonly row?: string;
}

export function addDialects(parent: Parent): void {
  const dialects = group(
    parent,
    'dialects',
    'Other gateways’ APIs that the switch answers',
    'dialects check payzpool --base-url http://localhost:8080/payzpool',
  );
  define(dialects, {
    usage: 'list',
    summary: 'List the dialects, and where each begins',
    examples: ['dialects list'],
    run: list,
  });
  define<CheckOptions>(dialects, {
    usage: 'check <dialect>',
    summary: 'Check a running server against the dialect’s documents, row by row',
    arguments: ['its id, as `dialects list` shows it'],
    options: [
      option('--base-url <url>', 'where the dialect begins; default: this switch'),
      option('--public-key <key>', 'default: credentials.json'),
      option('--secret-key <key>', 'default: credentials.json'),
      option('--row <ids>', 'only these rows, parted by commas'),
    ],
    examples: [
      'dialects check payzpool',
      'dialects check card-gateway --base-url https://pay.example.com/card-gateway --row AU-04',
    ],
    run: (session, options, id) => check(session, options, id ?? ''),
  });
}

async function list(session: Session): Promise<void> {
  const all = await checkableDialects(session.config());
  const rows = all.map(({ id, name, prefix, conformance }) => ({
    id,
    name,
    prefix,
    rows: conformance.rows.length,
  }));
  const lines = rows.map(({ id, name, prefix, rows: count }) =>
    [id.padEnd(16), prefix.padEnd(18), `${count} rows`.padEnd(10), name].join(' '),
  );
  session.print({ data: rows }, `${lines.join('\n')}\n`);
}

/**
 * At another server than the one of the credentials only the dialect itself is there: rows that
 * look behind it are told as not checked.
 */
async function check(session: Session, options: CheckOptions, id: string): Promise<ExitCode> {
  const all = await checkableDialects(session.config());
  const dialect = all.find((one) => one.id === id);
  if (!dialect) {
    throw usageError(
      `There is no dialect "${id}"`,
      `There are: ${all.map((one) => one.id).join(', ')}`,
    );
  }
  const rows = rowsOf(dialect, options.row);
  const stored = credentialsOf(session.terminal, session.options);
  const home = urlOf(session.terminal, session.options);
  const dialectUrl = (options.baseUrl ?? home + dialect.prefix).replace(/\/+$/, '');
  if (!URL.canParse(dialectUrl)) throw usageError(`"${dialectUrl}" is not a server's address`);
  const atHome = new URL(dialectUrl).origin === new URL(home).origin;
  const bench = openBench({
    dialectUrl,
    keys: {
      publicKey: options.publicKey ?? stored?.public_key ?? '',
      secretKey: options.secretKey ?? session.options.key ?? stored?.secret_key ?? '',
    },
    headersOf: (keys) => dialect.conformance.headersOf(keys),
    nativeUrl: atHome ? home : undefined,
    adminKey: atHome ? stored?.admin_key : undefined,
  });
  const results: RowResult[] = [];
  try {
    for (const row of rows) {
      const result = await checkRow(row, bench);
      results.push(result);
      if (!session.json) session.terminal.out(lineOf(result));
    }
  } finally {
    await bench.close();
  }
  const count = (outcome: string) => results.filter((one) => one.outcome === outcome).length;
  const broken = count('broken');
  const summary = `${count('held')} held, ${broken} broken, ${count('unchecked')} not checked`;
  session.print({ dialect: id, base_url: dialectUrl, rows: results }, `${summary}\n`);
  return broken === 0 ? exitCodes.done : exitCodes.refused;
}

function rowsOf({ conformance }: CheckableDialect, wanted: string | undefined) {
  if (wanted === undefined) return conformance.rows;
  const ids = wanted.split(',');
  const unknown = ids.filter((id) => !conformance.rows.some((row) => row.id === id));
  if (unknown.length > 0) throw usageError(`It has no row ${unknown.join(', ')}`);
  return conformance.rows.filter((row) => ids.includes(row.id));
}

const marks = { held: 'ok  ', broken: 'FAIL', unchecked: '–   ' } as const;

function lineOf({ id, title, outcome, told }: RowResult): string {
  const more = told === undefined ? '' : `\n           ${clean(told)}`;
  return `${marks[outcome]} ${id.padEnd(6)} ${title}${more}\n`;
}
