/** `accounts`: processor accounts, their credentials, and the connectors they are made of. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  define,
  group,
  option,
  pageOptions,
  pageQuery,
  pair,
  wholeNumber,
  yesOption,
  type PageOptions,
  type Parent,
  type Session,
} from './define.ts';
import { usageError, type ExitCode } from './exit.ts';
import { list, show } from './payments.ts';
import { objectText } from './present.ts';
import { facts } from './render.ts';

interface AccountOptions {
  readonly name?: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly tags?: readonly string[];
  readonly limits?: string;
  readonly set?: Record<string, string>;
  readonly settings?: string;
  readonly check?: boolean;
}

const rank = wholeNumber('a number from 0 to 10000', 0);

const accountOptions = () => [
  option('--name <name>', 'your word for it'),
  option('--priority <number>', 'lower numbers are tried first').argParser(rank),
  option('--weight <number>', 'share among accounts of equal priority').argParser(rank),
  option('--tags <a,b>', 'words by which routing rules name it; "" for none').argParser(words),
  option('--limits <json|@file|->', 'what routing may send to it; null for no limits'),
  option('--set <name=value>', 'one setting of the connector; may be repeated').argParser(pair),
  option('--settings <json|@file|->', 'all settings: JSON, a file, or - for stdin'),
];

function words(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}

const accountArgument = ['acct_…'];

export function addAccounts(parent: Parent): void {
  const accounts = group(parent, 'accounts', 'Processor accounts', 'accounts list');
  addNew(accounts);
  define<PageOptions>(accounts, {
    usage: 'list',
    summary: 'List processor accounts, newest first',
    options: pageOptions(),
    examples: ['accounts list'],
    run: (session, options) => list(session, 'account', '/v1/accounts', pageQuery(options)),
  });
  define(accounts, {
    usage: 'show <account>',
    summary: 'Show a processor account; its secrets are masked',
    arguments: accountArgument,
    examples: ['accounts show acct_01…'],
    run: (session, _options, id) => show(session, id ?? '', 'acct'),
  });
  define<AccountOptions>(accounts, {
    usage: 'update <account>',
    summary: 'Change a processor account; settings are replaced as a whole',
    arguments: accountArgument,
    options: accountOptions(),
    examples: [
      'accounts update acct_01… --priority 10 --weight 3',
      'accounts update acct_01… --tags eu,cheap --limits @limits.json',
    ],
    run: async (session, options, id) => {
      const body = { name: options.name, ...(await bodyOf(session, options)) };
      if (Object.values(body).every((value) => value === undefined)) {
        throw usageError('Nothing to change: name at least one option.');
      }
      return patch(session, id ?? '', body);
    },
  });
  addCredentials(accounts);
  addAccountStates(accounts);
}

function addNew(accounts: Parent): void {
  define<AccountOptions>(accounts, {
    usage: 'add <connector>',
    summary: 'Add a processor account',
    arguments: ['which processor: card-simulator, …'],
    options: [
      ...accountOptions(),
      option('--check', 'try the credentials at the processor before anything is stored'),
    ],
    examples: [
      'accounts add card-simulator --set base_url=http://127.0.0.1:8081 --set api_key=sim_2',
      'accounts add card-simulator --name "Third bank" --settings @bank.json',
    ],
    run: async (session, options, connector) => {
      const body = {
        connector,
        name: options.name ?? connector,
        check: options.check,
        ...(await bodyOf(session, options)),
      };
      const api = session.api();
      const created = await api.call('POST', '/v1/accounts', {
        body: { ...body, settings: body.settings ?? {} },
      });
      // The answer was committed before the processor was told where to send its news: read again.
      const { id } = created.body as { id: string };
      const answer = await api.call('GET', `/v1/accounts/${encodeURIComponent(id)}`);
      return session.answer(answer, objectText(answer.body));
    },
  });
}

function addCredentials(accounts: Parent): void {
  define(accounts, {
    usage: 'check <account>',
    summary: 'Try the credentials of a processor account',
    arguments: accountArgument,
    examples: ['accounts check acct_01…'],
    run: async (session, _options, id = '') => {
      const path = `/v1/accounts/${encodeURIComponent(id)}/check`;
      const answer = await session.api().call('POST', path);
      const told = Object.entries(answer.body['facts'] as Record<string, unknown>);
      const text = facts(told.map(([name, value]) => [name, String(value)]));
      return session.answer(answer, `${id}  the processor takes the credentials\n${text}`);
    },
  });
  define<AccountOptions>(accounts, {
    usage: 'rotate <account>',
    summary: 'Replace credentials: what is named changes, the rest stays',
    arguments: accountArgument,
    options: [
      option('--set <name=value>', 'one setting of the connector; may be repeated').argParser(pair),
      option('--settings <json|@file|->', 'several: JSON, a file, or - for stdin'),
      option('--no-check', 'do not try them at the processor first'),
    ],
    examples: [
      'accounts rotate acct_01… --settings @new-key.json',
      'accounts rotate acct_01… --set api_key=sim_new',
    ],
    run: async (session, options, id = '') => {
      const { settings } = await bodyOf(session, options);
      if (settings === undefined) throw usageError('Nothing to rotate: give --settings or --set.');
      const path = `/v1/accounts/${encodeURIComponent(id)}/rotate`;
      const body = { settings, check: options.check };
      const answer = await session.api().call('POST', path, { body });
      return session.answer(answer, objectText(answer.body));
    },
  });
  define(accounts, {
    usage: 'connectors',
    summary: 'The connectors accounts can be made of, and what they can do',
    examples: ['accounts connectors', 'accounts connectors --json'],
    run: async (session) => {
      const answer = await session.api().call('GET', '/v1/connectors');
      return session.answer(
        answer,
        connectorsText(answer.body['data'] as unknown as readonly Offer[]),
      );
    },
  });
}

/** As much of a connector as a line of the list shows. */
interface Offer {
  readonly id: string;
  readonly name: string;
  readonly methods: readonly { readonly type: string }[];
  readonly settings: {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
    readonly required?: readonly string[];
  };
}

