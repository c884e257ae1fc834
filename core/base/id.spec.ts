/** Ids: a prefix that names the noun, order by time, and no two alike. */
import { expect } from 'chai';
import { idPattern, newId, prefixes, type Noun } from './id.ts';

const nowMs = Date.UTC(2026, 10, 21, 10);

describe('an id', () => {
  for (const [noun, prefix] of Object.entries(prefixes)) {
    it(`of a ${noun} begins with ${prefix}_ and fits its pattern`, () => {
      const id = newId(noun as Noun, nowMs);
      expect(id).to.match(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`));
      expect(id).to.match(new RegExp(idPattern(noun as Noun)));
    });
  }

  it('fits no other noun’s pattern', () => {
    const id = newId('payment', nowMs);
    for (const noun of Object.keys(prefixes) as Noun[]) {
      if (noun !== 'payment') expect(id).not.to.match(new RegExp(idPattern(noun)));
    }
    expect(`${id}\n`).not.to.match(new RegExp(idPattern('operation')));
  });

  it('sorts by the clock’s milliseconds as plain bytes', () => {
    const times = [0, 1, nowMs - 1, nowMs, nowMs + 1, nowMs + 31, nowMs + 32, nowMs + 86_400_000];
    const ids = times.map((ms) => newId('event', ms));
    expect(ids.toSorted()).to.deep.equal(ids);
  });

  it('keeps its order when the clock goes back: the time is the clock’s, not the maker’s', () => {
    const later = newId('event', nowMs + 1000);
    const earlier = newId('event', nowMs);
    expect(earlier < later).to.equal(true);
  });

  it('is never made twice, a hundred thousand times in one millisecond', () => {
    const ids = new Set(Array.from({ length: 100_000 }, () => newId('payment', nowMs)));
    expect(ids.size).to.equal(100_000);
  });

  it('sorts in the order of making, also within one millisecond', () => {
    const made = Array.from({ length: 5000 }, () => newId('payment', nowMs));
    expect(made).to.deep.equal(made.toSorted());
  });

  it('uses every letter of its alphabet in every random place', () => {
    const seen = Array.from({ length: 16 }, () => new Set<string>());
    for (let made = 0; made < 3000; made += 1) {
      // Each in a millisecond of its own: within one they grow step by step.
      const random = newId('payment', nowMs + made).slice(-16);
      seen.forEach((letters, place) => letters.add(random.charAt(place)));
    }
    // 3000 draws miss one of 32 letters once in 10^39.
    expect(seen.map((letters) => letters.size)).to.deep.equal(Array(16).fill(32));
  });
});
