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
  paymentMethod: 'pm',
  setup: 'seti',
  dispute: 'dp',
  incomingWebhook: 'inwh',
  event: 'evt',
  webhookEndpoint: 'we',
  delivery: 'del',
  replay: 'rpl',
  request: 'req',
} as const;

export type Noun = keyof typeof prefixes;

/** A regular expression source for ids of one noun, for schemas: `^pay_…$`. */
export function idPattern(noun: Noun): string {
  return `^${prefixes[noun]}_${idBody}$`;
}

// Random bytes are drawn 4 kB at a time: one system call serves hundreds of ids.
const pool = Buffer.alloc(4096);
let used = pool.length;

/** Where `count` fresh random bytes begin in the pool. */
function freshBytes(count: number): number {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const start = used;
  used += count;
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

/** 40 bits in eight characters. */
function encodeHalf(half: number): string {
  // Bit operations hold 32 bits: the upper 15 and the lower 25 are taken apart first.
  const high = Math.floor(half / 0x200_0000);
  const low = half % 0x200_0000;
  return (
    alphabet.charAt(high >> 10) +
    alphabet.charAt((high >> 5) & 31) +
    alphabet.charAt(high & 31) +
    alphabet.charAt(low >>> 20) +
    alphabet.charAt((low >>> 15) & 31) +
    alphabet.charAt((low >>> 10) & 31) +
    alphabet.charAt((low >>> 5) & 31) +
    alphabet.charAt(low & 31)
  );
}

const halfMax = 2 ** 40;

let lastMs = -1;
let lastTime = '';
let upper = 0;
let lower = 0;

/**
 * The 80 random bits, in two halves. Within one millisecond they grow by a random step, so that ids
 * made one after another also sort so.
 */
function nextRandom(nowMs: number): void {
  if (nowMs !== lastMs) {
    lastMs = nowMs;
    lastTime = encodeTime(nowMs);
    const start = freshBytes(10);
    upper = pool.readUIntBE(start, 5);
    lower = pool.readUIntBE(start + 5, 5);
    return;
  }
  lower += 1 + pool.readUInt32BE(freshBytes(4));
  if (lower < halfMax) return;
  lower -= halfMax;
  upper = (upper + 1) % halfMax;
}

/** A new id; `nowMs` is the injected clock's time, so that ids order as the switch sees time. */
export function newId(noun: Noun, nowMs: number): string {
  nextRandom(nowMs);
  return `${prefixes[noun]}_${lastTime}${encodeHalf(upper)}${encodeHalf(lower)}`;
}

/** Every id of the noun made at or after `ms` sorts at or after this text. */
export function firstIdAt(noun: Noun, ms: number): string {
  return `${prefixes[noun]}_${encodeTime(ms)}`;
}

/** Every id of the noun sorts before this text. */
export function afterLastId(noun: Noun): string {
  return `${prefixes[noun]}_~`;
}
