/** Plugins get their host once everything is open, and what they add is put where it belongs. */
import type { Container } from 'inversify';
import { Access } from '../access/access.ts';
import { isoTime, minute } from '../base/clock.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import type { Plugged } from '../http/app.ts';
import { DialectAnswers } from '../http/dialect-answers.ts';
import { Bell } from '../jobs/bell.ts';
import type { Job } from '../jobs/runner.ts';
import type { DueWork } from '../jobs/sandbox-clock.ts';
import { presentEvent } from '../payments/history.ts';
import {
  assertNoClashes,
  hostOf,
  NativeCalls,
  nextTellingAt,
  tellDue,
  PluginRefused,
  type InboxDeps,
  type Installed,
} from '../plugins/index.ts';
import type { Host, HostLog, HostLogFields } from '../sdk/host.ts';
import type { Contributions } from '../sdk/plugin.ts';
import type { Principal, Route } from '../sdk/route.ts';
import { tokens } from './container.ts';
import { errorFields, type Log } from './log.ts';
import type { Opened } from './outside.ts';
import { resumeWith } from './resume.ts';
import { installedSigners, type WebhookOutlet } from './webhook-outlet.ts';
import { writeWhole } from './write-whole.ts';

/** What plugins add, checked against each other and the core. */
export interface PluginParts {
  readonly routes: readonly Route[];
  readonly plugged: Plugged;
  readonly jobs: readonly Job[];
  readonly dueWork: readonly DueWork[];
  /**
   * The native door opens: `routes` are the core's, and those of plugins are called like them.
   * `pages` and `jobs` are only looked at.
   */
  open(core: {
    readonly routes: readonly Route[];
    readonly pages: readonly { readonly path: string }[];
    readonly jobs: readonly string[];
    readonly checkReplies: boolean;
  }): void;
  /** Rings when an event was left for a subscriber. */
  readonly bell: Bell;
}

export function pluginParts(opened: Opened, container: Container): PluginParts {
  const { db, clock, keyring, outlet } = opened;
  let native: NativeCalls | undefined;
  const calls = () => {
    if (!native) throw new Error('a plugin calls before the switch has started');
    return native;
  };
  const all = contributed(opened, container, calls);
  const bell = new Bell();
  const inbox = inboxOf(opened, all);
  listen(opened, inbox, bell);
  const answers = new DialectAnswers(db, keyring, clock);
  return {
    routes: all.flatMap(({ contributions }) => contributions.routes ?? []),
    bell,
    plugged: {
      dialects: all.flatMap(({ id, prefix, hosts, contributions: { dialect } }) =>
        dialect ? [{ plugin: id, prefix, hosts, dialect }] : [],
      ),
      pages: all.flatMap(({ id, contributions: { pages = [] } }) =>
        pages.map((page) => ({ plugin: id, page })),
      ),
      answers,
      callsOf: (plugin, context) => calls().callOf(plugin, context),
      ownerOfSecret: ownerOfSecret(opened),
    },
    jobs: [...all.flatMap(jobsOf), ...ownJobs(inbox, answers)],
    dueWork: [...dueInbox(inbox), ...all.flatMap((one) => dueJobs(one, opened))],
    open: ({ routes, pages, jobs, checkReplies }) => {
      assertNoClashes(all, { routes, pages, jobs, formats: [...installedSigners.keys()] });
      addFormats(outlet, all);
      const added = all.flatMap(({ contributions }) => contributions.routes ?? []);
      native = new NativeCalls([...routes, ...added], {
        ...opened,
        idempotency: container.get(Idempotency),
        checkReplies,
        resume: resumeWith(container.get(tokens.desk)),
        mode: opened.config.mode,
      });
    },
  };
}

/** Every plugin gets its host and says what it adds. Throws PluginRefused. */
function contributed(opened: Opened, container: Container, calls: () => NativeCalls) {
  const { config, log } = opened;
  const outside = container.get(tokens.outside);
  const prefixes = new Map<string, string>();
  const shared = {
    ...opened,
    access: container.get(Access),
    idempotency: container.get(Idempotency),
    mode: config.mode,
    dataDir: config.data_dir,
    calls,
    baseUrl: () => outside.baseUrl(),
    prefixOf: (id: string) => prefixes.get(id) ?? '',
    logOf: (id: string) => logOf(log, id),
    writeWhole,
  };
  return opened.plugins.map((one) => {
    const { id } = one.plugin;
    const contributions = contributionsOf(one, hostOf(one, shared));
    const prefix = one.prefix ?? contributions.dialect?.prefix ?? `/${id}`;
    prefixes.set(id, prefix);
    return { id, prefix, hosts: one.hosts, contributions };
  });
}

