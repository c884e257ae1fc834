/**
 * Names of our own objects: ten characters of time, so that they sort by it, and sixteen of chance
 * (80 bits): whoever has the name of a session may see its page.
 */
import { randomBytes } from 'node:crypto';

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

export type Prefix = 'cs' | 'plink';

export const idPatternOf = (prefix: Prefix) => `^${prefix}_[${alphabet}]{26}$`;

/** `cs_…`; `nowMs` is the switch's own time. */
export function newIdOf(prefix: Prefix, nowMs: number): string {
  let rest = nowMs;
  let time = '';
  for (let place = 0; place < 10; place += 1) {
    time = alphabet.charAt(rest % 32) + time;
    rest = Math.floor(rest / 32);
  }
  return `${prefix}_${time}${chance(16)}`;
}

/** Once a rendering of a form: repeats of it carry the same one. */
export const newFormKey = () => chance(26);

/** For the page's own style and script, once an answer (CSP level 3). */
export const newNonce = () => randomBytes(18).toString('base64');

const chance = (length: number) =>
  [...randomBytes(length)].map((byte) => alphabet.charAt(byte & 31)).join('');
