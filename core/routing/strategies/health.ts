/**
 * How an account's processor has been answering, and whether it gets payments. Pure: what was, what
 * happened and when in; what is, out. Outcomes are counted in buckets over a sliding window; the
 * breaker opens when too many calls got no answer, lets a few probes through after a while, and
 * closes when they are answered. A decline is an answer: it says nothing bad of the processor.
 */
import { defineMachine } from '../../base/machine.ts';

export const breakerMachine = defineMachine({
  name: 'breaker',
  initial: 'closed',
  states: {
    closed: { trip: 'open' },
    open: { cool_down: 'half_open' },
    half_open: { recover: 'closed', relapse: 'open' },
  },
});

export type BreakerState = (typeof breakerMachine.states)[number];

export interface HealthSettings {
  /** The window that is looked at, and the step in which it slides. */
  readonly windowMs: number;
  readonly bucketMs: number;
  /** Fewer calls than that in the window never open the breaker. */
  readonly callsMin: number;
  /** It opens when this part of the calls failed: 0.5 is half of them. */
  readonly failedShare: number;
  /** It opens at once after so many failures with no answer in between. */
  readonly failedInARow: number;
  /** How long it stays open the first time; twice as long after each probe that fails. */
  readonly openMs: number;
  readonly openMsMax: number;
  /** Probes on their way at once, and how many answers close it. */
  readonly probesMax: number;
  readonly probesToClose: number;
  /** A probe whose end was never told is forgotten after this. */
  readonly probeTimeoutMs: number;
  /** An account is silent when so many calls have waited so long, and none was answered. */
  readonly silentMs: number;
  readonly silentCalls: number;
}

export const healthDefaults: HealthSettings = {
  windowMs: 60_000,
  bucketMs: 5_000,
  callsMin: 10,
  failedShare: 0.5,
  // A busy account has thousands of good calls in its window; half of it would have to fail first.
  failedInARow: 10,
  openMs: 15_000,
  openMsMax: 300_000,
  probesMax: 1,
  probesToClose: 3,
  // As long as any call may take before it is asked about (see docs/ARCHITECTURE.md).
  probeTimeoutMs: 150_000,
  // A third of the time a call may take (config: processors.timeout_ms): a slow processor still
  // answers somebody within it, and then it is not silent.
  silentMs: 10_000,
  silentCalls: 10,
};

export interface Bucket {
  readonly start_ms: number;
  readonly approved: number;
  readonly declined: number;
  /** Faults: no answer, or none that means anything. */
  readonly failed: number;
  readonly latency_ms: number;
}

export interface Health {
  /** Oldest first; never more than fit into the window. */
  readonly buckets: readonly Bucket[];
  /** Failures since the last answer. */
  readonly failed_in_a_row: number;
  readonly state: BreakerState;
  /** When the state began. */
  readonly since_ms: number;
  /** How often it was opened without closing in between. */
  readonly openings: number;
  /** When each probe that is on its way was sent. */
  readonly probes_ms: readonly number[];
  /** Probes that were answered since it is half open. */
  readonly probes_answered: number;
}

export const healthy: Health = {
  buckets: [],
  failed_in_a_row: 0,
  state: breakerMachine.initial,
  since_ms: 0,
  openings: 0,
  probes_ms: [],
  probes_answered: 0,
};

export interface CallEnd {
  readonly outcome: 'approved' | 'declined' | 'failed';
  readonly latencyMs: number;
  /** It was let through by {@link admit} as a probe. */
  readonly probe: boolean;
}

/** The health after a call ended. */
export function recordCall(
  health: Health,
  call: CallEnd,
  nowMs: number,
  settings: HealthSettings = healthDefaults,
): Health {
  const counted = {
    ...health,
    buckets: bucketsWith(health.buckets, call, nowMs, settings),
    failed_in_a_row: call.outcome === 'failed' ? health.failed_in_a_row + 1 : 0,
  };
  switch (health.state) {
    case 'closed': {
      const trips = call.outcome === 'failed' && isFailing(counted, nowMs, settings);
      return trips ? opened(counted, 'trip', nowMs) : counted;
    }
    case 'half_open':
      return call.probe ? afterProbe(counted, call, nowMs, settings) : counted;
    case 'open':
      // The late end of a call from before says nothing new.
      return counted;
  }
}

function bucketsWith(
  buckets: readonly Bucket[],
  { outcome, latencyMs }: CallEnd,
  nowMs: number,
  settings: HealthSettings,
): Bucket[] {
  const start = Math.floor(nowMs / settings.bucketMs) * settings.bucketMs;
  const kept = within(buckets, nowMs, settings);
  const last = kept.at(-1);
  // Nodes' clocks differ a little: what comes late is counted in the newest bucket.
  const current = last && last.start_ms >= start ? last : undefined;
  const bucket = current ?? {
    start_ms: start,
    approved: 0,
    declined: 0,
    failed: 0,
    latency_ms: 0,
  };
  const counted = {
    ...bucket,
    [outcome]: bucket[outcome] + 1,
    latency_ms: bucket.latency_ms + latencyMs,
  };
  return [...(current ? kept.slice(0, -1) : kept), counted];
}

