/** One attempt at one delivery: the body, the signature, the answer, and the rows it leaves. */
import { hour, isoTime, second } from '../base/clock.ts';
import { maskCards } from '../base/card-mask.ts';
import { Conflict, findOne, insert } from '../storage/index.ts';
import { deliveryChange } from './delivery.ts';
import type { WebhookDesk } from './desk.ts';
import { keepHealth } from './health.ts';
import { DeliveryFault, type WebhookAnswer } from './port.ts';
import {
  deliveryGuard,
  type AttemptRecord,
  type DeliveryRecord,
  type EndpointRecord,
} from './record.ts';
import { isSuccess, nextAttemptMs, type Manner } from './rules.ts';
import { profileSecretOf, secretsOf } from './secrets.ts';
import type { Signer } from './signer.ts';

/** As much of an answer as is kept. */
export const excerptLength = 1_024;

/** Headers of the answer that are kept: what helps to find out who answered. */
const keptHeaders = new Set(['content-type', 'server', 'date', 'location', 'retry-after']);

/** Between the end of an exchange and the commit of what came of it. */
const claimMarginMs = 15 * second;

/** Throws away nothing: a claim that is lost is free again after this long. */
export function claimMsOf({ timeoutMs }: Manner): number {
  return timeoutMs + claimMarginMs;
}

/** Undefined for a payment's own URL. */
export async function endpointOf(
  { db }: WebhookDesk,
  { endpoint_id: id }: DeliveryRecord,
): Promise<EndpointRecord | undefined> {
  return id === null ? undefined : findOne<EndpointRecord>(db, 'webhook_endpoints', { id });
}

/**
 * Why it is not to be attempted any more, if so. A ping goes to a disabled endpoint as well: that
 * is how its owner finds out whether it may be enabled.
 */
export function endOf(
  delivery: DeliveryRecord,
  endpoint: EndpointRecord | undefined,
  nowMs: number,
): Partial<DeliveryRecord> | undefined {
  const ended = { next_attempt_at: null } as const;
  if (delivery.expires_at <= isoTime(nowMs)) return { ...ended, state: 'expired' };
  if (!endpoint) return undefined;
  if (endpoint.deleted_at !== null) {
    return { ...ended, state: 'failed', last_error: 'the endpoint was deleted' };
  }
  if (endpoint.status === 'disabled' && delivery.event_type !== 'ping') {
    return { ...ended, state: 'failed', last_error: 'the endpoint is disabled' };
  }
  return undefined;
}

export interface Claimed {
  readonly delivery: DeliveryRecord;
  readonly endpoint: EndpointRecord | undefined;
  readonly manner: Manner;
}

/** What was sent, and what came back: an answer, a fault, or nothing that could be sent. */
interface Exchange {
  readonly headers: Readonly<Record<string, string>>;
  readonly answer?: WebhookAnswer;
  readonly fault?: string;
  readonly durationMs: number;
}

/**
 * Makes the attempt of a claimed delivery. Answers whether anybody was there to answer. One that we
 * broke off ourselves is held against nobody: its claim runs out, and it is made again.
 */
export async function attempt(
  desk: WebhookDesk,
  { delivery, endpoint, manner }: Claimed,
  isStopped: () => boolean,
): Promise<boolean> {
  const atMs = desk.clock.now();
  const url = endpoint?.url ?? delivery.url;
  const claimed = { delivery: { ...delivery, url }, endpoint, manner };
  const exchange = await converse(desk, claimed, atMs);
  if (!exchange.answer && isStopped()) return false;
  const delivered =
    exchange.answer !== undefined && isSuccess(manner.success, exchange.answer.status);
  await write(desk, claimed, exchange, delivered, atMs);
  if (endpoint) await keepHealth(desk, endpoint, delivered);
  return exchange.answer !== undefined;
}

