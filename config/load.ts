/**
 * YAML and environment → one checked, frozen configuration. Precedence: environment, file,
 * defaults.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, resolve } from 'node:path';
import { Secret } from '../core/base/secret.ts';
import { readEnvironment } from './environment.ts';
import { ConfigError, type Finding, type Place } from '../core/yaml/findings.ts';
import {
  byPlace,
  checkAgainst,
  readYaml,
  type CheckedDocument,
  type YamlDocument,
} from '../core/yaml/positions.ts';
import {
  ConfigSchema,
  defaults,
  simulatorDefaults,
  webhookDefaults,
  type Config,
  type ConfigDocument,
} from './schema.ts';
import { substitute, type Environment } from './substitute.ts';

export { ConfigError } from '../core/yaml/findings.ts';
export type { Config } from './schema.ts';

export interface ConfigSources {
  /** The file to read; goes before `POINTSMAN_CONFIG`. */
  readonly file?: string;
  readonly env: Environment;
  /** Relative paths start here; `pointsman.yaml` in it is read when no file is named. */
  readonly cwd: string;
}

// A configuration of a thousand routing rules has about 100 kB.
const fileBytesMax = 1_048_576;

/** Throws {@link ConfigError} that tells everything wrong at once. Reads files, changes nothing. */
export function loadConfig({ file, env, cwd }: ConfigSources): Config {
  const document = readFile(file, env, cwd);
  const fromFile = document ? substitute(document, ConfigSchema, env) : undefined;
  const fromEnvironment = readEnvironment(ConfigSchema, env);

  // Each source is checked by itself, over the defaults: so every finding knows where it is from.
  const findings = [...(fromFile ? fileFindings(fromFile) : []), ...check(fromEnvironment)];
  if (findings.length > 0) throw new ConfigError(findings);

  const given = merge(fromFile?.document.value ?? {}, fromEnvironment.value);
  const settings = complete(given);
  const clashes = clashesIn(settings, (path) => {
    const source = fromFile && !fromEnvironment.sets(path) ? fromFile.document : fromEnvironment;
    return source.at(path);
  });
  if (clashes.length > 0) throw new ConfigError(clashes);
  const folder = dirname(resolve(cwd, fileName(file, env)));
  const config = freeze(withSecrets({ ...settings, routing: rulesFile(settings, folder) }));
  if (fromFile) written.set(config, fromFile.document);
  return config;
}

const written = new WeakMap<Config, CheckedDocument>();

/**
 * `plugin_settings` as the file has them, with their places: for the check by the schemas of the
 * plugins, which nobody here knows.
 */
export function writtenPluginSettings(config: Config): CheckedDocument {
  const document = written.get(config);
  const settings = (document?.value as Partial<ConfigDocument> | undefined)?.plugin_settings ?? {};
  const nowhere: CheckedDocument = { value: {}, at: () => ({ file: 'pointsman.yaml' }) };
  return { ...(document ?? nowhere), value: { plugin_settings: settings } };
}

/** An absolute path. The default file is used when it is there; one that is named has to be. */
function rulesFile({ routing }: ConfigDocument, folder: string): Config['routing'] {
  const file = resolve(folder, routing.rules_file ?? 'routing.yaml');
  return routing.rules_file !== undefined || existsSync(file) ? { rules_file: file } : {};
}

function check(source: CheckedDocument): Finding[] {
  const value = isMapping(source.value) ? complete(source.value) : source.value;
  return checkAgainst(ConfigSchema, { ...source, value });
}

/** A reference that cannot be replaced leaves a hole the schema stumbles over: told once. */
function fileFindings({ findings, document }: ReturnType<typeof substitute>): Finding[] {
  const holes = new Set(findings.map((finding) => finding.key));
  return [...findings, ...check(document).filter((finding) => !holes.has(finding.key))].toSorted(
    byPlace,
  );
}

/** The defaults under what was given; wrong types stay as they are, for the schema to refuse. */
function complete(given: unknown): ConfigDocument {
  const merged = merge(defaults, given) as ConfigDocument;
  const port: unknown = isMapping(merged.server) ? merged.server.port : undefined;
  const simulator = simulatorDefaults(merged.mode, typeof port === 'number' ? port : 0);
  return {
    ...merged,
    simulator: merge(simulator, merged.simulator) as typeof simulator,
    webhooks: merge(webhookDefaults(merged.mode), merged.webhooks) as ConfigDocument['webhooks'],
  };
}