function connectorsText(offers: readonly Offer[]): string {
  return offers
    .map(({ id, name, methods, settings }) => {
      const { properties = {}, required = [] } = settings;
      const rows = Object.entries(properties).map(([setting, { description = '' }]) => [
        required.includes(setting) ? setting : `${setting}?`,
        description,
      ]);
      const taken = methods.map(({ type }) => type).join(', ');
      return `${id}  ${name}  (${taken})\n${facts(rows as [string, string][])}`;
    })
    .join('\n');
}

function addAccountStates(accounts: Parent): void {
  for (const [verb, status] of [
    ['disable', 'disabled'],
    ['enable', 'active'],
  ] as const) {
    define(accounts, {
      usage: `${verb} <account>`,
      summary: verb === 'disable' ? 'Take no new payments through it' : 'Take new payments again',
      arguments: accountArgument,
      examples: [`accounts ${verb} acct_01…`],
      run: (session, _options, id) => patch(session, id ?? '', { status }),
    });
  }
  define<{ yes?: boolean }>(accounts, {
    usage: 'delete <account>',
    summary: 'Delete a processor account for good',
    arguments: accountArgument,
    options: [yesOption()],
    examples: ['accounts delete acct_01… --yes'],
    run: (session, { yes }, id) => erase(session, 'accounts', id ?? '', yes),
  });
}

async function patch(session: Session, id: string, body: object): Promise<ExitCode> {
  const path = `/v1/accounts/${encodeURIComponent(id)}`;
  const answer = await session.api().call('PATCH', path, { body });
  return session.answer(answer, objectText(answer.body));
}

/** Asks, then deletes. */
export async function erase(
  session: Session,
  shelf: 'accounts' | 'customers' | 'payment_methods',
  id: string,
  yes: boolean | undefined,
): Promise<ExitCode> {
  await session.confirm(`Delete ${id} for good?`, yes);
  const answer = await session.api().call('DELETE', `/v1/${shelf}/${encodeURIComponent(id)}`);
  return session.answer(answer, `${id}  deleted\n`);
}

async function bodyOf(session: Session, options: AccountOptions) {
  const { priority, weight, tags, set, settings } = options;
  const whole = settings === undefined ? undefined : await settingsOf(session, settings);
  const merged = whole || set ? { ...whole, ...set } : undefined;
  const limits = await limitsOf(session, options);
  return { priority, weight, tags, limits, settings: merged };
}

async function limitsOf(session: Session, { limits }: AccountOptions): Promise<unknown> {
  if (limits === undefined) return undefined;
  try {
    return JSON.parse(await textOf(session, limits));
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`The limits are not JSON: ${error.message}`);
    throw error;
  }
}

/** Throws CliError that names the source and never what stands in it: it holds credentials. */
async function settingsOf(session: Session, source: string): Promise<Record<string, unknown>> {
  const text = await textOf(session, source);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const place = source === '-' || source.startsWith('@') ? ` in ${source.replace('@', '')}` : '';
  throw usageError(`The settings${place} are not a JSON object`);
}

async function textOf({ terminal }: Session, source: string): Promise<string> {
  if (source === '-') return terminal.read();
  if (!source.startsWith('@')) return source;
  const file = resolve(terminal.cwd, source.slice(1));
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
