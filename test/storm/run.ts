/** One storm, or the calm that it is compared with: a switch, its receivers, events and kills. */
import { setTimeout as delay } from 'node:timers/promises';
import { advanceClock, request, type Door } from '../chaos/books.ts';
import { openPlace, type Place } from '../chaos/place.ts';
import { feed } from './feed.ts';
import { delaysMs, judge, quantile, type Happened, type Judgement } from './judge.ts';
import { badKinds, digestOf, openReceivers, type BadKind, type Receivers } from './receivers.ts';

export interface RunOptions {
  readonly events: number;
  readonly healthy: number;
  /** Misbehaving endpoints beside the healthy ones; none for the calm. */
  readonly bad: readonly BadKind[];
  readonly kills: number;
  readonly rate: number;
  readonly databaseUrl: string | undefined;
  /** Of every endpoint. What a killed process was sending is sent again 15 s after this. */
  readonly timeoutMs: number;
  /** Moves the sandbox's clock over that pause instead of waiting for it. */
  readonly hurry: boolean;
}

export interface Outcome extends Judgement {
  readonly events: number;
  readonly kills: number;
  readonly canaryConnections: number;
  /** Bad endpoints whose delivery log does not show what they did. */
  readonly unproven: readonly string[];
  /** What the delivery log says of each bad endpoint, and how often. */
  readonly badEnds: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Of the healthy endpoints, from commit to first receipt. */
  readonly delayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** From the first event to the last receipt that was waited for. */
  readonly durationMs: number;
  readonly floodedBytes: number;
  /** A boot is part of the delay of what happened just before a kill. */
  readonly slowestBootMs: number;
  /** Exit codes of a switch that ended though nobody had killed it. */
  readonly falls: readonly string[];
}

/** Longer than a lost claim (25 s) and a boot: whoever has heard nothing by then will not. */
const stallMs = 60_000;
const hurriedStallMs = 1_500;
/** Of the hurried: the first retries are due after five minutes, and nothing needs those. */
const hurriesMax = 4;
const pollMs = 100;

export async function runStorm(options: RunOptions): Promise<Outcome> {
  const { databaseUrl } = options;
  const receivers = await openReceivers();
  const place = await openPlace({ nodes: 1, control: undefined, databaseUrl, dataDir: undefined });
  try {
    return await through(options, receivers, place);
  } finally {
    receivers.close();
    await place.close(false);
  }
}

async function through(options: RunOptions, receivers: Receivers, place: Place): Promise<Outcome> {
  const door = doorOf(place);
  const healthy = Array.from({ length: options.healthy }, (_, nth) => String(nth));
  const ids = new Map<string, string>();
  for (const name of [...options.bad, ...healthy]) {
    const url = receivers.urlOf(name);
    const body = { url, timeout_ms: options.timeoutMs };
    const made = await request<{ id: string; secret: string }>(door, '/v1/webhook_endpoints', {
      method: 'POST',
      body,
    });
    receivers.trust(name, made.secret);
    ids.set(name, made.id);
  }
  const live = [...healthy, ...options.bad.filter((kind) => badKinds[kind] === undefined)];
  const startedMs = performance.now();
  const acknowledged = await blow(options, place);
  await settled(options, receivers, live, door);
  const durationMs = performance.now() - startedMs;
  const badEnds = await proof(options.bad, ids, door);
  const events = await readEvents(door);
  const delays = delaysMs(events, receivers.receipts, healthy);
  const share = (part: number) => Math.round(quantile(delays, part));
  return {
    ...judge(acknowledged, events, receivers.receipts, live),
    events: events.length,
    kills: options.kills,
    canaryConnections: receivers.canaryConnections,
    unproven: options.bad.filter((kind) => !isProven(kind, badEnds[kind])),
    badEnds,
    delayMs: { p50: share(0.5), p99: share(0.99), max: share(1) },
    durationMs,
    floodedBytes: receivers.floodedBytes,
    slowestBootMs: Math.round(Math.max(...place.nodes.flatMap((node) => node.bootsMs))),
    falls: place.nodes.flatMap((node) => node.falls),
  };
}

function doorOf({ nodes: [node], credentials }: Place): Door {
  if (!node) throw new Error('a storm needs a switch');
  return { url: node.url, secretKey: credentials.secret_key, adminKey: credentials.admin_key };
}

