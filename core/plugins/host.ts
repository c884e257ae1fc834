/** The host as one plugin sees it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Access } from '../access/access.ts';
import { invariant } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { Keyring } from '../base/keyring.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { Host, HostLog, Mail } from '../sdk/host.ts';
import type { Plugin } from '../sdk/plugin.ts';
import type { Principal } from '../sdk/route.ts';
import type { Database } from '../storage/index.ts';
import { aliasesOf } from './aliases.ts';
import type { NativeCalls } from './native-calls.ts';
import { secretsOf, storeOf } from './store.ts';
import { tablesOf } from './tables.ts';

/** A plugin that is turned on, with its checked settings and its place. */
export interface Installed {
  readonly plugin: Plugin;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly prefix: string | undefined;
  readonly hosts: readonly string[];
}

/** The way out for mails. */
export interface MailPort {
  /** Whether there is a server to send to. */
  readonly canSend: boolean;
  print(mail: Mail): Promise<string>;
  send(mail: Mail): Promise<'sent' | 'refused'>;
}

export interface HostDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly keyring: Keyring;
  readonly access: Access;
  readonly idempotency: Idempotency;
  readonly mode: 'sandbox' | 'live';
  readonly dataDir: string;
  /** The native door; a call before the start is over is a mistake. */
  calls(): NativeCalls;
  baseUrl(): string;
  /** Where the dialect is mounted. */
  prefixOf(plugin: string): string;
  logOf(plugin: string): HostLog;
  readonly mailer: MailPort;
  /** A file that appears whole or not at all. */
  writeWhole(file: string, text: string): void;
}

const mailId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,100}$/;
const fileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,150}$/;

export function hostOf({ plugin, settings, hosts }: Installed, deps: HostDeps): Host {
  const { id, acts = [] } = plugin;
  const { db, keyring, access, mode } = deps;
  const base = () => deps.baseUrl().replace(/\/+$/, '');
  return Object.freeze<Host>({
    settings,
    mode,
    baseUrl: base,
    dialectUrl: () => {
      const [host] = hosts;
      return host === undefined ? `${base()}${deps.prefixOf(id)}` : onHost(base(), host);
    },
    clock: { now: () => deps.clock.now() },
    log: deps.logOf(id),
    call: (operation, options) => deps.calls().call(id, operation, options),
    keys: {
      authenticate: async (key) => {
        const principal = await access.principalOf(key);
        return principal?.mode === mode || principal?.kind === 'admin' ? principal : undefined;
      },
    },
    actFor: ({ merchantId, profileId }): Principal => {
      invariant(acts.length > 0, `plugin ${id} declares in acts what it does without a key`);
      const scopes = new Set(acts);
      return { kind: 'secret', keyId: `plugin:${id}`, merchantId, profileId, mode, scopes };
    },
    store: storeOf(deps, id, tablesOf(plugin)),
    aliases: aliasesOf(db, id),
    secrets: secretsOf(db, keyring, id),
    mail: {
      send: async (mail) => {
        invariant(mailId.test(mail.id), `${mail.id} is the id of a mail`);
        if (deps.mailer.canSend) return deps.mailer.send(mail);
        await writeOut(deps, id, `${mail.id}.eml`, await deps.mailer.print(mail));
        return 'sent';
      },
    },
    outbox: { write: (name, text) => writeOut(deps, id, name, text) },
  });
}

async function writeOut(deps: HostDeps, id: string, name: string, text: string): Promise<void> {
  invariant(fileName.test(name), `${name} is a plain file name`);
  const folder = join(deps.dataDir, 'outbox', id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  deps.writeWhole(join(folder, name), text);
}

/** The same scheme and port, under another name. */
function onHost(baseUrl: string, host: string): string {
  const url = new URL(baseUrl);
  url.hostname = host;
  return url.origin;
}
