/** What is counted, for Prometheus. Labels are closed sets: no id but the account's is one. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { failoverCounter } from './routing-metrics.ts';
import type { RequestRecord } from '../http/app.ts';
import type { Check } from '../ledger/verify.ts';
import type { EngineObserver } from '../payments/engine.ts';
import type { CommitObserver } from '../storage/index.ts';

/**
 * What belongs to the process, whose observers are never taken off: in the registry of a switch
 * they would keep all of it in memory after it has stopped.
 */
const ofProcess = new Registry();
collectDefaultMetrics({ register: ofProcess });

export class Metrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: 'pointsman_http_requests_total',
    help: 'Requests answered.',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [this.registry],
  });
  readonly #requestSeconds = new Histogram({
    name: 'pointsman_http_request_seconds',
    help: 'From the first byte to the answer.',
    labelNames: ['route'] as const,
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers: [this.registry],
  });
  readonly #payments = new Counter({
    name: 'pointsman_payment_operations_total',
    help: 'Operations by how they ended (or were left), by account.',
    labelNames: ['kind', 'state', 'account'] as const,
    registers: [this.registry],
  });
  readonly #processorSeconds = new Histogram({
    name: 'pointsman_processor_seconds',
    help: 'How long processors take to answer.',
    labelNames: ['account', 'kind'] as const,
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    registers: [this.registry],
  });
  readonly #batchSize = new Histogram({
    name: 'pointsman_commit_batch_size',
    help: 'Change sets that shared one fsync.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers: [this.registry],
  });
  readonly #commitSeconds = new Histogram({
    name: 'pointsman_commit_seconds',
    help: 'How long a commit takes to be durable.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1],
    registers: [this.registry],
  });

  readonly failedOver = failoverCounter(this.registry);

  /** For whoever scrapes: the switch's own and the process's. */
  exposition(): { readonly contentType: string; text(): Promise<string> } {
    const all = Registry.merge([this.registry, ofProcess]);
    return { contentType: all.contentType, text: () => all.metrics() };
  }

  readonly commits: CommitObserver = {
    batch: (size, durationMs) => {
      this.#batchSize.observe(size);
      this.#commitSeconds.observe(durationMs / 1000);
    },
  };

  request({ method, route, status, durationMs }: RequestRecord): void {
    this.#requests.inc({ method, route, status });
    this.#requestSeconds.observe({ route }, durationMs / 1000);
  }

  readonly called: EngineObserver['called'] = ({ record }, kind, verdict, durationMs) => {
    this.#payments.inc({ kind, state: verdict.state, account: record.id });
    this.#processorSeconds.observe({ account: record.id, kind }, durationMs / 1000);
  };

  readonly #unresolved = new Gauge({
    name: 'pointsman_unresolved_operations',
    help: 'Operations whose outcome is asked for, by state.',
    labelNames: ['state'] as const,
    registers: [this.registry],
  });
  readonly #needsOperator = new Counter({
    name: 'pointsman_needs_operator_total',
    help: 'Operations whose outcome nobody could tell within the schedule.',
    registers: [this.registry],
  });
  readonly #breaches = new Gauge({
    name: 'pointsman_invariant_breaches',
    help: 'Breaches found by the last check of each invariant; anything but 0 is an alarm.',
    labelNames: ['invariant'] as const,
    registers: [this.registry],
  });
  readonly #jobs = new Counter({
    name: 'pointsman_job_runs_total',
    help: 'Runs of the switch’s own jobs.',
    labelNames: ['job', 'result'] as const,
    registers: [this.registry],
  });
  readonly #jobSeconds = new Histogram({
    name: 'pointsman_job_seconds',
    help: 'How long a job takes.',
    labelNames: ['job'] as const,
    buckets: [0.001, 0.01, 0.1, 1, 10, 60],
    registers: [this.registry],
  });

  readonly #rulesReloads = new Counter({
    name: 'pointsman_routing_reloads_total',
    help: 'Readings of the changed rules file: done, or refused for what is wrong in it.',
    labelNames: ['result'] as const,
    registers: [this.registry],
  });
  readonly #rulesInfo = new Gauge({
    name: 'pointsman_routing_rules_info',
    help: 'The version of the box’s rules that is in use.',
    labelNames: ['version'] as const,
    registers: [this.registry],
  });
  readonly #draftsWithdrawn = new Counter({
    name: 'pointsman_routing_drafts_withdrawn_total',
    help: 'Drafts of rules that their guard gave up.',
    registers: [this.registry],
  });

  rulesReloaded(result: 'done' | 'refused'): void {
    this.#rulesReloads.inc({ result });
  }

  rulesInUse(version: string): void {
    this.#rulesInfo.reset();
    this.#rulesInfo.set({ version }, 1);
  }

  draftWithdrawn(): void {
    this.#draftsWithdrawn.inc();
  }

  readonly #webhooks = new Counter({
    name: 'pointsman_incoming_webhooks_total',
    help: 'Webhooks of processors, by what became of them.',
    labelNames: ['result'] as const,
    registers: [this.registry],
  });

  webhook(result: string): void {
    this.#webhooks.inc({ result });
  }

  readonly #deliveries = new Counter({
    name: 'pointsman_webhook_attempts_total',
    help: 'Attempts to deliver a webhook, by how the delivery stands after it.',
    labelNames: ['state'] as const,
    registers: [this.registry],
  });
  readonly #deliverySeconds = new Histogram({
    name: 'pointsman_webhook_seconds',
    help: 'How long receivers of webhooks take to answer.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    registers: [this.registry],
  });

  delivery(state: string, durationMs: number): void {
    this.#deliveries.inc({ state });
    this.#deliverySeconds.observe(durationMs / 1000);
  }

  unresolved(counts: Readonly<Record<string, number>>): void {
    for (const state of ['calling', 'pending', 'unknown']) {
      this.#unresolved.set({ state }, counts[state] ?? 0);
    }
  }

  needsOperator(): void {
    this.#needsOperator.inc();
  }

  checked(checks: readonly Check[]): void {
    for (const { id, breaches } of checks) this.#breaches.set({ invariant: id }, breaches.length);
  }

  jobRan(job: string, durationMs: number): void {
    this.#jobs.inc({ job, result: 'done' });
    this.#jobSeconds.observe({ job }, durationMs / 1000);
  }

  jobFailed(job: string): void {
    this.#jobs.inc({ job, result: 'failed' });
  }

  /** A number that is asked for when it is scraped. */
  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => gauge.set(read()),
    });
  }
}
