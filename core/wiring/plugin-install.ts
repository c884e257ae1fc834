/** Which plugins there are, and what they are told: checked before anything is opened. */
import { resolve } from 'node:path';
import { Type, type TSchema } from 'typebox';
import { writtenPluginSettings, type Config } from '../../config/load.ts';
import { plugins as ours } from '../../plugins/index.ts';
import { schemaFault } from '../accounts/schema.ts';
import { pluginFault, PluginRefused, type Installed, type OwnSetting } from '../plugins/index.ts';
import type { Plugin } from '../sdk/plugin.ts';
import { checkAgainst } from '../yaml/positions.ts';
import { ConfigError } from '../yaml/findings.ts';
import { makeFrom } from './packages.ts';

/**
 * Ours and those that the configuration names, without those that are turned off; settings checked.
 * Throws ConfigError, PackageRefused, PluginRefused.
 */
export async function installPlugins(
  config: Config,
  given?: readonly Plugin[],
): Promise<readonly Installed[]> {
  const folders = [process.cwd(), resolve(config.data_dir)];
  const known = new Map<string, Plugin>();
  const add = (plugin: Plugin) => {
    if (known.has(plugin.id)) throw new PluginRefused(plugin.id, 'there are two of them');
    known.set(plugin.id, plugin);
  };
  for (const plugin of given ?? ours) {
    const fault = faultIn(plugin);
    if (fault !== undefined) throw new PluginRefused(plugin.id, fault);
    add(plugin);
  }
  for (const name of config.plugins) add(await makeFrom<Plugin>(name, folders, 'plugins', faultIn));
  checkSettings(config, [...known.values()]);
  return [...known.values()].flatMap((plugin) => installed(config, plugin));
}

function faultIn(made: unknown): string | undefined {
  const fault = pluginFault(made);
  if (fault !== undefined) return fault;
  const { settings } = made as Plugin;
  const schema = settings && schemaFault(settings);
  return schema === undefined ? undefined : `settings is no JSON Schema: ${schema}`;
}

const OwnSettings = {
  enabled: Type.Optional(Type.Boolean({ description: 'False turns the plugin off.' })),
  prefix: Type.Optional(
    Type.String({
      pattern: '^(/[a-z0-9][a-z0-9-]*)+$',
      description: 'Where its dialect is mounted.',
    }),
  ),
  hosts: Type.Optional(
    Type.Array(Type.String({ pattern: '^[a-z0-9.-]+$' }), {
      description: 'Host names where everything is its dialect’s.',
    }),
  ),
} satisfies Record<OwnSetting, TSchema>;

/** Unknown plugins and unknown keys are findings like any other, with their places. */
function checkSettings(config: Config, all: readonly Plugin[]): void {
  const document = writtenPluginSettings(config);
  const { plugin_settings: given } = document.value as {
    plugin_settings: Readonly<Record<string, { readonly enabled?: unknown }>>;
  };
  const closed = { additionalProperties: false };
  const schemas = all.map(({ id, settings }) => {
    // One that is turned off need not be told anything.
    const off = given[id]?.enabled === false;
    if (off) return [id, Type.Optional(Type.Object(OwnSettings))] as const;
    const schema = Type.Object({ ...OwnSettings, ...settings?.properties }, closed);
    const needs = (settings?.required ?? []).length > 0;
    return [id, needs ? schema : Type.Optional(schema)] as const;
  });
  const schema = Type.Object({ plugin_settings: Type.Object(Object.fromEntries(schemas), closed) });
  const findings = checkAgainst(schema, document);
  if (findings.length > 0) throw new ConfigError(findings);
}

function installed(config: Config, plugin: Plugin): Installed[] {
  const text = config.plugin_settings[plugin.id]?.reveal() ?? '{}';
  const given = JSON.parse(text) as Record<string, unknown>;
  const { enabled = true, prefix, hosts = [], ...settings } = given;
  if (enabled === false) return [];
  const place = { prefix: prefix as string | undefined, hosts: hosts as readonly string[] };
  return [{ plugin, settings: Object.freeze(settings), ...place }];
}
