/** Filters, the schedule, what counts as taken: the rules that decide without asking anybody. */
import { expect } from 'chai';
import fc from 'fast-check';
import { hour, minute, second } from '../base/clock.ts';
import type { EventRecord } from '../events/event.ts';
import type { EndpointRecord } from './record.ts';
import {
  defaultsOf,
  isEventFilter,
  isSuccess,
  laneOf,
  nextAttemptMs,
  passes,
  wants,
} from './rules.ts';

describe('an event filter', () => {
  it('is everything, a family, or a type that there is', () => {
    for (const filter of ['*', 'payment.*', 'payment.captured', 'webhook_endpoint.*', 'ping']) {
      expect(isEventFilter(filter), filter).to.equal(true);
    }
    for (const filter of ['', 'payment', 'payment.', '.*', 'pay.*', 'payment.*.*', 'Payment.*']) {
      expect(isEventFilter(filter), filter).to.equal(false);
    }
  });

  it('of a family does not take a family whose name only begins alike', () => {
    expect(passes(['payment.*'], 'payment.captured')).to.equal(true);
    expect(passes(['payment.*'], 'payment_method.attached')).to.equal(false);
    expect(passes([], 'payment.captured')).to.equal(false);
  });
});

describe('who gets an event', () => {
  const event = {
    merchant_id: 'mer_a',
    type: 'payment.captured',
    payment_id: 'pay_1',
  } as EventRecord;
  const endpoint = (more: Partial<EndpointRecord> = {}) =>
    ({
      merchant_id: 'mer_a',
      events: '["*"]',
      profile_id: null,
      also_payment_urls: 0,
      ...more,
    }) as EndpointRecord;
  const plain = { profileId: 'prof_1', webhookUrl: undefined, signer: 'standard' };
  const addressed = { ...plain, webhookUrl: 'https://a.example' };

  it('is nobody of another merchant, and of another profile', () => {
    expect(wants(endpoint(), event, plain)).to.equal(true);
    expect(wants(endpoint({ merchant_id: 'mer_b' }), event, plain)).to.equal(false);
    expect(wants(endpoint({ profile_id: 'prof_1' }), event, plain)).to.equal(true);
    expect(wants(endpoint({ profile_id: 'prof_2' }), event, plain)).to.equal(false);
  });

  it('is the payment’s own URL alone, unless an endpoint asks for those too', () => {
    expect(wants(endpoint(), event, addressed)).to.equal(false);
    expect(wants(endpoint({ also_payment_urls: 1 }), event, addressed)).to.equal(true);
  });

  it('is nobody when it is a ping: those are sent by hand', () => {
    expect(wants(endpoint(), { ...event, type: 'ping' }, undefined)).to.equal(false);
  });
});

describe('the schedule', () => {
  const round = { startedMs: 1_000_000, seed: 'del_1' };

  it('gives five attempts at their exact moments', () => {
    const moments: number[] = [];
    let nowMs = round.startedMs;
    for (let made = 0; ; made += 1) {
      const next = nextAttemptMs(defaultsOf(undefined), made, round, nowMs);
      if (next === undefined) break;
      moments.push(next - round.startedMs);
      // Each attempt takes a while, which does not move the next one.
      nowMs = next + 9 * second;
    }
    expect(moments).to.deep.equal([0, 5 * minute, 15 * minute, hour, 6 * hour]);
  });

  it('never goes back in time, however late an attempt is made', () => {
    const plan = fc.record({
      scheduleS: fc
        .uniqueArray(fc.nat(100_000), { minLength: 1, maxLength: 10 })
        .map((list) => list.toSorted((a, b) => a - b)),
      jitterPercent: fc.nat(100),
    });
    fc.assert(
      fc.property(plan, fc.nat(9), fc.nat(2_000_000_000), (one, made, lateMs) => {
        const nowMs = round.startedMs + lateMs;
        const next = nextAttemptMs(one, made, round, nowMs);
        if (next === undefined) {
          expect(made).to.be.at.least(one.scheduleS.length);
          return;
        }
        expect(next).to.be.at.least(nowMs);
        expect(nextAttemptMs(one, made, round, nowMs), 'no dice').to.equal(next);
      }),
    );
  });
});

describe('a format', () => {
  it('decides what no endpoint says, and lives as long as its schedule', () => {
    const usual = { success: '2xx', expireAfterS: 86_400, timeoutMs: 10_000, jitterPercent: 0 };
    const scheduleS = [0, 300, 900, 3_600, 21_600];
    expect(defaultsOf(undefined)).to.deep.equal({ ...usual, scheduleS });
    expect(defaultsOf({ success: '200' })).to.deep.equal({ ...usual, scheduleS, success: '200' });
    const long = defaultsOf({ scheduleS: [0, 60, 86_400] });
    expect(long).to.deep.equal({ ...usual, scheduleS: [0, 60, 86_400], expireAfterS: 90_000 });
  });
});

describe('an answer', () => {
  it('counts as taken by the rule of its endpoint', () => {
    const taken = (rule: '2xx' | '200') =>
      [199, 200, 201, 204, 299, 300, 302, 404, 500].filter((status) => isSuccess(rule, status));
    expect(taken('2xx')).to.deep.equal([200, 201, 204, 299]);
    expect(taken('200')).to.deep.equal([200]);
  });
});

describe('a lane of payments’ own URLs', () => {
  it('is one host of one merchant, whatever the path', () => {
    const laneTo = (merchant: string, url: string) => laneOf(merchant, { url });
    const lane = laneTo('mer_a', 'https://a.example/x?y=1');
    expect(laneTo('mer_a', 'https://a.example:443/z')).to.equal(lane);
    expect(laneTo('mer_b', 'https://a.example/x')).not.to.equal(lane);
    expect(laneTo('mer_a', 'http://a.example/x')).not.to.equal(lane);
  });
});
