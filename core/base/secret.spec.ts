/** A secret is read in one way, and shown in none. */
import { expect } from 'chai';
import { format, inspect } from 'node:util';
import { Secret } from './secret.ts';

const text = 'sk_live_4242';
const secret = new Secret(text);

describe('a secret', () => {
  it('is read by asking for it', () => {
    expect(secret.reveal()).to.equal(text);
  });

  const prints: readonly [string, () => string][] = [
    ['a template', () => `key: ${String(secret)}`],
    ['JSON', () => JSON.stringify({ deep: [secret] })],
    ['inspect, hidden properties and all', () => inspect({ secret }, { showHidden: true })],
    ['a log format', () => format('%s %o %j', secret, secret, secret)],
    ['an error', () => new Error('no', { cause: secret }).stack ?? ''],
    ['its own keys', () => Object.entries(secret).join() + Reflect.ownKeys(secret).join()],
    ['a copy', () => JSON.stringify(Object.assign({}, secret))],
    ['a structured clone', () => inspect(structuredClone(secret))],
  ];
  for (const [where, print] of prints) {
    it(`is not in ${where}`, () => {
      expect(print()).not.to.contain(text);
    });
  }
});
