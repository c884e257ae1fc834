/** What goes where, when, and what counts as delivered. Pure. */
import { createHash } from 'node:crypto';
import { second } from '../base/clock.ts';
import { eventTypes, type EventRecord, type EventType } from '../events/event.ts';
import type { EndpointRecord, SuccessRule } from './record.ts';
import type { Signer } from './signer.ts';

/** Five attempts: at once, after 5 and 15 minutes, after one and after six hours. */
const defaultScheduleS: readonly number[] = [0, 300, 900, 3_600, 21_600];
const defaultExpireAfterS = 86_400;
/** For the last attempt of a schedule that is as long as a day: it always begins a little late. */
const lateS = 3_600;
const defaultTimeoutMs = 10_000;

const families = new Set(eventTypes.map((type) => type.split('.')[0]));

/** `*`, a type, or a family: `payment.*`. */
export function isEventFilter(text: string): boolean {
  if (text === '*' || (eventTypes as readonly string[]).includes(text)) return true;
  return text.endsWith('.*') && families.has(text.slice(0, -2));
}

export function passes(filters: readonly string[], type: EventType): boolean {
  return filters.some(
    (filter) =>
      filter === '*' ||
      filter === type ||
      (filter.endsWith('.*') && type.startsWith(filter.slice(0, -1))),
  );
}

/** As much of a payment as decides where its events go. */
export interface Addressing {
  readonly profileId: string;
  readonly webhookUrl: string | undefined;
  /** The format of what goes to that URL. */
  readonly signer: string;
}

/**
 * Whether an endpoint gets an event. A payment's own URL is more specific and gets its events
 * alone, unless the endpoint asks for those as well.
 */
export function wants(
  endpoint: EndpointRecord,
  event: EventRecord,
  payment: Addressing | undefined,
): boolean {
  // Pings are sent by hand, to one endpoint.
  if (event.type === 'ping' || event.merchant_id !== endpoint.merchant_id) return false;
  if (!passes(JSON.parse(endpoint.events) as string[], event.type)) return false;
  if (!payment) return true;
  if (endpoint.profile_id !== null && endpoint.profile_id !== payment.profileId) return false;
  return payment.webhookUrl === undefined || endpoint.also_payment_urls === 1;
}

export function isSuccess(rule: SuccessRule, status: number): boolean {
  return rule === '200' ? status === 200 : status >= 200 && status < 300;
}

export interface Plan {
  readonly scheduleS: readonly number[];
  readonly jitterPercent: number;
}

/** How a delivery is tried. */
export interface Manner extends Plan {
  readonly success: SuccessRule;
  readonly timeoutMs: number;
  readonly expireAfterS: number;
}

/** Where no endpoint says otherwise: as the format says, and where it says nothing as always. */
export function defaultsOf(format: Pick<Signer, 'success' | 'scheduleS'> | undefined): Manner {
  const { success = '2xx', scheduleS = defaultScheduleS } = format ?? {};
  const expireAfterS = Math.max(defaultExpireAfterS, (scheduleS.at(-1) ?? 0) + lateS);
  return { success, scheduleS, jitterPercent: 0, timeoutMs: defaultTimeoutMs, expireAfterS };
}

/**
 * When the attempt after the `made` first ones of a round is due; undefined when there is none.
 * The schedule counts from the round's start. A moment that has passed already (the switch was
 * down) is not made up for at once: the pause before it is kept, or the schedule would be spent in
 * a second.
 */
export function nextAttemptMs(
  plan: Plan,
  made: number,
  round: { readonly startedMs: number; readonly seed: string },
  nowMs: number,
): number | undefined {
  const { scheduleS } = plan;
  const at = scheduleS[made];
  if (at === undefined) return undefined;
  const pauseMs = (at - (scheduleS[made - 1] ?? 0)) * second;
  const plannedMs = round.startedMs + at * second;
  const jitterMs = Math.floor((pauseMs * plan.jitterPercent * share(round.seed, made)) / 100);
  return (plannedMs >= nowMs ? plannedMs : nowMs + pauseMs) + jitterMs;
}

/** From 0 to 1, the same for the same attempt: a crash in between does not draw again. */
function share(seed: string, made: number): number {
  const digest = createHash('sha256').update(`${seed} ${made}`).digest();
  return digest.readUInt32BE(0) / 0xffff_ffff;
}

/**
 * Deliveries to one payment URL's host wait for each other, as those to one endpoint do. A lane
 * begins with its merchant.
 */
export function laneOf(merchantId: string, to: { endpointId: string } | { url: string }): string {
  return `${merchantId} ${'url' in to ? new URL(to.url).origin : to.endpointId}`;
}
