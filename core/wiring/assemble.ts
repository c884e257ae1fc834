/** From the container's parts to an application that can listen, and the jobs beside it. */
import type { Container } from 'inversify';
import { Access } from '../access/access.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { Merchants } from '../access/merchants.ts';
import { Accounts } from '../accounts/account.ts';
import { createApp, type RequestRecord } from '../http/app.ts';
import { Limits } from '../http/limits.ts';
import { describeApi } from '../http/openapi.ts';
import { Leases } from '../jobs/lease.ts';
import { Runner } from '../jobs/runner.ts';
import { SandboxClock } from '../jobs/sandbox-clock.ts';
import { Engine } from '../payments/engine.ts';
import { tokens } from './container.ts';
import { dueWork, jobObserver, jobs, orphanJob } from './jobs.ts';
import { errorFields } from './log.ts';
import type { Opened, Substitutes } from './outside.ts';
import { pages } from './pages.ts';
import { resumeWith } from './resume.ts';
import { allRoutes } from './routes.ts';
import { compareRecent, verifyAll } from './verify-all.ts';
import { version } from './version.ts';

export interface Assembled {
  readonly app: ReturnType<typeof createApp>;
  readonly runner: Runner;
  /** Asks about the calls that the last process was making when it died. */
  ringOrphans(): void;
}

export async function assemble(
  opened: Opened,
  container: Container,
  substitutes: Substitutes,
  state: { readonly accepting: boolean },
): Promise<Assembled> {
  const { config, db, clock, log, metrics } = opened;
  const desk = container.get(tokens.desk);
  const engine = container.get(Engine);
  const inFlight = 'Calls to processors under way.';
  metrics.gauge('pointsman_operations_in_flight', inFlight, () => engine.callingCount);

  const sandboxed = config.mode === 'sandbox';
  const sandboxClock = new SandboxClock(db, clock, dueWork(desk));
  const refreshClock = async () => {
    if (sandboxed) await sandboxClock.refresh();
  };
  await refreshClock();

  const routes = allRoutes({
    ...opened,
    desk,
    merchants: container.get(Merchants),
    mode: config.mode,
    sandboxClock: sandboxed ? sandboxClock : undefined,
    verify: () => verifyAll(opened, container.get(Accounts)),
  });
  const access = container.get(Access);
  const idempotency = container.get(Idempotency);
  const openapi = describeApi(routes, version);
  const app = createApp({
    ...opened,
    routes,
    pages: pages({ db, access, metrics, openapi, accepting: () => state.accepting }),
    access,
    idempotency,
    limits: container.get(Limits),
    mode: config.mode,
    bodyLimitBytes: config.server.body_limit_bytes,
    trustedProxies: config.server.trusted_proxies,
    checkReplies: substitutes.checkReplies ?? false,
    resume: resumeWith(desk),
    onRequest: (record) => {
      metrics.request(record);
      log.info('request', fieldsOf(record));
    },
    onError: (error, requestId) => {
      log.error('request failed', { request_id: requestId, ...errorFields(error) });
    },
  });
  const runner = runnerOf(opened, container, refreshClock);
  return {
    app,
    runner,
    // Several nodes may share a Postgres: there a call is taken for dead only after its time.
    ringOrphans: () => void (db.dialect === 'sqlite' && runner.ring(orphanJob(desk))),
  };
}

function runnerOf(opened: Opened, container: Container, refreshClock: () => Promise<void>): Runner {
  const { db, log, metrics, simulatorUrl } = opened;
  const accounts = container.get(Accounts);
  const work = jobs({
    desk: container.get(tokens.desk),
    idempotency: container.get(Idempotency),
    log,
    metrics,
    refreshClock,
    compareSimulator: simulatorUrl === null ? undefined : () => compareRecent(opened, accounts),
  });
  return new Runner(work, new Leases(db), jobObserver(log, metrics));
}

function fieldsOf(record: RequestRecord) {
  return {
    request_id: record.requestId,
    method: record.method,
    route: record.route,
    status: record.status,
    duration_ms: Math.round(record.durationMs * 10) / 10,
    merchant_id: record.merchantId,
  };
}
