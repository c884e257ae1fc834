/** What the compiler says of our own plugins, said at run time of any; and where they clash. */
import type { Contributions, Plugin } from '../sdk/plugin.ts';
import { scopes } from '../sdk/route.ts';
import { migrationsFault, tablePrefix } from './tables.ts';

/** A plugin that cannot be used; the message names it and says why. */
export class PluginRefused extends Error {
  override name = 'PluginRefused';

  constructor(id: string, reason: string) {
    super(`plugin ${id}: ${reason}`);
  }
}

/** Settings that every plugin has, and that the switch reads. */
const ownSettings = ['enabled', 'prefix', 'hosts'] as const;

export type OwnSetting = (typeof ownSettings)[number];

const members = 'id name settings acts migrations conformance contribute'.split(' ');
const parts = 'routes dialect pages jobs subscribers webhookFormats'.split(' ');
const kebab = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with the literal, in words; undefined when it is a plugin. */
export function pluginFault(value: unknown): string | undefined {
  if (!isMembers(value)) return 'it is no object';
  const { id, name, settings, acts, contribute } = value;
  const odd = Object.keys(value).find((key) => !members.includes(key));
  if (odd !== undefined) return `"${odd}" is no part of a plugin`;
  const named = typeof id === 'string' && kebab.test(id) && id.length <= 40;
  if (!named) return 'its id is not kebab-case';
  if (typeof name !== 'string' || name === '') return 'it has no name';
  if (typeof contribute !== 'function') return 'contribute is no function';
  if (acts !== undefined && !(Array.isArray(acts) && acts.every((one) => isScope(one)))) {
    return 'acts is no list of scopes';
  }
  const fields = isMembers(settings) ? settings['properties'] : {};
  if (!isMembers(fields)) return 'settings is no schema of an object';
  const taken = ownSettings.find((key) => Object.hasOwn(fields, key));
  if (taken !== undefined) return `the setting "${taken}" is the switch's own`;
  return migrationsFault(value as unknown as Plugin);
}

const isScope = (value: unknown) => (scopes as readonly unknown[]).includes(value);

/** One plugin's contributions, with where they are mounted. */
export interface Contributed {
  readonly id: string;
  readonly prefix: string;
  readonly hosts: readonly string[];
  readonly contributions: Contributions;
}

/** What is there already, of the core and its pages. */
export interface Taken {
  readonly routes: readonly {
    readonly id: string;
    readonly method: string;
    readonly path: string;
  }[];
  readonly pages: readonly { readonly path: string }[];
  readonly jobs: readonly string[];
  readonly formats: readonly string[];
}

/** `/v1/payments/{payment_id}` and `/v1/payments/{id}` are the same place. */
const place = (path: string) => path.replaceAll(/\{\w+\}/g, '{}');
const first = (path: string) => path.split('/')[1] ?? '';

/**
 * Throws {@link PluginRefused} for the first clash: of one plugin's parts with the core's, with
 * another's, or with themselves.
 */
export function assertNoClashes(all: readonly Contributed[], taken: Taken): void {
  const owners = new Map<string, string>();
  const claim = (owner: string, what: string) => {
    const before = owners.get(what);
    if (before !== undefined) throw new PluginRefused(owner, `${what} is taken by ${before}`);
    owners.set(what, owner);
  };
  for (const { id, method, path } of taken.routes) {
    owners.set(`the operation ${id}`, 'the core');
    owners.set(`${method} ${place(path)}`, 'the core');
  }
  for (const { path } of taken.pages) owners.set(`get ${place(path)}`, 'the core');
  for (const id of taken.jobs) owners.set(`the job ${id}`, 'the core');
  for (const id of taken.formats) owners.set(`the webhook format ${id}`, 'the core');
  const roots = new Set([...taken.routes, ...taken.pages].map(({ path }) => first(path)));

  for (const one of all) claim(one.id, `the id ${one.id}`);
  for (const { id } of all) {
    const rival = all.find((other) => other.id !== id && startsWith(other.id, id));
    if (rival) throw new PluginRefused(rival.id, `its tables look like those of ${id}`);
  }
  for (const { id, prefix, hosts, contributions } of all) {
    const odd = Object.keys(contributions).find((part) => !parts.includes(part));
    if (odd !== undefined) throw new PluginRefused(id, `contributes "${odd}", which is nothing`);
    claimParts(id, contributions, claim);
    if (contributions.dialect) claimDialect({ id, prefix, hosts, contributions }, roots, claim);
  }
  assertPrefixesApart(all);
}

const startsWith = (other: string, id: string) => tablePrefix(other).startsWith(tablePrefix(id));

type Claim = (owner: string, what: string) => void;

function claimParts(id: string, contributions: Contributions, claim: Claim): void {
  const { routes = [], pages = [], jobs = [], subscribers = [] } = contributions;
  for (const route of routes) {
    claim(id, `the operation ${route.id}`);
    claim(id, `${route.method} ${place(route.path)}`);
  }
  for (const page of pages) {
    claim(id, `the page ${page.id}`);
    claim(id, `${page.method} ${place(page.path)}`);
  }
  for (const job of jobs) claim(id, `the job ${id}.${job.id}`);
  for (const subscriber of subscribers) claim(id, `the subscriber ${id}.${subscriber.id}`);
  for (const { id: format, scheduleS } of contributions.webhookFormats ?? []) {
    claim(id, `the webhook format ${format}`);
    if (scheduleS && !ascends(scheduleS)) {
      throw new PluginRefused(id, `the schedule of ${format} is no list of ascending seconds`);
    }
  }
}

function ascends(scheduleS: readonly number[]): boolean {
  const whole = scheduleS.every((at, n) => Number.isInteger(at) && at > (scheduleS[n - 1] ?? -1));
  return whole && scheduleS.length > 0;
}

function claimDialect(
  { id, prefix, hosts, contributions }: Contributed,
  roots: ReadonlySet<string>,
  claim: Claim,
): void {
  if (!/^(\/[a-z0-9][a-z0-9-]*)+$/.test(prefix)) {
    throw new PluginRefused(id, `the prefix ${prefix} is not like /${id}`);
  }
  if (roots.has(first(prefix))) {
    throw new PluginRefused(id, `the prefix ${prefix} hides paths of the core`);
  }
  for (const host of hosts) claim(id, `the host ${host}`);
  for (const route of contributions.dialect?.routes ?? []) {
    if (!route.path.startsWith('/')) throw new PluginRefused(id, `${route.id} has no path`);
    claim(id, `the dialect route ${id}.${route.id}`);
    claim(id, `${route.method} ${prefix}${place(route.path)}`);
  }
}

/** A prefix below another one would never be reached, or hide it. */
function assertPrefixesApart(all: readonly Contributed[]): void {
  const dialects = all.filter(({ contributions }) => contributions.dialect);
  for (const { id, prefix } of dialects) {
    const rival = all.find((other) => {
      if (other.id === id) return false;
      const pages = [...(other.contributions.pages ?? []), ...(other.contributions.routes ?? [])];
      const below = [...pages.map(({ path }) => path), other.contributions.dialect && other.prefix];
      return below.some((path) => path === prefix || path?.startsWith(`${prefix}/`));
    });
    if (rival) throw new PluginRefused(id, `its prefix ${prefix} hides what ${rival.id} mounts`);
  }
}
