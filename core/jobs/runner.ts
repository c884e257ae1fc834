/**
 * Work that comes round. node-cron only rings; whether there is something to do is asked of the
 * database, and a job that must run on one node alone takes its lease first.
 */
import { schedule, type ScheduledTask } from 'node-cron';
import type { Leases } from './lease.ts';

export interface Job {
  readonly id: string;
  /** Cron with seconds: `* * * * * *` rings every second. */
  readonly every: string;
  /** One node at a time; others skip the tick. Without it every node runs, and rows are claimed. */
  readonly alone: boolean;
  run(): Promise<void>;
}

export interface JobObserver {
  ran(id: string, durationMs: number): void;
  failed(id: string, error: unknown): void;
}

export class Runner {
  readonly #jobs: readonly Job[];
  readonly #leases: Leases;
  readonly #observer: JobObserver;
  readonly #tasks: ScheduledTask[] = [];
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(jobs: readonly Job[], leases: Leases, observer: JobObserver) {
    this.#jobs = jobs;
    this.#leases = leases;
    this.#observer = observer;
  }

  start(): void {
    for (const job of this.#jobs) {
      this.#tasks.push(
        // A ring while the last one still runs is no event: see ring().
        schedule(job.every, () => this.ring(job), { name: job.id }),
      );
    }
  }

  /** Runs the job once, unless it is running already; never throws. */
  ring(job: Job): Promise<void> {
    const running = this.#running.get(job.id);
    if (running || this.#stopped) return running ?? Promise.resolve();
    const started = this.#run(job).finally(() => this.#running.delete(job.id));
    this.#running.set(job.id, started);
    return started;
  }

  /** No new rings; what runs is waited for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const task of this.#tasks) await task.destroy();
    await Promise.all(this.#running.values());
  }

  async #run(job: Job): Promise<void> {
    const startedMs = performance.now();
    try {
      if (job.alone && !(await this.#leases.take(job.id))) return;
      await job.run();
      this.#observer.ran(job.id, performance.now() - startedMs);
    } catch (error) {
      this.#observer.failed(job.id, error);
    }
  }
}