/** What no single key can say by itself. */
function clashesIn(
  { mode, simulator, server, webhooks }: ConfigDocument,
  placeOf: (path: readonly string[]) => Place,
): Finding[] {
  const clashes: Finding[] = [];
  if (mode === 'live' && simulator.enabled) {
    clashes.push({
      place: placeOf(['simulator', 'enabled']),
      key: 'simulator.enabled',
      message: 'found true, allowed in live mode: false (the simulator would approve real orders)',
    });
  }
  if (mode === 'live' && webhooks.allow_loopback) {
    clashes.push({
      place: placeOf(['webhooks', 'allow_loopback']),
      key: 'webhooks.allow_loopback',
      message: 'found true, allowed in live mode: false (name the receiver in allow_hosts)',
    });
  }
  if (simulator.enabled && simulator.port === server.port && server.port !== 0) {
    clashes.push({
      place: placeOf(['simulator', 'port']),
      key: 'simulator.port',
      message: `found ${server.port}, allowed: any port but that of the API (server.port)`,
    });
  }
  return clashes;
}

function withSecrets(settings: ConfigDocument): Config {
  const { url, ...database } = settings.database;
  const { master_key: masterKey } = settings.secrets;
  const { smtp_url: smtpUrl, ...mail } = settings.mail;
  const ofPlugins = Object.entries(settings.plugin_settings).map(
    ([id, value]) => [id, new Secret(JSON.stringify(value))] as const,
  );
  return {
    ...settings,
    plugin_settings: Object.fromEntries(ofPlugins),
    database: { ...database, ...(url !== undefined && { url: new Secret(url) }) },
    secrets: masterKey === undefined ? {} : { master_key: new Secret(masterKey) },
    mail: { ...mail, ...(smtpUrl !== undefined && { smtp_url: new Secret(smtpUrl) }) },
  };
}

function fileName(named: string | undefined, env: Environment): string {
  return named ?? (env['POINTSMAN_CONFIG'] || 'pointsman.yaml');
}

/** The text of the file to use, parsed; undefined when none is named and none is there. */
function readFile(
  named: string | undefined,
  env: Environment,
  cwd: string,
): YamlDocument | undefined {
  const fromVariable = named === undefined && Boolean(env['POINTSMAN_CONFIG']);
  const name = fileName(named, env);
  const place: Place = fromVariable ? { variable: 'POINTSMAN_CONFIG' } : { file: name };
  const refuse = (message: string): never => {
    throw new ConfigError([{ place, key: '', message }]);
  };
  const what = fromVariable ? `"${name}"` : 'this';
  let bytes: Buffer;
  try {
    bytes = readFileSync(isAbsolute(name) ? name : resolve(cwd, name));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' && named === undefined && !fromVariable) return undefined;
    if (code === 'ENOENT') return refuse(`${what} does not exist, allowed: a YAML file`);
    if (code === 'EISDIR') return refuse(`${what} is a directory, allowed: a YAML file`);
    if (code === 'EACCES') return refuse(`${what} may not be read by this user (EACCES)`);
    return refuse(`${what} cannot be read (${code})`);
  }
  if (bytes.length > fileBytesMax) return refuse(`${what} is larger than ${fileBytesMax} bytes`);
  return readYaml(decodeText(bytes, name), name);
}

function decodeText(bytes: Buffer, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const before = new TextDecoder().decode(bytes).split('\ufffd', 1)[0] ?? '';
    const lines = before.split('\n');
    const place = { file: name, line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
    const message = 'a byte that is not UTF-8, allowed: a file saved as UTF-8';
    throw new ConfigError([{ place, key: '', message }]);
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `upper` over `lower`, mapping by mapping; lists and everything else are taken whole. */
function merge(lower: unknown, upper: unknown): unknown {
  if (!isMapping(lower) || !isMapping(upper)) return upper === undefined ? lower : upper;
  const merged: Record<string, unknown> = { ...lower };
  for (const [key, value] of Object.entries(upper)) merged[key] = merge(lower[key], value);
  return merged;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const below of Object.values(value)) freeze(below);
    Object.freeze(value);
  }
  return value;
}
