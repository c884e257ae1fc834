/** `accounts` and `customers`. */
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

interface AccountOptions {
  readonly name?: string;
  readonly priority?: number;
  readonly weight?: number;
  readonly set?: Record<string, string>;
  readonly settings?: string;
}

const rank = wholeNumber('a number from 0 to 10000', 0);

const accountOptions = () => [
  option('--name <name>', 'your word for it'),
  option('--priority <number>', 'lower numbers are tried first').argParser(rank),
  option('--weight <number>', 'share among accounts of equal priority').argParser(rank),
  option('--set <name=value>', 'one setting of the connector; may be repeated').argParser(pair),
  option('--settings <json|@file|->', 'all settings: JSON, a file, or - for stdin'),
];

const accountArgument = ['acct_…'];

export function addAccounts(parent: Parent): void {
  const accounts = group(parent, 'accounts', 'Processor accounts', 'accounts list');
  define<AccountOptions>(accounts, {
    usage: 'add <connector>',
    summary: 'Add a processor account',
    arguments: ['which processor: card-simulator, …'],
    options: accountOptions(),
    examples: [
      'accounts add card-simulator --set base_url=http://127.0.0.1:8081 --set api_key=sim_2',
      'accounts add card-simulator --name "Third bank" --settings @bank.json',
    ],
    run: async (session, options, connector) => {
      const body = {
        connector,
        name: options.name ?? connector,
        ...(await bodyOf(session, options)),
      };
      const answer = await session
        .api()
        .call('POST', '/v1/accounts', { body: { settings: {}, ...body } });
      return session.answer(answer, objectText(answer.body));
    },
  });
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
    examples: ['accounts update acct_01… --priority 10 --weight 3'],
    run: async (session, options, id) => {
      const body = { name: options.name, ...(await bodyOf(session, options)) };
      if (Object.values(body).every((value) => value === undefined)) {
        throw usageError('Nothing to change: name at least one option.');
      }
      return patch(session, id ?? '', body);
    },
  });
  addAccountStates(accounts);
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

async function erase(
  session: Session,
  shelf: 'accounts' | 'customers',
  id: string,
  yes: boolean | undefined,
): Promise<ExitCode> {
  await session.confirm(`Delete ${id} for good?`, yes);
  const answer = await session.api().call('DELETE', `/v1/${shelf}/${encodeURIComponent(id)}`);
  return session.answer(answer, `${id}  deleted\n`);
}

async function bodyOf(session: Session, { priority, weight, set, settings }: AccountOptions) {
  const whole = settings === undefined ? undefined : await settingsOf(session, settings);
  const merged = whole || set ? { settings: { ...whole, ...set } } : {};
  return { priority, weight, ...merged };
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

interface CustomerOptions {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly reference?: string;
  readonly description?: string;
  readonly metadata?: Record<string, string>;
}

export function addCustomers(parent: Parent): void {
  const customers = group(parent, 'customers', 'Your customers', 'customers list');
  define<CustomerOptions>(customers, {
    usage: 'create',
    summary: 'Create a customer',
    options: [
      option('--name <name>', 'full name'),
      option('--email <address>', 'e-mail address'),
      option('--phone <number>', 'without the country code'),
      option('--reference <text>', 'your own id of the customer, unique'),
      option('--description <text>', 'for your own use'),
      option('--metadata <name=value>', 'may be repeated').argParser(pair),
    ],
    examples: ['customers create --name "Jane Doe" --email jane@example.com --reference crm-1001'],
    run: async (session, { name, email, phone, reference, description, metadata }) => {
      const body = { name, email, phone, reference, description, metadata };
      const answer = await session.api().call('POST', '/v1/customers', { body });
      return session.answer(answer, objectText(answer.body));
    },
  });
  define<PageOptions & { email?: string; reference?: string }>(customers, {
    usage: 'list',
    summary: 'List customers, newest first',
    options: [
      option('--email <address>', 'exactly this address'),
      option('--reference <text>', 'exactly this reference'),
      ...pageOptions(),
    ],
    examples: ['customers list', 'customers list --email jane@example.com'],
    run: (session, { email, reference, ...page }) =>
      list(session, 'customer', '/v1/customers', { ...pageQuery(page), email, reference }),
  });
  define(customers, {
    usage: 'show <customer>',
    summary: 'Show a customer',
    arguments: ['cus_…'],
    examples: ['customers show cus_01…'],
    run: (session, _options, id) => show(session, id ?? '', 'cus'),
  });
  define<{ yes?: boolean }>(customers, {
    usage: 'delete <customer>',
    summary: 'Delete a customer and erase the personal data',
    arguments: ['cus_…'],
    options: [yesOption()],
    examples: ['customers delete cus_01… --yes'],
    run: (session, { yes }, id) => erase(session, 'customers', id ?? '', yes),
  });
}
