/** Sealed text opens in its own row, whole, with its own key, or not at all. */
import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { InvariantBroken } from './assert.ts';
import { Keyring } from './keyring.ts';

const keyring = new Keyring(Buffer.alloc(32, 1));
const binding = 'accounts/acct_1/settings';
const sealed = keyring.seal('account-settings', binding, 'sk_test ✓');
const bytes = Buffer.from(sealed.slice(3), 'base64');
const asSealed = (changed: Buffer) => `v1.${changed.toString('base64')}`;

describe('a keyring', () => {
  it('opens what it sealed', () => {
    expect(keyring.open('account-settings', binding, sealed)).to.equal('sk_test ✓');
    expect(keyring.open('cursor', 'x', keyring.seal('cursor', 'x', ''))).to.equal('');
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

  it('refuses a version it does not know', () => {
    const later = `v2.${sealed.slice(3)}`;
    expect(() => keyring.open('account-settings', binding, later)).to.throw(InvariantBroken);
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
