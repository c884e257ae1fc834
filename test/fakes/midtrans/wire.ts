/** How Midtrans writes amounts, times and signatures. */
import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

/** Whole rupiah as answers carry them: `250000` → `"250000.00"`. */
export function amountText(rupiah: number): string {
  return `${rupiah}.00`;
}

const jakartaOffsetMs = 7 * 3_600_000;

/** `2026-11-21 17:00:00`: the time in Jakarta (GMT+7), without saying so. */
export function timeText(atMs: number): string {
  return new Date(atMs + jakartaOffsetMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** Midnight in Jakarta at the beginning of that moment's day, in milliseconds. */
export function jakartaDayMs(atMs: number): number {
  const dayMs = 86_400_000;
  return Math.floor((atMs + jakartaOffsetMs) / dayMs) * dayMs - jakartaOffsetMs;
}

/** A request's time, `2026-11-21 17:00:00 +0700`, in milliseconds; undefined when it is none. */
export function readTime(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) ([+-]\d\d)(\d\d)$/.exec(text);
  if (!match) return undefined;
  const atMs = Date.parse(`${match[1]}T${match[2]}${match[3]}:${match[4]}`);
  return Number.isNaN(atMs) ? undefined : atMs;
}

export interface Signed {
  readonly order_id: string;
  readonly status_code: string;
  readonly gross_amount: string;
}

/** SHA-512 over four texts in a row, lower-case hex (docs.midtrans.com, HTTPS notifications). */
export function signatureOf(body: Signed, serverKey: string): string {
  const { order_id, status_code, gross_amount } = body;
  return createHash('sha512')
    .update(order_id + status_code + gross_amount + serverKey)
    .digest('hex');
}

export function basicHeader(serverKey: string): string {
  return `Basic ${Buffer.from(`${serverKey}:`).toString('base64')}`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
