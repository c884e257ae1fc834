/** Sealed text opens in its own row, whole, with its own key, or not at all. */
import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { InvariantBroken } from './assert.ts';
import { Keyring, UnknownKeyVersion } from './keyring.ts';

const keyring = new Keyring(Buffer.alloc(32, 1));
const binding = 'accounts/acct_1/settings';
const sealed = keyring.seal('account-settings', binding, 'sk_test ✓');
const bytes = Buffer.from(sealed.slice(3), 'base64');
const asSealed = (changed: Buffer) => `k1.${changed.toString('base64')}`;

describe('a keyring', () => {
  it('opens what it sealed', () => {
    expect(keyring.open('account-settings', binding, sealed)).to.equal('sk_test ✓');
    expect(keyring.open('saved-method', 'x', keyring.seal('saved-method', 'x', ''))).to.equal('');
  });

  it('seals the same text differently each time', () => {
    expect(keyring.seal('account-settings', binding, 'sk_test ✓')).not.to.equal(sealed);
  });

  it('does not open what was moved to another row', () => {
    expect(() => keyring.open('account-settings', 'accounts/acct_2/settings', sealed)).to.throw();
  });

  it('does not open what was sealed for another purpose or with another key', () => {
    expect(() => keyring.open('stored-answer', binding, sealed)).to.throw();
    const other = new Keyring(Buffer.alloc(32, 2));
    expect(() => other.open('account-settings', binding, sealed)).to.throw();
  });

  it('notices every flipped byte: of the nonce, the tag and the text', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      const open = () => keyring.open('account-settings', binding, asSealed(changed));
      expect(open, `byte ${at}`).to.throw();
    }
  });

  it('does not take a shorter tag, nor a text that was cut', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      const open = () =>
        keyring.open('account-settings', binding, asSealed(bytes.subarray(0, length)));
      expect(open, `${length} bytes`).to.throw();
    }
    const shorterTag = Buffer.concat([bytes.subarray(0, 16), bytes.subarray(28)]);
    expect(() => keyring.open('account-settings', binding, asSealed(shorterTag))).to.throw();
  });

  it('refuses a version it does not know, and names it', () => {
    const later = `k2.${sealed.slice(3)}`;
    const open = () => keyring.open('account-settings', binding, later);
    expect(open).to.throw(UnknownKeyVersion, 'version 2');
  });

  it('refuses text that names no version', () => {
    for (const text of [sealed.slice(3), `v1.${sealed.slice(3)}`, `k01.${sealed.slice(3)}`, '']) {
      const open = () => keyring.open('account-settings', binding, text);
      expect(open, text).to.throw(InvariantBroken);
    }
  });

  it('refuses a master key that is too short', () => {
    expect(() => new Keyring(randomBytes(31))).to.throw(InvariantBroken);
  });

  it('digests one text differently for every purpose', () => {
    const one = keyring.digest('api-key-digest', 'text');
    expect(one).to.match(/^[0-9a-f]{64}$/);
    expect(keyring.digest('api-key-digest', 'text')).to.equal(one);
    expect(keyring.digest('client-secret', 'text')).not.to.equal(one);
  });

  it('verifies a digest, whole or to its first digits, and no other', () => {
    const digest = keyring.digest('return-link', 'pay_1');
    expect(keyring.verifies('return-link', 'pay_1', digest)).to.equal(true);
    expect(keyring.verifies('return-link', 'pay_1', digest.slice(0, 32), 32)).to.equal(true);
    expect(keyring.verifies('return-link', 'pay_2', digest)).to.equal(false);
    expect(keyring.verifies('return-link', 'pay_1', digest.slice(0, 32))).to.equal(false);
    expect(keyring.verifies('return-link', 'pay_1', '')).to.equal(false);
    expect(keyring.verifies('return-link', 'pay_1', 'é'.repeat(32))).to.equal(false);
  });
});

describe('a keyring with versions', () => {
  const first = Buffer.alloc(32, 1);
  const second = Buffer.alloc(32, 2);
  const rotated = new Keyring(
    new Map([
      [2, second],
      [1, first],
    ]),
  );

  it('seals with the highest and opens what any of them sealed', () => {
    expect(rotated.newest).to.equal(2);
    const fresh = rotated.seal('account-settings', binding, 'new');
    expect(fresh).to.match(/^k2\./);
    expect(rotated.open('account-settings', binding, fresh)).to.equal('new');
    expect(rotated.open('account-settings', binding, sealed)).to.equal('sk_test ✓');
    expect(() => keyring.open('account-settings', binding, fresh)).to.throw(UnknownKeyVersion);
  });

  it('does not take one version’s text for another’s', () => {
    const renamed = `k2.${sealed.slice(3)}`;
    expect(() => rotated.open('account-settings', binding, renamed)).to.throw();
  });

  it('digests with the lowest, so that keys that were handed out stay valid', () => {
    for (const purpose of ['api-key-digest', 'client-secret', 'return-link'] as const) {
      expect(rotated.digest(purpose, 'text')).to.equal(keyring.digest(purpose, 'text'));
    }
    const withoutRoot = new Keyring(new Map([[2, second]]));
    expect(withoutRoot.digest('cursor', 'x')).not.to.equal(rotated.digest('cursor', 'x'));
  });

  it('moves text to the newest version once, and leaves it alone after that', () => {
    const moved = rotated.reseal('account-settings', binding, sealed);
    expect(moved).to.match(/^k2\./);
    expect(rotated.open('account-settings', binding, moved)).to.equal('sk_test ✓');
    expect(rotated.reseal('account-settings', binding, moved)).to.equal(moved);
  });

  it('knows each version by its check, which the key of another does not give', () => {
    expect(rotated.checkOf(1)).to.equal(keyring.checkOf(1));
    expect(rotated.checkOf(2)).not.to.equal(rotated.checkOf(1));
  });

  it('refuses to be without a key', () => {
    expect(() => new Keyring(new Map())).to.throw(InvariantBroken);
  });
});
