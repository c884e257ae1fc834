/**
 * Everything derived from the master key: one sub-key a purpose (HKDF-SHA-256), so that a leak of
 * one use says nothing about another.
 *
 * The master key may have versions. The highest one seals, every listed one opens, and sealed text
 * names its own: `k2.` + base64. Digests come from the lowest version, the root, for good: what was
 * handed out (API keys, client secrets, return links) is compared with them and could not be
 * derived anew. So a rotation ends the use of an old version for sealing, and the root stays.
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

const digestPurposes = [
  'api-key-digest',
  'request-fingerprint',
  'card-fingerprint',
  'client-secret',
  'cursor',
  'webhook-secret',
  'return-link',
  'method-token',
] as const;

/** What is sealed for each of them stands in core/wiring/sealed-columns.ts. */
export const sealPurposes = [
  'stored-answer',
  'account-settings',
  'next-action',
  'incoming-webhook',
  'saved-method',
  'vault-card',
  'endpoint-secret',
  'webhook-signing',
  'plugin-secret',
] as const;

/** Tells versions of the key apart and gives nothing away. */
const checkPurpose = 'version-check';

export type DigestPurpose = (typeof digestPurposes)[number];
export type SealPurpose = (typeof sealPurposes)[number];
/** Sealed text in a version of the master key that this keyring was not given. */
export class UnknownKeyVersion extends Error {
  override name = 'UnknownKeyVersion';
  readonly version: number;

  constructor(version: number) {
    super(`sealed with version ${version} of the master key, which is not among those configured`);
    this.version = version;
  }
}

/** Version, then base64(nonce ‖ tag ‖ ciphertext). */
const sealedShape = /^k([1-9]\d{0,5})\.([A-Za-z0-9+/]+={0,2})$/;

function derive(master: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', purpose, 32));
}

export class Keyring {
  /** Ascending: the first is the root, the last one seals. */
  readonly versions: readonly number[];
  readonly #keys = new Map<string, Buffer>();

  /** Each key is 32 random bytes; anything shorter is refused. One key alone is version 1. */
  constructor(master: Buffer | ReadonlyMap<number, Buffer>) {
    const masters = master instanceof Map ? master : new Map([[1, master as Buffer]]);
    this.versions = [...masters.keys()].toSorted((a, b) => a - b);
    invariant(masters.size > 0, 'a keyring has a key');
    for (const [version, key] of masters as ReadonlyMap<number, Buffer>) {
      invariant(key.length >= 32, 'the master key has at least 32 bytes');
      for (const purpose of [...sealPurposes, checkPurpose]) {
        this.#keys.set(`${version} ${purpose}`, derive(key, purpose));
      }
      if (version !== this.versions[0]) continue;
      for (const purpose of digestPurposes) this.#keys.set(purpose, derive(key, purpose));
    }
  }

  /** The version that seals. */
  get newest(): number {
    return this.versions.at(-1) ?? 1;
  }

  #digestKey(name: string): Buffer {
    const key = this.#keys.get(name);
    invariant(key, `no key for ${name}`);
    return key;
  }

  #sealKey(version: number, purpose: SealPurpose): Buffer {
    if (!this.versions.includes(version)) throw new UnknownKeyVersion(version);
    return this.#digestKey(`${version} ${purpose}`);
  }

  /** HMAC-SHA-256 in hexadecimal. */
  digest(purpose: DigestPurpose, text: string): string {
    return createHmac('sha256', this.#digestKey(purpose)).update(text).digest('hex');
  }

  /** What one version makes of a fixed word; kept to recognise it. */
  checkOf(version: number): string {
    const key = this.#digestKey(`${version} ${checkPurpose}`);
    return createHmac('sha256', key).update(checkPurpose).digest('hex');
  }

  /** Whether `claimed` is the digest of `text` (or its first `length` digits), in constant time. */
  verifies(purpose: DigestPurpose, text: string, claimed: string, length = 64): boolean {
    const expected = Buffer.from(this.digest(purpose, text).slice(0, length));
    const given = Buffer.from(claimed);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /**
   * AES-256-GCM with a random 96-bit nonce. `binding` names the row the text belongs to: sealed
   * text moved to another row no longer opens. Shape: `k<version>.` + base64(nonce ‖ tag ‖ text).
   */
  seal(purpose: SealPurpose, binding: string, text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey(this.newest, purpose), nonce, {
      authTagLength: 16,
    });
    cipher.setAAD(Buffer.from(binding));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    const bytes = Buffer.concat([nonce, cipher.getAuthTag(), body]);
    return `k${this.newest}.${bytes.toString('base64')}`;
  }

  /**
   * Opens what {@link seal} closed; throws when the key, the binding or a byte differs, and
   * {@link UnknownKeyVersion} when its version is not at hand.
   */
  open(purpose: SealPurpose, binding: string, sealed: string): string {
    const [, version, body = ''] = sealedShape.exec(sealed) ?? [];
    invariant(version !== undefined, 'sealed text names the version of its key');
    const bytes = Buffer.from(body, 'base64');
    const nonce = bytes.subarray(0, 12);
    // Node 20 accepts a truncated tag unless its length is stated here.
    const opener = createDecipheriv('aes-256-gcm', this.#sealKey(Number(version), purpose), nonce, {
      authTagLength: 16,
    });
    opener.setAAD(Buffer.from(binding));
    opener.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([opener.update(bytes.subarray(28)), opener.final()]).toString('utf8');
  }

  /** The same text in the newest version; text that is in it already comes back as it is. */
  reseal(purpose: SealPurpose, binding: string, sealed: string): string {
    if (sealed.startsWith(`k${this.newest}.`)) return sealed;
    return this.seal(purpose, binding, this.open(purpose, binding, sealed));
  }
}
