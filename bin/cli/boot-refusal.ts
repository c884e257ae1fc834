/** Why a start was refused, in one line and a hint; known reasons need no stack. */
import { ConfigError, type Config } from '../../config/load.ts';
import { CliError, exitCodes } from './exit.ts';

/** Errors whose message is written for the reader already, with what may be done about them. */
const named: Readonly<Record<string, string | undefined>> = {
  FileLocked: 'Stop the other one, or give this one a directory of its own: POINTSMAN_DATA.',
  UnsafeSettings: 'A commit would not be durable, so nothing is taken. See pointsman doctor.',
  NewerDatabase: 'Nothing was changed. Install the version that last ran, or a newer one.',
  NoMasterKey: undefined,
  WrongMasterKey: undefined,
  PackageRefused: 'Install the package beside the configuration, or take it out of the list.',
  PluginRefused: 'Change its settings, or turn it off: plugin_settings.<id>.enabled: false.',
  SimulatorFailed: 'POINTSMAN_PORT moves both ports, POINTSMAN_SIMULATOR_PORT the simulator alone.',
  StorageUnavailable: 'Check DATABASE_URL (database.url), and that the server runs.',
};

interface Coded extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
}

/** Whatever a start threw as a CliError: exit code 3, or 2 for a file that is wrong. No secrets. */
export function refusedBoot(
  error: unknown,
  config: Config,
  what = 'Pointsman did not start',
): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof ConfigError) return new CliError(exitCodes.usage, error.message);
  const [reason, hint] = explain(error as Coded, config);
  // One line: what libraries say may go over several.
  const line = maskUrl(reason, config).replaceAll(/\s*\n\s*/g, ' ');
  return new CliError(exitCodes.unavailable, `${what}: ${line}`, hint);
}

type Explained = readonly [reason: string, hint: string | undefined];

function explain(error: Coded, config: Config): Explained {
  if (error.name === 'SimulatorFailed') return simulator(error, config);
  if (error.name in named) return [error.message, named[error.name]];
  if (error.syscall === 'listen') return listening(error, config);
  const code = error.code ?? '';
  if (/^E(ACCES|PERM|ROFS|NOSPC|DQUOT)$/.test(code)) {
    const place = error.path ?? config.data_dir;
    return [`${place} cannot be written (${code})`, dataHint];
  }
  if (/^E(NOTDIR|EXIST|ISDIR|NOENT)$/.test(code) && error.path !== undefined) {
    return [`${error.path} is in the way or missing (${code})`, dataHint];
  }
  if (/^SQLITE_(CANTOPEN|READONLY|PERM)/.test(code)) {
    return [`the database in ${config.data_dir} cannot be opened (${code})`, dataHint];
  }
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) {
    const hint = 'It is damaged, or something else: put it aside and restore a backup.';
    return [`the database in ${config.data_dir} is not readable as SQLite (${code})`, hint];
  }
  if (config.database.url !== undefined && /^[0-9A-Z]{5}$/.test(code)) {
    return [`Postgres refuses: ${error.message} (${code})`, named['StorageUnavailable']];
  }
  const told = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return [told, undefined];
}

const dataHint = 'Another directory: POINTSMAN_DATA or --data. See pointsman doctor.';

function listening({ code, port }: Coded, { server }: Config): Explained {
  const place = `${server.host}:${port ?? server.port}`;
  const hint = 'Another port: POINTSMAN_PORT (0 takes any free one).';
  if (code === 'EADDRINUSE') return [`${place} is in use by another program`, hint];
  if (code === 'EACCES') return [`this user may not listen on ${place}`, hint];
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return [`${server.host} is no address of this machine (${code})`, 'Check POINTSMAN_HOST.'];
  }
  return [`cannot listen on ${place} (${code})`, hint];
}

/** The simulator's own last words are a JSON line. */
function simulator({ message }: Coded, { simulator: { port } }: Config): Explained {
  const reason = message.includes('EADDRINUSE')
    ? `port ${port} is in use by another program, and the card simulator needs one`
    : message;
  return [reason, named['SimulatorFailed']];
}

function maskUrl(text: string, { database }: Config): string {
  const url = database.url?.reveal();
  if (url === undefined) return text;
  const { password } = new URL(url);
  const masked = text.replaceAll(url, '[database url]');
  return password === '' ? masked : masked.replaceAll(decodeURIComponent(password), '[secret]');
}
