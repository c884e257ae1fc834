/** The switch's own work: what rings when, and what the sandbox's clock has to play back. */
import { applyDue, forgetOldIncoming, nextIncomingAt } from '../incoming/apply.ts';
import type { IncomingDesk } from '../incoming/desk.ts';
import { dueSetups, eraseDue, nextEraseAt, nextSetupCheckAt } from '../methods/index.ts';
import type { WebhookDesk } from '../webhooks/desk.ts';
import type { Dispatcher } from '../webhooks/dispatcher.ts';
import { fanOut, nextFanOutAt } from '../webhooks/fan-out.ts';
import { forgetOldDeliveries } from '../webhooks/housekeeping.ts';
import type { Log } from './log.ts';
import { errorFields } from './log.ts';
import { endpointJob } from '../accounts/endpoint.ts';
import { minute } from '../base/clock.ts';
import { afterLastId, firstIdAt } from '../base/id.ts';
import type { Idempotency } from '../idempotency/idempotency.ts';
import type { DueWork } from '../jobs/sandbox-clock.ts';
import type { Job, JobObserver } from '../jobs/runner.ts';
import { verifyBooks, type Check, type PaymentKey } from '../ledger/verify.ts';
import type { Desk } from '../payments/desk.ts';
import { expireDue, nextExpiryAt } from '../payments/expiry.ts';
import { nextRecoveryAt, recoverDue } from '../payments/recovery.ts';
import { nextRetryAt, retryDue } from '../payments/retry-later.ts';
import { forgetOldShadows, guardDrafts } from '../routing/source-guard.ts';
import type { SourceDeps } from '../routing/source-verbs.ts';
import type { Database } from '../storage/index.ts';
import type { Metrics } from './metrics.ts';
import { guardObserver } from './observers.ts';
import type { RoutingFile } from './routing-file.ts';

export interface JobDeps {
  readonly desk: Desk;
  readonly incoming: IncomingDesk;
  readonly webhooks: WebhookDesk;
  readonly dispatcher: Dispatcher;
  readonly idempotency: Idempotency;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly routingFile: RoutingFile;
  readonly rules: SourceDeps;
  /** Takes over what other nodes moved the sandbox's clock by. */
  refreshClock(): Promise<void>;
  /** Our books against the simulator's, lately; undefined where there is no simulator. */
  readonly compareSimulator: (() => Promise<Check>) | undefined;
}

/** The minutely check looks back further than a minute, so that nothing falls between two rings. */
const lookBackMs = 3 * minute;
const lookBackMax = 5_000;

export function dueWork(
  desk: Desk,
  incoming: IncomingDesk,
  webhooks: WebhookDesk,
  dispatcher: Dispatcher,
): readonly DueWork[] {
  return [
    {
      nextAt: () => nextIncomingAt(incoming),
      runDue: async () => {
        await applyDue(incoming);
      },
    },
    {
      nextAt: () => nextSetupCheckAt(desk),
      runDue: async () => {
        await dueSetups(desk);
      },
    },
    {
      nextAt: () => nextEraseAt(desk),
      runDue: async () => {
        await eraseDue(desk);
      },
    },
    {
      nextAt: () => nextRecoveryAt(desk),
      runDue: async () => {
        await recoverDue(desk);
      },
    },
    {
      nextAt: () => nextExpiryAt(desk),
      runDue: async () => {
        await expireDue(desk);
      },
    },
    {
      nextAt: () => nextRetryAt(desk),
      runDue: async () => {
        await retryDue(desk);
      },
    },
    {
      nextAt: () => nextFanOutAt(webhooks),
      runDue: () => fanOut(webhooks),
    },
    {
      nextAt: () => dispatcher.nextAt(),
      runDue: () => dispatcher.drain(),
    },
  ];
}

export function jobs(deps: JobDeps): readonly Job[] {
  const { desk, incoming, metrics } = deps;
  return [
    {
      id: 'recovery',
      every: '* * * * * *',
      alone: false,
      run: async () => {
        await deps.refreshClock();
        const { payments } = await recoverDue(desk);
        await checkBooks(deps, payments);
        metrics.unresolved(await unresolvedCounts(desk.db));
      },
    },
    {
      id: 'expiry',
      every: '*/5 * * * * *',
      alone: true,
      run: async () => {
        await expireDue(desk);
      },
    },
    {
      id: 'later-retries',
      every: '10 * * * * *',
      alone: false,
      run: async () => {
        await retryDue(desk);
      },
    },
    {
      id: 'incoming',
      every: '* * * * * *',
      alone: false,
      run: async () => {
        await applyDue(incoming);
      },
    },
    ...webhookJobs(deps),
    ...methodJobs(desk),
    housekeepingJob(deps),
    endpointJob(desk),
    ...routingJobs(deps),
    { id: 'invariants', every: '0 * * * * *', alone: true, run: () => checkRecent(deps) },
    {
      id: 'idempotency',
      every: '30 */10 * * * *',
      alone: true,
      run: () => deps.idempotency.forgetExpired(),
    },
  ];
}

