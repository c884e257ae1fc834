/** Faults on request: which rules there are, and which of them strike a given request. */
import { isRecord, readChoice, readOptionalNumber, readOptionalText, type Body } from './fields.ts';
import { merchantOf } from './ids.ts';
import { Refusal } from './refusal.ts';

/** fault → what it does; the README must name each (a spec looks). */
export const faultDescriptions = {
  latency: 'answers after latency_ms (default 1000)',
  timeout_before: 'never answers, nothing done',
  timeout_after: 'done, never answers',
  error_before: 'HTTP 500, nothing done',
  error_after: 'done, HTTP 500',
  html: 'done, HTTP 200 with a page of HTML',
  empty: 'done, HTTP 200 with an empty body',
  cut_body: 'done, the connection ends in the middle of the body',
  reset_before: 'connection dropped, nothing done',
  reset_after: 'done, connection dropped',
  wrong_amount: 'done, the answer says one minor unit more',
  wrong_currency: 'done, the answer names another currency',
  wrong_reference: 'done, the answer echoes another reference',
  invented_status: 'done, the answer has a status word nobody knows',
  status_429: 'HTTP 429, nothing done',
  status_503: 'HTTP 503, nothing done',
  decline: 'capture, void or refund is declined (05); no effect on an authorization',
  not_found_lag: 'done, but a lookup says 404 for latency_ms (default 1000) after creation',
  duplicate_webhooks: 'done, every webhook of it is sent twice',
  reordered_webhooks: 'done, its first webhook is sent after the one that follows it',
} as const;

export type FaultName = keyof typeof faultDescriptions;
export const faultNames = Object.keys(faultDescriptions) as readonly FaultName[];

export const faultKinds = [
  'authorize',
  'capture',
  'void',
  'refund',
  'approve',
  'reject',
  'lookup',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface ActiveFault {
  readonly name: FaultName;
  readonly latencyMs: number;
}

interface FaultRule {
  readonly id: string;
  /** Missing: every kind. */
  readonly kind: FaultKind | undefined;
  /** Missing: every merchant account. */
  readonly merchant: string | undefined;
  readonly fault: ActiveFault;
  readonly probability: number;
  /** Strikes left; undefined: no end. */
  left: number | undefined;
  fired: number;
  readonly random: () => number;
}

const latencyDefaultMs = 1000;

/** mulberry32: 32-bit seeded noise, the same on every machine, so that a storm can be repeated. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `"timeout_after"`, `"latency:300"` or `{fault, latency_ms}`; undefined when nothing is asked. */
export function readSimulate(value: unknown): ActiveFault | undefined {
  if (value === undefined || value === null) return undefined;
  let body: Body = isRecord(value) ? value : {};
  if (typeof value === 'string') {
    const [fault, latency] = value.split(':');
    body = { fault, ...(latency !== undefined && { latency_ms: Number(latency) }) };
  }
  return readFault(body);
}

function readFault(body: Body): ActiveFault {
  return {
    name: readChoice(body, 'fault', faultNames),
    latencyMs: readOptionalNumber(body, 'latency_ms', 0, 600_000) ?? latencyDefaultMs,
  };
}

export class Faults {
  #rules: FaultRule[] = [];
  #made = 0;
  /** References whose own `simulate` has struck: a repeat of the request goes through. */
  readonly #struck = new Set<string>();

  /** Adds one rule from a request body; answers with it as listed. */
  add(body: Body): unknown {
    this.#made += 1;
    const apiKey = readOptionalText(body, 'api_key');
    const seed = readOptionalNumber(body, 'seed', 0, 0xffff_ffff);
    const rule: FaultRule = {
      id: `rule_${this.#made}`,
      kind: body['kind'] === undefined ? undefined : readChoice(body, 'kind', faultKinds),
      merchant: apiKey === undefined ? undefined : merchantOf(apiKey),
      fault: readFault(body),
      probability: readOptionalNumber(body, 'probability', 0, 1) ?? 1,
      left: readOptionalNumber(body, 'times', 1, Number.MAX_SAFE_INTEGER),
      fired: 0,
      random: seed === undefined ? Math.random : seededRandom(seed),
    };
    if (rule.left !== undefined && !Number.isInteger(rule.left)) {
      throw new Refusal('invalid_request', 'times must be a whole number', 'times');
    }
    this.#rules.push(rule);
    return ruleView(rule);
  }

  list(): unknown[] {
    return this.#rules.map(ruleView);
  }

  clear(): void {
    this.#rules = [];
  }

  /** The faults that hit this request; counts them. */
  strike(
    kind: FaultKind,
    merchant: string,
    own?: { fault: ActiveFault | undefined; reference: string },
  ): readonly ActiveFault[] {
    if (this.#rules.length === 0 && own?.fault === undefined) return none;
    const active: ActiveFault[] = [];
    if (own?.fault !== undefined && !this.#struck.has(`${merchant} ${own.reference}`)) {
      this.#struck.add(`${merchant} ${own.reference}`);
      active.push(own.fault);
    }
    for (const rule of this.#rules) {
      if (rule.kind !== undefined && rule.kind !== kind) continue;
      if (rule.merchant !== undefined && rule.merchant !== merchant) continue;
      if (rule.left === 0 || rule.random() >= rule.probability) continue;
      if (rule.left !== undefined) rule.left -= 1;
      rule.fired += 1;
      active.push(rule.fault);
    }
    return active;
  }
}

const none: readonly ActiveFault[] = Object.freeze([]);

function ruleView(rule: FaultRule): unknown {
  return {
    id: rule.id,
    kind: rule.kind ?? null,
    merchant: rule.merchant ?? null,
    fault: rule.fault.name,
    latency_ms: rule.fault.latencyMs,
    probability: rule.probability,
    times_left: rule.left ?? null,
    fired: rule.fired,
  };
}