async function converse(
  desk: WebhookDesk,
  { delivery, endpoint, manner: { timeoutMs } }: Claimed,
  atMs: number,
): Promise<Exchange> {
  const signer = desk.signers.get(delivery.signer);
  const event = { merchant_id: delivery.merchant_id, id: delivery.event_id };
  const body = signer && (await desk.payloads.of(event, signer));
  if (!signer || !body) {
    const fault = `no format "${delivery.signer}" for this event is installed`;
    return { headers: {}, fault, durationMs: 0 };
  }
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Pointsman-Webhooks/1',
    ...signer.sign({
      eventId: delivery.event_id,
      timestampS: Math.floor(desk.wall.now() / second),
      body,
      secrets: endpoint
        ? secretsOf(desk.keyring, endpoint, atMs)
        : [profileSecretOf(desk.keyring, delivery.profile_id ?? '')],
    }),
  };
  const shown = masked(headers, signer);
  try {
    const answer = await desk.port.post({ url: delivery.url, headers, body, timeoutMs });
    return { headers: shown, answer, durationMs: answer.durationMs };
  } catch (error) {
    if (!(error instanceof DeliveryFault)) throw error;
    const fault = `${error.kind}: ${error.message}`;
    return { headers: shown, fault, durationMs: error.durationMs };
  }
}

function masked(headers: Readonly<Record<string, string>>, signer: Signer) {
  const hidden = new Set(signer.secretHeaders);
  const pairs = Object.entries(headers).map(([name, value]) => [
    name,
    hidden.has(name) ? '…' : value,
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

async function write(
  desk: WebhookDesk,
  claimed: Claimed,
  exchange: Exchange,
  delivered: boolean,
  atMs: number,
): Promise<void> {
  const { delivery } = claimed;
  const set = outcome(claimed, exchange, delivered, desk.clock.now());
  const row = attemptRow(delivery, exchange, atMs);
  try {
    await desk.db.commit([deliveryChange(delivery, set), insert('webhook_attempts', { ...row })]);
  } catch (error) {
    if (!(error instanceof Conflict) || error.guard !== deliveryGuard) throw error;
    // Our claim ran out and somebody else has it, or a resend began it anew: theirs is the log.
    return;
  }
  desk.observer.attempted({ ...delivery, ...set, version: delivery.version + 1 }, row.duration_ms);
}

function outcome(
  { delivery, manner }: Claimed,
  { answer, fault }: Exchange,
  delivered: boolean,
  nowMs: number,
) {
  const made = {
    url: delivery.url,
    attempts: delivery.attempts + 1,
    round: delivery.round + 1,
    last_status: answer?.status ?? null,
    last_error: fault ?? (delivered || !answer ? null : `answered ${answer.status}`),
  };
  if (delivered) {
    const at = isoTime(nowMs);
    return { ...made, state: 'delivered', next_attempt_at: null, delivered_at: at } as const;
  }
  const round = { startedMs: Date.parse(delivery.round_started_at), seed: delivery.id };
  const nextMs = nextAttemptMs(manner, made.round, round, nowMs);
  if (nextMs === undefined) return { ...made, state: 'failed', next_attempt_at: null } as const;
  // Whatever would come after the end waits for the end, and expires there.
  const next = isoTime(Math.min(nextMs, Date.parse(delivery.expires_at)));
  return { ...made, state: 'pending', next_attempt_at: next } as const;
}

function attemptRow(
  claimed: DeliveryRecord,
  { headers, answer, fault, durationMs }: Exchange,
  atMs: number,
): AttemptRecord {
  return {
    delivery_id: claimed.id,
    n: claimed.attempts + 1,
    at: isoTime(atMs),
    url: claimed.url,
    // A whole number of milliseconds that a column holds, whatever a port says.
    duration_ms: Math.min(Math.max(0, Math.round(durationMs)), hour),
    request_headers: JSON.stringify(headers),
    status: answer?.status ?? null,
    error: fault === undefined ? null : maskCards(fault),
    response_headers: answer ? JSON.stringify(keptOf(answer.headers)) : null,
    // Masked before it is cut: half a card number is no card number any more, but still its half.
    response_excerpt: answer ? storable(maskCards(answer.excerpt)).slice(0, excerptLength) : null,
  };
}

/** Postgres keeps no NUL in a text. */
function storable(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}

function keptOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => keptHeaders.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, storable(maskCards(value))]));
}
