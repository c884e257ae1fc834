/** Names the processor makes up: object ids and account names. */
import { createHash, randomUUID } from 'node:crypto';

/** Prefix, nine characters of time (good until the year 5188), sixteen random ones. */
export function newId(prefix: string, nowMs: number): string {
  const random = randomUUID().replaceAll('-', '').slice(-16);
  return `${prefix}_${Math.floor(nowMs).toString(36).padStart(9, '0')}${random}`;
}

/** API key → merchant account. The ledger is open to read, so it names the account, not the key. */
export function merchantOf(apiKey: string): string {
  return `mer_${createHash('sha256').update(apiKey).digest('hex').slice(0, 16)}`;
}
