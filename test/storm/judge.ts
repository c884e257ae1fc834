/** What a storm must not have done, decided from what happened and what was received. */

/** An event as the switch itself tells it afterwards. */
export interface Happened {
  readonly id: string;
  readonly createdMs: number;
  /** SHA-256 of what `GET /v1/events/{id}` answers. */
  readonly digest: string;
}

export interface Receipt {
  readonly endpoint: string;
  /** The header webhook-id. */
  readonly id: string;
  readonly atMs: number;
  /** SHA-256 of the body. */
  readonly digest: string;
  readonly isVerified: boolean;
}

export interface Findings {
  /** Events that were asked for and acknowledged, and are not in the books, or too many there. */
  readonly miscounted: number;
  /** `endpoint event`: a live endpoint that never heard of it. */
  readonly missing: readonly string[];
  /** Received, but it never happened. */
  readonly invented: readonly string[];
  readonly unverified: readonly string[];
  /** Other bytes than the event has. */
  readonly altered: readonly string[];
}

/** Receipts after the first, of the same event at the same endpoint: allowed, and counted. */
export interface Judgement extends Findings {
  readonly received: number;
  readonly repeats: number;
}

const nameOf = ({ endpoint, id }: Pick<Receipt, 'endpoint' | 'id'>) => `${endpoint} ${id}`;

/** `live`: endpoints that answer 2xx and so must have heard of every event. */
export function judge(
  acknowledged: number,
  events: readonly Happened[],
  receipts: readonly Receipt[],
  live: readonly string[],
): Judgement {
  const digests = new Map(events.map(({ id, digest }) => [id, digest]));
  const heard = new Set(receipts.map(nameOf));
  const known = receipts.filter(({ id }) => digests.has(id));
  return {
    miscounted: Math.abs(acknowledged - events.length),
    missing: live.flatMap((endpoint) =>
      events.map(({ id }) => nameOf({ endpoint, id })).filter((name) => !heard.has(name)),
    ),
    invented: receipts.filter(({ id }) => !digests.has(id)).map(nameOf),
    unverified: receipts.filter(({ isVerified }) => !isVerified).map(nameOf),
    altered: known.filter(({ id, digest }) => digests.get(id) !== digest).map(nameOf),
    received: receipts.length,
    repeats: receipts.length - heard.size,
  };
}

/** From each event's creation to its first receipt, per endpoint, in milliseconds, ascending. */
export function delaysMs(
  events: readonly Happened[],
  receipts: readonly Receipt[],
  endpoints: readonly string[],
): number[] {
  const created = new Map(events.map(({ id, createdMs }) => [id, createdMs]));
  const counted = new Set(endpoints);
  const first = new Map<string, number>();
  for (const receipt of receipts) {
    const at = created.get(receipt.id);
    if (at === undefined || !counted.has(receipt.endpoint)) continue;
    const name = nameOf(receipt);
    first.set(name, Math.min(first.get(name) ?? Infinity, receipt.atMs - at));
  }
  return [...first.values()].sort((one, other) => one - other);
}

/** Of ascending values; 0 of none. */
export function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.ceil(ascending.length * share) - 1] ?? 0;
}
