/** `merchants` and `keys`: who may call the switch. */
import type { JsonObject } from '../../core/base/json.ts';
import { createAdminKey } from '../../core/wiring/closed-database.ts';
import {
  define,
  group,
  option,
  pageOptions,
  pageQuery,
  yesOption,
  type PageOptions,
  type Parent,
  type Session,
} from './define.ts';
import { usageError, type ExitCode } from './exit.ts';
import { refusedBoot } from './boot-refusal.ts';
import { list, show } from './payments.ts';
import { objectText } from './present.ts';
import { facts } from './render.ts';

export function addMerchants(parent: Parent): void {
  const merchants = group(parent, 'merchants', 'Merchants of this switch', 'merchants list');
  define(merchants, {
    usage: 'create <name>',
    summary: 'Create a merchant with a default profile and two keys (admin key)',
    examples: ['merchants create "Book shop"', 'merchants create "Book shop" --json > keys.json'],
    run: async (session, _options, name) => {
      const answer = await session.api('admin').call('POST', '/v1/merchants', { body: { name } });
      return session.answer(answer, createdText(answer.body));
    },
  });
  define<PageOptions>(merchants, {
    usage: 'list',
    summary: 'List merchants, newest first (admin key)',
    options: pageOptions(),
    examples: ['merchants list'],
    run: (session, options) =>
      list(session, 'merchant', '/v1/merchants', pageQuery(options), 'admin'),
  });
  define(merchants, {
    usage: 'show [merchant]',
    summary: 'Show a merchant; without an id the one whose key this is',
    arguments: ['mer_…'],
    examples: ['merchants show', 'merchants show mer_01…'],
    run: async (session, _options, id) => {
      if (id !== undefined) return show(session, id, 'mer');
      const answer = await session.api().call('GET', '/v1/merchant');
      return session.answer(answer, objectText(answer.body));
    },
  });
}

function createdText(body: JsonObject): string {
  const {
    merchant,
    profile,
    secret_key: secret,
    public_key: open,
  } = body as Record<string, Record<string, string>>;
  return (
    `${merchant?.['id']}  ${merchant?.['name']}\n` +
    facts([
      ['Profile', profile?.['id']],
      ['Secret key', secret?.['key']],
      ['Public key', open?.['key']],
    ]) +
    'The keys are shown this once.\n'
  );
}

interface KeyOptions {
  readonly public?: boolean;
  readonly admin?: boolean;
  readonly merchant?: string;
  readonly profile?: string;
  readonly scope?: readonly string[];
  readonly expires?: string;
}

const keyArgument = ['key_…'];

export function addKeys(parent: Parent): void {
  const keys = group(parent, 'keys', 'API keys', 'keys list');
  define<KeyOptions>(keys, {
    usage: 'create <name>',
    summary: 'Create a key and show it once',
    options: [
      option('--public', 'for browsers; otherwise secret, for your server'),
      option('--scope <scope...>', 'what it may do, such as payments:read; default everything'),
      option('--profile <prof_id>', 'for one profile only'),
      option('--expires <time>', 'when it ends: 2027-01-31T00:00:00Z'),
      option('--merchant <mer_id>', 'for another merchant (admin key)'),
      option('--admin', 'a key of the box’s owner, written past the API into the database'),
    ],
    examples: [
      'keys create Reports --scope payments:read events:read',
      'keys create "Web shop" --public',
      'keys create Owner --admin',
    ],
    run: (session, options, name) => createKey(session, options, name ?? ''),
  });
  define<PageOptions>(keys, {
    usage: 'list',
    summary: 'List keys, newest first',
    options: pageOptions(),
    examples: ['keys list'],
    run: (session, options) => list(session, 'key', '/v1/api_keys', pageQuery(options)),
  });
  define(keys, {
    usage: 'rename <key> <name>',
    summary: 'Rename a key',
    arguments: keyArgument,
    examples: ['keys rename key_01… "Monthly reports"'],
    run: (session, _options, id, name) => changeKey(session, id, { name }),
  });
  define(keys, {
    usage: 'expire <key> <time>',
    summary: 'Set when a key ends: a time, now, or never',
    arguments: keyArgument,
    examples: ['keys expire key_01… 2027-01-31T00:00:00Z', 'keys expire key_01… never'],
    run: (session, _options, id, time = '') => changeKey(session, id, { expires_at: timeOf(time) }),
  });
  define<{ yes?: boolean }>(keys, {
    usage: 'revoke <key>',
    summary: 'Revoke a key for good, effective at once',
    arguments: keyArgument,
    options: [yesOption()],
    examples: ['keys revoke key_01…', 'keys revoke key_01… --yes'],
    run: async (session, { yes }, id = '') => {
      await session.confirm(`Revoke ${id} for good?`, yes);
      const path = `/v1/api_keys/${encodeURIComponent(id)}/revoke`;
      const answer = await session.api().call('POST', path);
      return session.answer(answer, objectText(answer.body));
    },
  });
}

async function createKey(session: Session, options: KeyOptions, name: string): Promise<ExitCode> {
  if (options.admin) return adminKey(session, options, name);
  const { merchant } = options;
  const path =
    merchant === undefined
      ? '/v1/api_keys'
      : `/v1/merchants/${encodeURIComponent(merchant)}/api_keys`;
  const body = {
    kind: options.public ? 'public' : 'secret',
    name,
    scopes: options.scope,
    profile_id: options.profile,
    expires_at: options.expires,
  };
  const api = session.api(merchant === undefined ? 'secret' : 'admin');
  const answer = await api.call('POST', path, { body });
  return session.answer(answer, `${objectText(answer.body)}The key is shown this once.\n`);
}

/** How the owner of a live box gets the first key: whoever can write the database may have one. */
async function adminKey(session: Session, options: KeyOptions, name: string): Promise<ExitCode> {
  const { public: open, scope, merchant, profile, expires } = options;
  if ([open, scope, merchant, profile, expires].some((given) => given !== undefined)) {
    throw usageError('--admin goes with no other option of this command.');
  }
  const config = session.config();
  const { id, key } = await createAdminKey(config, name).catch((error: unknown) => {
    throw refusedBoot(error, config, 'No key was made');
  });
  const text = `${id}  admin  ${name}\n  Key  ${key}\nThe key is shown this once.\n`;
  session.print({ id, object: 'api_key', kind: 'admin', name, key }, text);
  return 0;
}

async function changeKey(session: Session, id = '', body: object = {}): Promise<ExitCode> {
  const path = `/v1/api_keys/${encodeURIComponent(id)}`;
  const answer = await session.api().call('PATCH', path, { body });
  return session.answer(answer, objectText(answer.body));
}

function timeOf(text: string): string | null {
  if (text === 'never') return null;
  return text === 'now' ? new Date().toISOString() : text;
}
