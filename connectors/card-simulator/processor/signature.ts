/** Webhook signatures: `t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">`. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const digest = (secret: string, seconds: string, body: string): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest();

/** The header's value for `body` sent at `nowMs`. */
export function signatureOf(secret: string, body: string, nowMs: number): string {
  const seconds = String(Math.floor(nowMs / 1000));
  return `t=${seconds},v1=${digest(secret, seconds, body).toString('hex')}`;
}

/**
 * Whether `header` was made with `secret` over exactly these bytes, at most `toleranceMs` from
 * `nowMs` in either direction. Never throws; compares in constant time.
 */
export function verifySignature(
  secret: string,
  header: string,
  body: string,
  nowMs: number,
  toleranceMs = 300_000,
): boolean {
  const [, seconds, claimed] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (seconds === undefined || claimed === undefined) return false;
  if (Math.abs(nowMs - Number(seconds) * 1000) > toleranceMs) return false;
  return timingSafeEqual(digest(secret, seconds, body), Buffer.from(claimed, 'hex'));
}