function within(buckets: readonly Bucket[], nowMs: number, settings: HealthSettings): Bucket[] {
  const { windowMs, bucketMs } = settings;
  return buckets.filter(({ start_ms }) => start_ms + bucketMs > nowMs - windowMs);
}

export interface HealthFigures {
  readonly calls: number;
  readonly approved: number;
  readonly declined: number;
  readonly failed: number;
  /** The mean; undefined without calls. */
  readonly latencyMs: number | undefined;
}

/** What the window holds now. */
export function figuresOf(
  health: Health,
  nowMs: number,
  settings: HealthSettings = healthDefaults,
): HealthFigures {
  const sum = { approved: 0, declined: 0, failed: 0, latency: 0 };
  for (const bucket of within(health.buckets, nowMs, settings)) {
    sum.approved += bucket.approved;
    sum.declined += bucket.declined;
    sum.failed += bucket.failed;
    sum.latency += bucket.latency_ms;
  }
  const calls = sum.approved + sum.declined + sum.failed;
  const { latency, ...counts } = sum;
  return { calls, ...counts, latencyMs: calls === 0 ? undefined : latency / calls };
}

function isFailing(health: Health, nowMs: number, settings: HealthSettings): boolean {
  if (health.failed_in_a_row >= settings.failedInARow) return true;
  const { calls, failed } = figuresOf(health, nowMs, settings);
  return calls >= settings.callsMin && failed / calls >= settings.failedShare;
}

function moved(health: Health, event: 'trip' | 'cool_down' | 'recover' | 'relapse', nowMs: number) {
  const state = breakerMachine.next(health.state, event);
  if (!state) throw new RangeError(`a breaker that is ${health.state} cannot ${event}`);
  return { ...health, state, since_ms: nowMs, probes_ms: [], probes_answered: 0 };
}

function opened(health: Health, event: 'trip' | 'relapse', nowMs: number): Health {
  return { ...moved(health, event, nowMs), openings: health.openings + 1 };
}

function afterProbe(
  health: Health,
  call: CallEnd,
  nowMs: number,
  settings: HealthSettings,
): Health {
  if (call.outcome === 'failed') return opened(health, 'relapse', nowMs);
  const answered = health.probes_answered + 1;
  if (answered < settings.probesToClose) {
    return { ...health, probes_ms: health.probes_ms.slice(1), probes_answered: answered };
  }
  // The window still holds the outage; with it the first failure would open the breaker again.
  return { ...moved(health, 'recover', nowMs), openings: 0, buckets: [], failed_in_a_row: 0 };
}

/** When an open breaker lets the first probe through. */
export function coolsDownAt(health: Health, settings: HealthSettings = healthDefaults): number {
  const doublings = Math.min(Math.max(health.openings - 1, 0), 30);
  return health.since_ms + Math.min(settings.openMs * 2 ** doublings, settings.openMsMax);
}

/** What routing is told of the account; changes nothing. */
export function standing(
  health: Health,
  nowMs: number,
  settings: HealthSettings = healthDefaults,
): 'usable' | 'probe' | 'unhealthy' {
  if (health.state === 'closed') return 'usable';
  if (health.state === 'open') {
    return nowMs >= coolsDownAt(health, settings) ? 'probe' : 'unhealthy';
  }
  const onTheWay = health.probes_ms.filter((ms) => ms > nowMs - settings.probeTimeoutMs);
  return onTheWay.length < settings.probesMax ? 'probe' : 'unhealthy';
}

/** The calls of an account that are under way. */
export interface Waiting {
  /** The oldest first. */
  readonly calls: Iterable<{ readonly startedMs: number }>;
  /** When anything was answered last; -Infinity: never. */
  readonly answeredMs: number;
  /** Calls that failed since. */
  readonly failed: number;
}

/**
 * Whether the account says nothing any more, before the first call has run into its time limit. It
 * needs no state: the calls end, answered or not, and then the breaker knows.
 */
export function isSilent(
  { calls, answeredMs, failed }: Waiting,
  nowMs: number,
  { silentMs, silentCalls }: HealthSettings = healthDefaults,
): boolean {
  const limitMs = nowMs - silentMs;
  if (answeredMs > limitMs) return false;
  // Calls that have just run into their limit were waiting until now.
  let count = failed;
  for (const { startedMs } of calls) {
    if (startedMs > limitMs) return false;
    count += 1;
    if (count >= silentCalls) return true;
  }
  return false;
}

/**
 * The health once a payment was sent to the account. Where `standing` said `probe`, this one is it:
 * the change is to be committed guarded by the health it was decided on, so that no second payment
 * takes the same place.
 */
export function admit(
  health: Health,
  nowMs: number,
  settings: HealthSettings = healthDefaults,
): { readonly health: Health; readonly probe: boolean } {
  if (standing(health, nowMs, settings) !== 'probe') return { health, probe: false };
  const half = health.state === 'open' ? moved(health, 'cool_down', nowMs) : health;
  const live = half.probes_ms.filter((ms) => ms > nowMs - settings.probeTimeoutMs);
  return { health: { ...half, probes_ms: [...live, nowMs] }, probe: true };
}
