/**
 * Everything derived from the master key. One 32-byte secret, one sub-key a purpose (HKDF-SHA-256),
 * so that a leak of one use says nothing about another.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { invariant } from './assert.ts';

const purposes = [
  'api-key-digest',
  'request-fingerprint',
  'card-fingerprint',
  'client-secret',
  'cursor',
  'stored-answer',
  'account-settings',
  'webhook-secret',
  'return-link',
] as const;

export type Purpose = (typeof purposes)[number];

export class Keyring {
  readonly #keys = new Map<Purpose, Buffer>();

  /** `master` is 32 random bytes; anything shorter is refused. */
  constructor(master: Buffer) {
    invariant(master.length >= 32, 'the master key has at least 32 bytes');
    for (const purpose of purposes) {
      this.#keys.set(purpose, Buffer.from(hkdfSync('sha256', master, '', purpose, 32)));
    }
  }

  #key(purpose: Purpose): Buffer {
    const key = this.#keys.get(purpose);
    invariant(key, `no key for ${purpose}`);
    return key;
  }

  /** HMAC-SHA-256 in hexadecimal. */
  digest(purpose: Purpose, text: string): string {
    return createHmac('sha256', this.#key(purpose)).update(text).digest('hex');
  }

  /** Whether `claimed` is the digest of `text` (or its first `length` digits), in constant time. */
  verifies(purpose: Purpose, text: string, claimed: string, length = 64): boolean {
    const expected = Buffer.from(this.digest(purpose, text).slice(0, length));
    const given = Buffer.from(claimed);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /**
   * AES-256-GCM with a random 96-bit nonce. `binding` names the row the text belongs to: sealed
   * text moved to another row no longer opens. Shape: `v1.` + base64(nonce ‖ tag ‖ ciphertext).
   */
  seal(purpose: Purpose, binding: string, text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key(purpose), nonce, { authTagLength: 16 });
    cipher.setAAD(Buffer.from(binding));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64')}`;
  }

  /** Opens what {@link seal} closed; throws when the key, the binding or a byte differs. */
  open(purpose: Purpose, binding: string, sealed: string): string {
    invariant(sealed.startsWith('v1.'), 'sealed text has a known version');
    const bytes = Buffer.from(sealed.slice(3), 'base64');
    const nonce = bytes.subarray(0, 12);
    // Node 20 accepts a truncated tag unless its length is stated here.
    const opener = createDecipheriv('aes-256-gcm', this.#key(purpose), nonce, {
      authTagLength: 16,
    });
    opener.setAAD(Buffer.from(binding));
    opener.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([opener.update(bytes.subarray(28)), opener.final()]).toString('utf8');
  }
}