function contributionsOf({ plugin }: Installed, host: Host): Contributions {
  try {
    return plugin.contribute(host as Host<never>);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PluginRefused(plugin.id, `contribute failed: ${reason}`);
  }
}

type Contributor = { readonly id: string; readonly contributions: Contributions };

function jobsOf({ id, contributions: { jobs = [] } }: Contributor): Job[] {
  return jobs.map((job) => ({
    id: `${id}.${job.id}`,
    every: job.every,
    alone: job.alone,
    run: () => job.run(),
  }));
}

/** For the sandbox's clock: it goes on when a plugin's job fails, and tries that one later. */
function dueJobs(
  { id, contributions: { jobs = [] } }: Contributor,
  { clock, log }: Opened,
): DueWork[] {
  return jobs.flatMap((job) => {
    if (!job.nextAt) return [];
    let notBefore = '';
    const nextAt = async () => {
      const next = await job.nextAt?.();
      return next !== undefined && next < notBefore ? notBefore : next;
    };
    const runDue = async () => {
      const next = await nextAt();
      if (next === undefined || next > isoTime(clock.now())) return;
      try {
        await job.run();
      } catch (error) {
        notBefore = isoTime(clock.now() + minute);
        log.error('job failed', { kind: `${id}.${job.id}`, ...errorFields(error) });
      }
    };
    return [{ nextAt, runDue }];
  });
}

function ownJobs(inbox: InboxDeps, answers: DialectAnswers): Job[] {
  const told: Job = {
    id: 'plugin-inbox',
    every: '* * * * * *',
    // On SQLite there is no other node, and a lease would cost a sync to disk for every ring.
    alone: inbox.db.dialect === 'postgres',
    run: () => tellDue(inbox),
  };
  const forgotten: Job = {
    id: 'dialect-answers',
    every: '15 */10 * * * *',
    alone: true,
    run: () => answers.forgetExpired(),
  };
  return [...(inbox.subscribers.size === 0 ? [] : [told]), forgotten];
}

function dueInbox(inbox: InboxDeps): DueWork[] {
  if (inbox.subscribers.size === 0) return [];
  return [{ nextAt: () => nextTellingAt(inbox), runDue: () => tellDue(inbox) }];
}

function inboxOf({ db, clock, log }: Opened, all: readonly Contributor[]): InboxDeps {
  const subscribers = all.flatMap(({ id, contributions }) =>
    (contributions.subscribers ?? []).map((one) => [`${id}.${one.id}`, one] as const),
  );
  return {
    db,
    clock,
    subscribers: new Map(subscribers),
    present: (event) => presentEvent(db, event),
    failed: (subscriber, error) => {
      log.error('a subscriber failed', { kind: subscriber, ...errorFields(error) });
    },
  };
}

function listen({ sideWrites }: Opened, { subscribers }: InboxDeps, bell: Bell): void {
  const listeners = [...subscribers].map(([id, { types }]) => ({
    id,
    types: types && new Set(types),
  }));
  sideWrites.listen(listeners, bell.ring);
}

function addFormats({ signers }: WebhookOutlet, all: readonly Contributor[]): void {
  for (const { contributions } of all) {
    for (const { encode, ...format } of contributions.webhookFormats ?? []) {
      signers.set(format.id, { ...format, encode: (event, merchant) => encode(event, merchant) });
    }
  }
}

function logOf(log: Log, id: string): HostLog {
  const write =
    (level: 'info' | 'warn' | 'error') =>
    (event: string, more: HostLogFields = {}) => {
      const { requestId, merchantId, paymentId, error, reason, count } = more;
      log[level](`${id}: ${event}`, {
        request_id: requestId,
        merchant_id: merchantId,
        payment_id: paymentId,
        reason,
        count,
        ...(error === undefined ? {} : errorFields(error)),
      });
    };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

/** A browser's rights, from a payment's client secret alone: native routes ask for it again. */
function ownerOfSecret({ db, keyring, config }: Opened) {
  return async (clientSecret: string): Promise<Principal | undefined> => {
    const [, id, proof] = /^(pay_[0-9a-z]{26})_secret_([0-9a-f]{32})$/.exec(clientSecret) ?? [];
    if (id === undefined || proof === undefined) return undefined;
    if (!keyring.verifies('client-secret', id, proof, 32)) return undefined;
    const [row] = await db.rows<{ merchant_id: string }>(
      db
        .knex('merchants')
        .join('payments', 'payments.merchant_id', 'merchants.id')
        .where({ 'payments.id': id, 'merchants.mode': config.mode })
        .select('payments.merchant_id'),
    );
    if (!row) return undefined;
    const { merchant_id: merchantId } = row;
    const facts = { keyId: '', profileId: undefined, mode: config.mode, scopes: new Set<never>() };
    return { kind: 'public', merchantId, ...facts };
  };
}
