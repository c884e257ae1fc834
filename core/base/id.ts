/**
 * Ids: a prefix that names the noun, then 26 characters of time-ordered randomness
 * (48 bits of milliseconds, 80 random bits, Crockford base 32 in lower case, as in ULID).
 * Never a sequence: a restored database would hand out a used number again, and a processor that
 * remembers it would answer with another customer's charge.
 */
import { randomFillSync } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const idBody = '[0-9a-hjkmnp-tv-z]{26}';

/** One prefix a noun. */
export const prefixes = {
  merchant: 'mer',
  profile: 'prof',
  apiKey: 'key',
  account: 'acct',
  payment: 'pay',
  operation: 'op',
  refund: 're',
  customer: 'cus',
  event: 'evt',
  request: 'req',
} as const;

export type Noun = keyof typeof prefixes;

/** A regular expression source for ids of one noun, for schemas: `^pay_…$`. */
export function idPattern(noun: Noun): string {
  return `^${prefixes[noun]}_${idBody}$`;
}

// Random bytes are drawn 4 kB at a time: one system call serves 400 ids.
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomBytes10(): number {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += 10;
  return start;
}

function encodeTime(ms: number): string {
  let rest = ms;
  let text = '';
  for (let place = 0; place < 10; place += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

let lastMs = -1;
let lastTime = '';

/** A new id; `nowMs` is the injected clock's time, so that ids order as the switch sees time. */
export function newId(noun: Noun, nowMs: number): string {
  if (nowMs !== lastMs) {
    lastMs = nowMs;
    lastTime = encodeTime(nowMs);
  }
  let text = `${prefixes[noun]}_${lastTime}`;
  const start = randomBytes10();
  // 80 bits in 16 characters: five bytes make eight characters, twice.
  for (let half = start; half < start + 10; half += 5) {
    const high = pool.readUInt8(half) * 16 + (pool.readUInt8(half + 1) >> 4);
    const low = pool.readUInt32BE(half + 1) & 0x0fff_ffff;
    text +=
      alphabet.charAt(high >> 7) +
      alphabet.charAt((high >> 2) & 31) +
      alphabet.charAt(((high & 3) << 3) | (low >>> 25)) +
      alphabet.charAt((low >>> 20) & 31) +
      alphabet.charAt((low >>> 15) & 31) +
      alphabet.charAt((low >>> 10) & 31) +
      alphabet.charAt((low >>> 5) & 31) +
      alphabet.charAt(low & 31);
  }
  return text;
}

/** Every id of the noun made at or after `ms` sorts at or after this text. */
export function firstIdAt(noun: Noun, ms: number): string {
  return `${prefixes[noun]}_${encodeTime(ms)}`;
}

/** Every id of the noun sorts before this text. */
export function afterLastId(noun: Noun): string {
  return `${prefixes[noun]}_~`;
}