function methodJobs(desk: Desk): readonly Job[] {
  return [
    {
      id: 'setups',
      every: '*/2 * * * * *',
      alone: false,
      run: async () => {
        await dueSetups(desk);
      },
    },
    { id: 'erasure', every: '*/20 * * * * *', alone: true, run: () => eraseDue(desk) },
    {
      id: 'cvc-memory',
      every: '*/30 * * * * *',
      alone: false,
      run: () => Promise.resolve(desk.cvcs.sweep()),
    },
  ];
}

function routingJobs({ routingFile, rules, log, metrics }: JobDeps): readonly Job[] {
  return [
    { id: 'routing-file', every: '* * * * * *', alone: false, run: () => routingFile.look() },
    {
      id: 'routing-drafts',
      every: '20,50 * * * * *',
      alone: true,
      run: async () => {
        await guardDrafts(rules, guardObserver(log, metrics));
        await forgetOldShadows(rules);
      },
    },
  ];
}

function housekeepingJob({ incoming, webhooks }: JobDeps): Job {
  return {
    id: 'housekeeping',
    every: '45 15 * * * *',
    alone: true,
    run: async () => {
      await forgetOldIncoming(incoming);
      await forgetOldDeliveries(webhooks);
    },
  };
}

function webhookJobs({ desk, webhooks, dispatcher }: JobDeps): readonly Job[] {
  return [
    {
      id: 'webhook-fan-out',
      every: '* * * * * *',
      // On SQLite there is no other node, and a lease would cost a sync to disk for every ring.
      alone: desk.db.dialect === 'postgres',
      run: async () => {
        await fanOut(webhooks);
        await dispatcher.pump();
      },
    },
    {
      id: 'webhook-deliveries',
      every: '* * * * * *',
      alone: false,
      run: () => dispatcher.pump(),
    },
  ];
}

/**
 * Calls that the process before us was making when it died. Under the id of the recovery, so that
 * the two never run side by side: a processor is asked no more questions at a time than one of them
 * asks.
 */
export function orphanJob(desk: Desk): Job {
  return {
    id: 'recovery',
    every: '',
    alone: false,
    run: async () => {
      await recoverDue(desk, true);
    },
  };
}

/** The invariants of what was begun lately; the whole book is `pointsman ledger verify`. */
async function checkRecent(deps: JobDeps): Promise<void> {
  const { db, clock } = deps.desk;
  const sinceMs = clock.now() - lookBackMs;
  const touched = new Map<string, PaymentKey>();
  for (const noun of ['operation', 'refund'] as const) {
    const rows = await db.rows<{ merchant_id: string; payment_id: string }>(
      db
        .knex('operations')
        .select('merchant_id', 'payment_id')
        .where('id', '>=', firstIdAt(noun, sinceMs))
        .where('id', '<', afterLastId(noun))
        .orderBy('id', 'desc')
        .limit(lookBackMax),
    );
    for (const { merchant_id, payment_id: id } of rows) touched.set(id, { merchant_id, id });
  }
  await checkBooks(deps, [...touched.values()]);
  if (deps.compareSimulator) report(deps, [await deps.compareSimulator()]);
}

async function checkBooks(deps: JobDeps, payments: readonly PaymentKey[]): Promise<void> {
  if (payments.length === 0) return;
  report(deps, await verifyBooks(deps.desk.db, payments));
}

function report({ log, metrics }: JobDeps, checks: readonly Check[]): void {
  metrics.checked(checks);
  for (const { id, breaches } of checks.filter((check) => check.breaches.length > 0)) {
    log.error('an invariant is broken', { kind: id, reason: breaches.join(', ') });
  }
}

async function unresolvedCounts(db: Database): Promise<Record<string, number>> {
  const rows = await db.rows<{ state: string; n: number }>(
    db
      .knex('operations')
      .select('state')
      .count('* as n')
      .whereNotNull('next_check_at')
      .groupBy('state'),
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

export function jobObserver(log: Log, metrics: Metrics): JobObserver {
  return {
    ran: (id, durationMs) => metrics.jobRan(id, durationMs),
    failed: (id, error) => {
      metrics.jobFailed(id);
      log.error('job failed', { kind: id, ...errorFields(error) });
    },
  };
}
