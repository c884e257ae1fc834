/** From the container's parts to an application that can listen, and the jobs beside it. */
import type { Container } from 'inversify';
import { Access } from '../access/access.ts';
import { Idempotency } from '../idempotency/idempotency.ts';
import { Merchants } from '../access/merchants.ts';
import { Accounts } from '../accounts/account.ts';
import { createApp, type AppDeps, type RequestRecord } from '../http/app.ts';
import { Limits } from '../http/limits.ts';
import { describeApi } from '../http/openapi.ts';
import { Leases } from '../jobs/lease.ts';
import { Runner } from '../jobs/runner.ts';
import { watchAccounts } from './routing-metrics.ts';
import { SandboxClock } from '../jobs/sandbox-clock.ts';
import { Engine } from '../payments/engine.ts';
import { Backtester } from '../routing/backtest/backtester.ts';
import { RulesSource } from '../routing/source.ts';
import { Dispatcher } from '../webhooks/dispatcher.ts';
import { tokens } from './container.ts';
import { dueWork, jobObserver, jobs, orphanJob } from './jobs.ts';
import { errorFields } from './log.ts';
import { placeOf, type Opened, type Substitutes } from './outside.ts';
import { pages } from './pages.ts';
import { pluginParts, type PluginParts } from './plugins.ts';
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
  const { config, db, clock, log, metrics, routingFile } = opened;
  const source = container.get(RulesSource);
  await routingFile.adopt({ db, clock, source, log, metrics });
  const desk = container.get(tokens.desk);
  const incoming = container.get(tokens.incoming);
  watch(opened, container);
  const sandboxed = config.mode === 'sandbox';
  const plugins = pluginParts(opened, container);
  const sandboxClock = sandboxClockOf(opened, container, plugins);
  const refreshClock = async () => {
    if (sandboxed) await sandboxClock.refresh();
  };
  await refreshClock();

  const native = allRoutes({
    ...opened,
    desk,
    source,
    backtester: new Backtester(placeOf(config)),
    incoming,
    webhooks: container.get(tokens.webhooks),
    merchants: container.get(Merchants),
    mode: config.mode,
    sandboxClock: sandboxed ? sandboxClock : undefined,
    verify: () => verifyAll(opened, container.get(Accounts)),
  });
  const access = container.get(Access);
  const idempotency = container.get(Idempotency);
  const routes = [...native, ...plugins.routes];
  const openapi = describeApi(routes, version);
  const probes = pages({ db, access, metrics, openapi, accepting: () => state.accepting });
  const { checkReplies = false, jobs: byThemselves = true } = substitutes;
  const { runner, ids } = runnerOf(opened, container, refreshClock, byThemselves, plugins);
  plugins.open({ routes: native, pages: probes, jobs: ids, checkReplies });
  const app = createApp({
    ...opened,
    routes,
    pages: probes,
    plugged: plugins.plugged,
    access,
    idempotency,
    limits: container.get(Limits),
    mode: config.mode,
    bodyLimitBytes: config.server.body_limit_bytes,
    trustedProxies: config.server.trusted_proxies,
    checkReplies,
    resume: resumeWith(desk),
    ...written(opened),
  });
  return {
    app,
    runner,
    // Several nodes may share a Postgres: there a call is taken for dead only after its time.
    ringOrphans: () => void (db.dialect === 'sqlite' && runner.ring(orphanJob(desk))),
  };
}

function watch({ metrics }: Opened, container: Container): void {
  const engine = container.get(Engine);
  const help = 'Calls to processors under way.';
  metrics.gauge('pointsman_operations_in_flight', help, () => engine.callingCount);
  watchAccounts(metrics.registry, container.get(tokens.routing).health);
}

function sandboxClockOf(
  { db, clock }: Opened,
  container: Container,
  plugins: PluginParts,
): SandboxClock {
  const due = dueWork(
    container.get(tokens.desk),
    container.get(tokens.incoming),
    container.get(tokens.webhooks),
    container.get(Dispatcher),
  );
  return new SandboxClock(db, clock, [...due, ...plugins.dueWork]);
}

/** What becomes of every request's record, and of faults of ours. */
function written({ log, metrics }: Opened): Pick<AppDeps, 'onRequest' | 'onError'> {
  return {
    onRequest: (record) => {
      metrics.request(record);
      log.info('request', fieldsOf(record));
    },
    onError: (error, requestId) => {
      log.error('request failed', { request_id: requestId, ...errorFields(error) });
    },
  };
}

function runnerOf(
  opened: Opened,
  container: Container,
  refreshClock: () => Promise<void>,
  byThemselves: boolean,
  plugins: PluginParts,
): { readonly runner: Runner; readonly ids: readonly string[] } {
  const { db, log, metrics, simulatorUrl } = opened;
  const accounts = container.get(Accounts);
  const own = jobs({
    desk: container.get(tokens.desk),
    incoming: container.get(tokens.incoming),
    webhooks: container.get(tokens.webhooks),
    dispatcher: container.get(Dispatcher),
    idempotency: container.get(Idempotency),
    log,
    metrics,
    refreshClock,
    routingFile: opened.routingFile,
    rules: {
      db,
      clock: opened.clock,
      accounts,
      source: container.get(RulesSource),
    },
    compareSimulator: simulatorUrl === null ? undefined : () => compareRecent(opened, accounts),
  });
  const work = [...own, ...plugins.jobs];
  const runner = new Runner(work, new Leases(db), jobObserver(log, metrics));
  const takenIn = work.find(({ id }) => id === 'incoming');
  if (takenIn && byThemselves) container.get(tokens.bell).hang(() => void runner.ring(takenIn));
  const fanOut = work.find(({ id }) => id === 'webhook-fan-out');
  if (fanOut && byThemselves) opened.outlet.bell.hang(() => void runner.ring(fanOut));
  const told = work.find(({ id }) => id === 'plugin-inbox');
  if (told && byThemselves) plugins.bell.hang(() => void runner.ring(told));
  return { runner, ids: own.map(({ id }) => id) };
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