/** The events, with the kills spread evenly among them; answers how many were acknowledged. */
async function blow({ events, kills, rate }: RunOptions, place: Place): Promise<number> {
  const due = new Set<number>();
  for (let nth = 1; nth <= kills; nth += 1) due.add(Math.floor((events * nth) / (kills + 1)));
  const failures: unknown[] = [];
  let killing: Promise<unknown> = Promise.resolve();
  const before = (nth: number) => {
    if (!due.has(nth)) return;
    const next = killing.then(() => place.nodes[0]?.kill());
    // Told when everything has been asked for: a rejection that nobody awaits ends the process.
    killing = next.catch((error: unknown) => failures.push(error));
  };
  const acknowledged = await feed(place, { events, rate, before });
  await killing;
  if (failures.length > 0) throw failures[0];
  return acknowledged;
}

/** Until every live endpoint has heard of everything, or nothing new has come for too long. */
async function settled(
  { events, hurry }: RunOptions,
  receivers: Receivers,
  live: readonly string[],
  door: Door,
): Promise<void> {
  const total = () => live.reduce((sum, name) => sum + receivers.heardBy(name), 0);
  let hurries = hurry ? hurriesMax : 0;
  let known = total();
  let newsMs = performance.now();
  while (known < live.length * events) {
    await delay(pollMs);
    const now = total();
    if (now > known) newsMs = performance.now();
    known = now;
    const quietMs = performance.now() - newsMs;
    if (quietMs > stallMs) return;
    if (quietMs > hurriedStallMs && hurries > 0) {
      hurries -= 1;
      await advanceClock(door, '1m');
      newsMs = performance.now();
    }
  }
}

interface DeliveryView {
  readonly id: string;
  readonly state: string;
  readonly last_error: string | null;
}

/** What the log says of the bad ones; asked again until it shows what they did, or for a minute. */
async function proof(
  bad: readonly BadKind[],
  ids: ReadonlyMap<string, string>,
  door: Door,
): Promise<Record<string, Record<string, number>>> {
  const startedMs = performance.now();
  for (;;) {
    const ends: Record<string, Record<string, number>> = {};
    for (const kind of bad) ends[kind] = await endsOf(door, ids.get(kind) ?? '');
    if (bad.every((kind) => isProven(kind, ends[kind]))) return ends;
    if (performance.now() - startedMs > stallMs) return ends;
    await delay(pollMs);
  }
}

async function endsOf(door: Door, endpoint: string): Promise<Record<string, number>> {
  const ends: Record<string, number> = {};
  const path = `/v1/webhook_deliveries?endpoint=${endpoint}`;
  for (const { state, last_error: error } of await all<DeliveryView>(door, path)) {
    const end = error ?? (state === 'pending' ? 'not tried yet' : state);
    ends[end] = (ends[end] ?? 0) + 1;
  }
  return ends;
}

function isProven(kind: BadKind, ends: Readonly<Record<string, number>> = {}): boolean {
  const pattern = badKinds[kind] ?? /^delivered$/;
  return Object.keys(ends).some((end) => pattern.test(end));
}

const parallel = 8;

async function readEvents(door: Door): Promise<Happened[]> {
  const listed = await all<{ id: string; created_at: string }>(door, '/v1/events?');
  const found: Happened[] = [];
  const queue = listed.values();
  const reader = async () => {
    for (const { id, created_at: at } of queue) {
      const headers = { authorization: `Bearer ${door.secretKey}` };
      const response = await fetch(`${door.url}/v1/events/${id}`, { headers });
      if (!response.ok) throw new Error(`event ${id}: ${response.status}`);
      const digest = digestOf(Buffer.from(await response.arrayBuffer()));
      found.push({ id, createdMs: Date.parse(at), digest });
    }
  };
  await Promise.all(Array.from({ length: parallel }, reader));
  return found;
}

/** Every page of a list. */
async function all<T extends { readonly id: string }>(door: Door, path: string): Promise<T[]> {
  const found: T[] = [];
  for (;;) {
    const last = found.at(-1);
    const after = last ? `&starting_after=${last.id}` : '';
    const page = await request<{ data: T[]; has_more: boolean }>(door, `${path}&limit=100${after}`);
    found.push(...page.data);
    if (!page.has_more) return found;
  }
}
