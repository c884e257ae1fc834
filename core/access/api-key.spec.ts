/** The text of an API key. */
import { expect } from 'chai';
import { hintOf, looksLikeApiKey, newApiKey } from './api-key.ts';

describe('an API key', () => {
  it('says in its prefix what it opens and where', () => {
    expect(newApiKey('secret', 'sandbox')).to.match(/^sk_sandbox_[0-9A-Za-z]{38}$/);
    expect(newApiKey('public', 'live')).to.match(/^pk_live_[0-9A-Za-z]{38}$/);
    expect(newApiKey('admin', 'live')).to.match(/^ak_live_[0-9A-Za-z]{38}$/);
  });

  it('is told from noise by its checksum: any changed character gives it away', () => {
    const key = newApiKey('secret', 'sandbox');
    expect(looksLikeApiKey(key)).to.equal(true);
    for (let place = 'sk_sandbox_'.length; place < key.length; place += 1) {
      const swapped = key.charAt(place) === 'a' ? 'b' : 'a';
      const changed = key.slice(0, place) + swapped + key.slice(place + 1);
      expect(looksLikeApiKey(changed), changed).to.equal(false);
    }
    expect(looksLikeApiKey(key.replace('sandbox', 'live'))).to.equal(false);
    expect(looksLikeApiKey(`${key}\n`)).to.equal(false);
  });

  it('is recognised by a hint that gives six of its characters', () => {
    const key = newApiKey('secret', 'sandbox');
    expect(hintOf(key)).to.equal(`${key.slice(0, 13)}…${key.slice(-4)}`);
  });
});
