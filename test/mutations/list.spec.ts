/** The seeded bugs still fit the sources; whether they are caught takes minutes (main.ts). */
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mutations } from './list.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

describe('the seeded bugs', () => {
  it('are at least twelve, each of its own name', () => {
    expect(new Set(mutations.map(({ name }) => name))).to.have.property('size', mutations.length);
    expect(mutations.length).to.be.at.least(12);
  });

  for (const { name, edits, caughtBy } of mutations) {
    it(`"${name}" can be planted, and has suites to catch it`, () => {
      for (const { file, search } of edits) {
        const found = readFileSync(at(file), 'utf8').split(search).length - 1;
        expect(found, `${file} holds: ${search}`).to.equal(1);
      }
      for (const suite of caughtBy) expect(existsSync(at(suite)), suite).to.equal(true);
    });
  }
});
