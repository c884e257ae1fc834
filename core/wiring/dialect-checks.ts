/** The dialects whose promises can be checked from outside, for the command line. */
import type { Config } from '../../config/load.ts';
import type { Conformance } from '../sdk/conformance.ts';
import { installPlugins } from './plugin-install.ts';

export interface CheckableDialect {
  readonly id: string;
  readonly name: string;
  /** Where a Pointsman with this configuration mounts it. */
  readonly prefix: string;
  readonly conformance: Conformance;
}

/** Also those that the configuration names. Throws ConfigError, PackageRefused, PluginRefused. */
export async function checkableDialects(config: Config): Promise<readonly CheckableDialect[]> {
  const installed = await installPlugins(config);
  return installed.flatMap(({ plugin: { id, name, conformance }, prefix = `/${id}` }) =>
    conformance ? [{ id, name, prefix, conformance }] : [],
  );
}
