/**
 * API keys: `sk_sandbox_` + 32 random base-62 characters + a 6-character checksum. The prefix says
 * what leaked and where, the checksum lets scanners (and us) tell a key from noise without asking
 * the database. Only a keyed digest is stored.
 */
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { KeyKind, Mode } from './record.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const kindPrefixes = { secret: 'sk', public: 'pk', admin: 'ak' } as const;
const shape = /^(?:sk|pk|ak)_(?:sandbox|live)_[0-9A-Za-z]{38}$/;

function checksum(text: string): string {
  let rest = crc32(text);
  let encoded = '';
  for (let place = 0; place < 6; place += 1) {
    encoded = alphabet.charAt(rest % 62) + encoded;
    rest = Math.floor(rest / 62);
  }
  return encoded;
}

export function newApiKey(kind: KeyKind, mode: Mode): string {
  let body = `${kindPrefixes[kind]}_${mode}_`;
  for (let place = 0; place < 32; place += 1) body += alphabet.charAt(randomInt(62));
  return body + checksum(body);
}

/** Whether a text can be one of our keys at all. */
export function looksLikeApiKey(text: string): boolean {
  return shape.test(text) && checksum(text.slice(0, -6)) === text.slice(-6);
}

export function hintOf(key: string): string {
  return `${key.slice(0, key.lastIndexOf('_') + 3)}…${key.slice(-4)}`;
}
