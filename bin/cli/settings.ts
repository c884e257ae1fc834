/**
 * From options, environment and credentials.json to: which configuration, which server, which key.
 */
import { resolve } from 'node:path';
import { loadConfig, type Config } from '../../config/load.ts';
import { credentialsFile, readCredentials, type Credentials } from '../../core/wiring/sandbox.ts';
import { usageError } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What every command takes. */
export interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
  readonly data?: string;
  readonly config?: string;
}

/** Whose key a request wants: a merchant's secret key, or the box owner's. */
export type KeyKind = 'secret' | 'admin';

/** Throws ConfigError. `--data` goes before everything else that names a data directory. */
export function configOf({ env, cwd }: Terminal, options: GlobalOptions): Config {
  const { config: file, data } = options;
  return loadConfig({
    ...(file === undefined ? {} : { file }),
    env: data === undefined ? env : { ...env, POINTSMAN_DATA: data },
    cwd,
  });
}

/** Without `--data` and POINTSMAN_DATA the configuration says it. */
function dataDirOf(terminal: Terminal, options: GlobalOptions): string {
  const named = options.data ?? (terminal.env['POINTSMAN_DATA'] || undefined);
  return resolve(terminal.cwd, named ?? configOf(terminal, options).data_dir);
}

/** credentials.json, or undefined when there is none. Throws CliError when it cannot be read. */
export function credentialsOf(terminal: Terminal, options: GlobalOptions): Credentials | undefined {
  const dataDir = dataDirOf(terminal, options);
  try {
    return readCredentials(dataDir);
  } catch (error) {
    const reason = error instanceof SyntaxError ? 'it is not JSON' : codeOf(error);
    throw usageError(
      `${credentialsFile(dataDir)} cannot be read: ${reason}`,
      'Name a key and a server: --key (or POINTSMAN_KEY) and --url (or POINTSMAN_URL).',
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** The server's address without a trailing slash. Throws CliError for anything but http(s). */
export function urlOf(terminal: Terminal, options: GlobalOptions): string {
  const named = options.url ?? (terminal.env['POINTSMAN_URL'] || undefined);
  const url =
    named ?? credentialsOf(terminal, options)?.base_url ?? configuredUrl(terminal, options);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw usageError(`"${url}" is not a server's address`, 'It looks like http://localhost:8080');
  }
  return url.replace(/\/+$/, '');
}

function configuredUrl(terminal: Terminal, options: GlobalOptions): string {
  const { server } = configOf(terminal, options);
  return server.base_url ?? `http://localhost:${server.port}`;
}

const prefixes = { secret: 'sk_', admin: 'ak_' } as const;

/**
 * `--key`, then POINTSMAN_KEY, then the data directory's. A key of the other kind in the
 * environment is passed over where the data directory has the right one. Throws CliError when there
 * is none.
 */
export function keyOf(terminal: Terminal, options: GlobalOptions, kind: KeyKind): string {
  if (options.key !== undefined) return options.key;
  const fromEnvironment = terminal.env['POINTSMAN_KEY'] || undefined;
  if (fromEnvironment?.startsWith(prefixes[kind])) return fromEnvironment;
  const credentials = credentialsOf(terminal, options);
  const stored = kind === 'admin' ? credentials?.admin_key : credentials?.secret_key;
  const key = stored ?? fromEnvironment;
  if (key !== undefined) return key;
  const file = credentialsFile(dataDirOf(terminal, options));
  throw usageError(
    `No ${kind === 'admin' ? 'admin key' : 'secret key'}: there is no ${file}`,
    'Pass --key or set POINTSMAN_KEY; or name the server’s data directory with --data.',
  );
}
