/**
 * How each account's processor has been answering, as this node sees it. In memory: after a restart
 * everybody begins healthy, and an outage that lasts is noticed again within a few calls.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountStats } from './rules/facts.ts';
import {
  admit,
  figuresOf,
  healthDefaults,
  healthy,
  recordCall,
  standing,
  type CallEnd,
  type Health,
  type HealthFigures,
  type HealthSettings,
} from './strategies/health.ts';

/** Authorizations by how they ended, of late: what the success rate is made of. */
interface Standing {
  health: Health;
  /** Sums per hour, oldest first. */
  hours: { start: number; approved: number; total: number }[];
}

const hourMs = 3_600_000;

/** The success rate looks back further than the breaker does: a day. */
const rateHours = 24;

export class HealthBook {
  readonly #clock: Clock;
  readonly #settings: HealthSettings;
  readonly #accounts = new Map<string, Standing>();

  constructor(clock: Clock, settings: HealthSettings = healthDefaults) {
    this.#clock = clock;
    this.#settings = settings;
  }

  standingOf(accountId: string): 'usable' | 'probe' | 'unhealthy' {
    const known = this.#accounts.get(accountId);
    return known ? standing(known.health, this.#clock.now(), this.#settings) : 'usable';
  }

  /** A payment goes to the account; answers whether it is the probe of a breaker that is open. */
  admit(accountId: string): boolean {
    const known = this.#accounts.get(accountId);
    if (!known) return false;
    const { health, probe } = admit(known.health, this.#clock.now(), this.#settings);
    known.health = health;
    return probe;
  }

  /** A call ended. Only authorizations count towards the success rate. */
  record(accountId: string, call: CallEnd, authorization: boolean): void {
    const now = this.#clock.now();
    const known = this.#of(accountId);
    known.health = recordCall(known.health, call, now, this.#settings);
    if (!authorization || call.outcome === 'failed') return;
    const start = Math.floor(now / hourMs) * hourMs;
    let hour = known.hours.at(-1);
    if (!hour || hour.start < start) {
      hour = { start, approved: 0, total: 0 };
      known.hours = [...known.hours.slice(1 - rateHours), hour];
    }
    hour.total += 1;
    if (call.outcome === 'approved') hour.approved += 1;
  }

  statsOf(accountId: string): AccountStats {
    const since = this.#clock.now() - rateHours * hourMs;
    const stats = { approved: 0, total: 0 };
    for (const { start, approved, total } of this.#accounts.get(accountId)?.hours ?? []) {
      if (start + hourMs <= since) continue;
      stats.approved += approved;
      stats.total += total;
    }
    return stats;
  }

  figuresOf(accountId: string): HealthFigures & { readonly state: Health['state'] } {
    const { health } = this.#of(accountId);
    return { ...figuresOf(health, this.#clock.now(), this.#settings), state: health.state };
  }

  /** Every account that was called since the start. */
  get accountIds(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  /** Everybody is healthy again, as after a restart. */
  forget(): void {
    this.#accounts.clear();
  }

  #of(accountId: string): Standing {
    let known = this.#accounts.get(accountId);
    if (!known) this.#accounts.set(accountId, (known = { health: healthy, hours: [] }));
    return known;
  }
}
