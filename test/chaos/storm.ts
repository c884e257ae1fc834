/** What the processor does to us: fault rules for the simulator, drawn from the seed. */
import { randomOf } from './random.ts';

interface Rule {
  readonly fault: string;
  readonly probability: number;
  readonly kind?: string;
  readonly latency_ms?: number;
}

/** How long one call may take: short, so that silence is found out soon. */
export const callTimeoutMs = 1_200;

/**
 * How long the processor may hide what it has done. Longer than the switch's first question (5 s
 * after the loss), so that one "not found" is a trap; shorter than the grace, so that two are
 * proof.
 */
export const lagMs = 6_000;
export const absenceGraceMs = 7_500;

/** Operations that move money; a lie about the amount of one ends in review, by design. */
const money = ['authorize', 'capture', 'void', 'refund'] as const;

/** Fault → how likely it strikes one request, before the seed bends it. */
const everyday: Readonly<Record<string, number>> = {
  latency: 0.03,
  timeout_before: 0.004,
  timeout_after: 0.008,
  error_before: 0.008,
  error_after: 0.01,
  html: 0.006,
  empty: 0.006,
  cut_body: 0.008,
  reset_before: 0.008,
  reset_after: 0.01,
  status_429: 0.008,
  status_503: 0.006,
  not_found_lag: 0.08,
  duplicate_webhooks: 0.12,
  reordered_webhooks: 0.12,
};

/** The storm of a seed: every fault, some seeds heavier on one, some on another. */
export function rulesOf(seed: number): readonly Rule[] {
  const random = randomOf(seed, 'storm');
  const rules: Rule[] = Object.entries(everyday).map(([fault, base]) => ({
    fault,
    probability: base * (0.5 + 1.5 * random.next()),
    ...(fault === 'latency' ? { latency_ms: random.between(50, 700) } : {}),
    ...(fault === 'not_found_lag' ? { latency_ms: lagMs } : {}),
  }));
  for (const kind of money) {
    rules.push({ fault: 'wrong_amount', kind, probability: 0.001 });
    rules.push({ fault: 'wrong_reference', kind, probability: 0.0005 });
    rules.push({ fault: 'invented_status', kind, probability: 0.004 });
    if (kind !== 'authorize') rules.push({ fault: 'decline', kind, probability: 0.01 });
  }
  return rules;
}

/** Sends the rules; each gets a seed of its own. */
export async function startStorm(simulatorUrl: string, seed: number): Promise<void> {
  await control(simulatorUrl, 'POST', '/control/settings', { latency_ms: 12 });
  for (const [place, rule] of rulesOf(seed).entries()) {
    await control(simulatorUrl, 'POST', '/control/faults', { ...rule, seed: (seed + place) >>> 0 });
  }
}

/** Ends it; answers how often each fault struck. */
export async function endStorm(simulatorUrl: string): Promise<Record<string, number>> {
  const { rules } = (await control(simulatorUrl, 'GET', '/control/faults')) as {
    rules: { fault: string; fired: number }[];
  };
  await control(simulatorUrl, 'DELETE', '/control/faults');
  const struck: Record<string, number> = {};
  for (const { fault, fired } of rules) struck[fault] = (struck[fault] ?? 0) + fired;
  return struck;
}

async function control(
  simulatorUrl: string,
  method: string,
  path: string,
  body?: object,
): Promise<unknown> {
  const response = await fetch(simulatorUrl + path, {
    method,
    ...(body ? { body: JSON.stringify(body) } : {}),
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.json();
}
