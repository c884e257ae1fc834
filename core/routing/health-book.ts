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
  isSilent,
  recordCall,
  standing,
  type CallEnd,
  type Health,
  type HealthFigures,
  type HealthSettings,
} from './strategies/health.ts';

interface Standing {
  health: Health;
  /** Authorizations by how they ended, per hour, oldest first: the success rate is made of them. */
  hours: { start: number; approved: number; total: number }[];
  /** Calls under way, in the order they began. */
  readonly flights: Set<Flight>;
  answeredMs: number;
}

/** A call that is under way. */
export interface Flight {
  readonly startedMs: number;
  /** It is the probe of a breaker that is open. */
  readonly probe: boolean;
}

export interface WaitingFigures {
  readonly calls: number;
  /** Undefined: none is under way. */
  readonly oldestMs: number | undefined;
  readonly silent: boolean;
}

const newStanding = (): Standing => ({
  health: healthy,
  hours: [],
  flights: new Set(),
  answeredMs: -Infinity,
});

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
    if (!known) return 'usable';
    const now = this.#clock.now();
    return this.#isSilent(known, now) ? 'unhealthy' : standing(known.health, now, this.#settings);
  }

  /** A call to the account begins; a payment that is sent there may be a probe. */
  begin(accountId: string, payment: boolean): Flight {
    const startedMs = this.#clock.now();
    const known = this.#of(accountId);
    const admitted = payment ? admit(known.health, startedMs, this.#settings) : undefined;
    if (admitted) known.health = admitted.health;
    const flight = { startedMs, probe: admitted?.probe ?? false };
    known.flights.add(flight);
    return flight;
  }

  /** A call ended. Only authorizations count towards the success rate. */
  record(
    accountId: string,
    flight: Flight,
    end: Omit<CallEnd, 'probe'>,
    authorization: boolean,
  ): void {
    const now = this.#clock.now();
    const known = this.#of(accountId);
    const call = { ...end, probe: flight.probe };
    known.flights.delete(flight);
    if (call.outcome !== 'failed') known.answeredMs = now;
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

  /** What is under way at the account, and whether that has been for too long. */
  waitingAt(accountId: string): WaitingFigures {
    const known = this.#of(accountId);
    const now = this.#clock.now();
    const [oldest] = known.flights;
    return {
      calls: known.flights.size,
      oldestMs: oldest && now - oldest.startedMs,
      silent: this.#isSilent(known, now),
    };
  }

  #isSilent({ flights, answeredMs, health }: Standing, nowMs: number): boolean {
    const failed = health.failed_in_a_row;
    return isSilent({ calls: flights, answeredMs, failed }, nowMs, this.#settings);
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
    if (!known) this.#accounts.set(accountId, (known = newStanding()));
    return known;
  }
}
