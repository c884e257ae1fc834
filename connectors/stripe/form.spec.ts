/** The encoder against an independent parser. */
import { expect } from 'chai';
import * as qs from 'qs';
import { encodeForm } from './form.ts';

describe('stripe: forms', () => {
  it('nest by brackets and count lists', () => {
    const text = encodeForm({ a: { b: { c: 1 } }, list: ['x', { y: true }], gone: undefined });
    expect(text).to.equal('a[b][c]=1&list[0]=x&list[1][y]=true');
  });

  it('come back as they were, whatever the text is made of', () => {
    const form = { plain: 'a b+c&d=e%20[x]', deep: { 'ü&=': '漢字 😀\n' }, list: ['1', '2'] };
    expect(qs.parse(encodeForm(form))).to.deep.equal(form);
  });

  it('leave out what is undefined, an empty object and an empty list', () => {
    expect(encodeForm({ a: undefined, b: {}, c: [], d: { e: undefined } })).to.equal('');
  });

  it('cannot be made to name another parameter', () => {
    const text = encodeForm({ metadata: { 'x]&confirm': 'true&amount=1' } });
    expect(Object.keys(qs.parse(text))).to.deep.equal(['metadata']);
  });
});
