/** The circuit breaker: when an account is left alone, how it is tried, when it is back. */
import { expect } from 'chai';
import { ManualClock } from '../../base/clock.ts';
import { HealthBook } from '../health-book.ts';
import {
  admit,
  breakerMachine,
  coolsDownAt,
  figuresOf,
  healthDefaults as settings,
  healthy,
  isSilent,
  recordCall,
  standing,
  type CallEnd,
  type Health,
} from './health.ts';

const call = (outcome: CallEnd['outcome'], probe = false): CallEnd => ({
  outcome,
  latencyMs: 100,
  probe,
});

/** So many calls, one each `stepMs`, beginning at `fromMs`. */
function after(
  health: Health,
  outcome: CallEnd['outcome'],
  count: number,
  fromMs = 0,
  stepMs = 10,
) {
  let now = health;
  for (let at = 0; at < count; at += 1) now = recordCall(now, call(outcome), fromMs + at * stepMs);
  return now;
}

const broken = after(healthy, 'failed', settings.callsMin);
const { openMs } = settings;

describe('an account’s health', () => {
  it('has a breaker that closes only by way of a probe', () => {
    expect(breakerMachine.next('open', 'cool_down')).to.equal('half_open');
    expect(breakerMachine.allowed('open')).to.deep.equal(['cool_down']);
  });

  it('is good until enough calls fail, and a few failures are not enough', () => {
    expect(standing(after(healthy, 'failed', settings.callsMin - 1), 100)).to.equal('usable');
    expect(standing(broken, 100)).to.equal('unhealthy');
    let half: Health = healthy;
    for (let at = 0; at < 40; at += 1) half = recordCall(half, call('approved'), at);
    for (let at = 0; at < 19; at += 1) {
      half = recordCall(after(half, 'failed', 2), call('approved'), at);
    }
    expect([half.state, figuresOf(half, 100).failed]).to.deep.equal(['closed', 38]);
    const tired = after(recordCall(half, call('failed'), 100), 'failed', 8);
    expect(tired.state).to.equal('closed');
  });

  it('is bad when half of the calls in the window failed, however mixed', () => {
    let mixed: Health = healthy;
    for (let at = 0; at < 9; at += 1) {
      mixed = recordCall(mixed, call(at % 2 === 0 ? 'approved' : 'failed'), at);
    }
    expect(mixed.state).to.equal('closed');
    expect(recordCall(mixed, call('failed'), 10).state).to.equal('open');
  });

  it('is bad after ten failures in a row, however many calls were good before', () => {
    const busy = after(healthy, 'approved', 3_000);
    expect(after(busy, 'failed', 9, 30_000).state).to.equal('closed');
    expect(after(busy, 'failed', 10, 30_000).state).to.equal('open');
  });

  it('is not harmed by declines: a decline is an answer', () => {
    const declined = after(healthy, 'declined', 500);
    expect(standing(declined, 5_000)).to.equal('usable');
    expect(figuresOf(declined, 5_000)).to.deep.include({
      calls: 500,
      declined: 500,
      latencyMs: 100,
    });
  });

  it('forgets what left the window, and keeps no more buckets than fit into it', () => {
    const bad = after(after(healthy, 'approved', 1), 'failed', 8);
    expect(recordCall(bad, call('failed'), 1_000).state).to.equal('open');
    const later = settings.windowMs + settings.bucketMs;
    expect(recordCall(bad, call('failed'), later).state).to.equal('closed');
    const long = after(healthy, 'approved', 1_000, 0, 1_000);
    expect(long.buckets.length).to.be.at.most(settings.windowMs / settings.bucketMs + 1);
    expect(figuresOf(long, 1_000_000).calls).to.be.within(55, 65);
    expect(figuresOf(healthy, 0).latencyMs).to.equal(undefined);
  });

  it('lets one probe at a time through when the pause is over', () => {
    expect(standing(broken, 90 + openMs - 1)).to.equal('unhealthy');
    const now = coolsDownAt(broken);
    expect(now).to.equal(90 + openMs);
    expect(standing(broken, now)).to.equal('probe');
    const probing = admit(broken, now);
    expect([probing.probe, probing.health.state]).to.deep.equal([true, 'half_open']);
    expect(standing(probing.health, now)).to.equal('unhealthy');
    expect(admit(probing.health, now)).to.deep.equal({ health: probing.health, probe: false });
    // A probe whose end nobody told does not block the way for ever.
    expect(standing(probing.health, now + settings.probeTimeoutMs)).to.equal('probe');
  });

  it('is back after enough answered probes, even if they are declined, with a clean window', () => {
    let now = coolsDownAt(broken);
    let health: Health = broken;
    for (let probe = 0; probe < settings.probesToClose; probe += 1) {
      expect(standing(health, now)).to.equal('probe');
      const admitted = admit(health, now);
      health = recordCall(admitted.health, call('declined', true), (now += 100));
    }
    expect([health.state, health.openings]).to.deep.equal(['closed', 0]);
    expect(recordCall(health, call('failed'), now).state).to.equal('closed');
  });

  it('waits twice as long after each failed probe, up to a limit', () => {
    let health = broken;
    const pauses: number[] = [];
    for (let round = 0; round < 7; round += 1) {
      const now = coolsDownAt(health);
      pauses.push(now - health.since_ms);
      health = recordCall(admit(health, now).health, call('failed', true), now);
      expect(health.state).to.equal('open');
    }
    expect(pauses.map((ms) => ms / 1_000)).to.deep.equal([15, 30, 60, 120, 240, 300, 300]);
  });

  it('does not take the late end of an old call for a probe', () => {
    const { health } = admit(broken, coolsDownAt(broken));
    expect(recordCall(health, call('approved'), 30_000)).to.deep.include({
      state: 'half_open',
      probes_answered: 0,
    });
    expect(recordCall(broken, call('approved'), 200).state).to.equal('open');
    expect(admit(healthy, 0)).to.deep.equal({ health: healthy, probe: false });
  });

  it('leaves within ten calls and is back within a minute of a short outage, at 50 a second', () => {
    let health: Health = healthy;
    let lost = 0;
    let backAtMs = 0;
    for (let now = 0; now < 120_000; now += 20) {
      const down = now >= 20_000 && now < 60_000;
      if (standing(health, now) === 'unhealthy') continue;
      const { health: admitted, probe } = admit(health, now);
      health = recordCall(admitted, call(down ? 'failed' : 'approved', probe), now);
      if (down) lost += 1;
      if (backAtMs === 0 && now >= 60_000 && health.state === 'closed') backAtMs = now;
    }
    // Ten to see it, and a probe after 15 s and after 30 s more.
    expect(lost).to.equal(11);
    expect(backAtMs).to.be.within(60_000, 120_000);
  });
});

describe('an account that says nothing', () => {
  const { silentCalls, silentMs } = settings;
  const nowMs = 1_000_000;
  const waiting = (count: number, ageMs: number, answeredMs = -Infinity) => ({
    calls: Array.from({ length: count }, () => ({ startedMs: nowMs - ageMs })),
    answeredMs,
    failed: 0,
  });

  it('is silent once enough calls have waited long enough', () => {
    expect(isSilent(waiting(silentCalls, silentMs), nowMs)).to.equal(true);
    expect(isSilent(waiting(silentCalls, silentMs - 1), nowMs)).to.equal(false);
    const fewer = waiting(silentCalls - 1, silentMs);
    expect(isSilent(fewer, nowMs)).to.equal(false);
    expect(isSilent({ ...fewer, failed: 1 }, nowMs)).to.equal(true);
    expect(isSilent({ ...waiting(0, 0), failed: 1_000 }, nowMs)).to.equal(false);
  });

  it('is not silent while anybody is answered, however slowly', () => {
    const slow = waiting(500, 3 * silentMs, nowMs - silentMs + 1);
    expect(isSilent(slow, nowMs)).to.equal(false);
    expect(isSilent({ ...slow, answeredMs: nowMs - silentMs }, nowMs)).to.equal(true);
  });

  it('gets no payments until it answers again, or its calls have ended', () => {
    const clock = new ManualClock(nowMs);
    const book = new HealthBook(clock);
    const flights = Array.from({ length: silentCalls }, () => book.begin('acct_a', true));
    expect(book.standingOf('acct_a')).to.equal('usable');
    clock.advance(silentMs);
    expect(book.standingOf('acct_a')).to.equal('unhealthy');
    expect(book.waitingAt('acct_a')).to.deep.equal({
      calls: silentCalls,
      oldestMs: silentMs,
      silent: true,
    });
    const [first, ...others] = flights;
    if (first) book.record('acct_a', first, { outcome: 'declined', latencyMs: silentMs }, true);
    expect(book.standingOf('acct_a')).to.equal('usable');
    for (const flight of others) {
      book.record('acct_a', flight, { outcome: 'failed', latencyMs: 30_000 }, true);
    }
    expect(book.waitingAt('acct_a')).to.deep.equal({
      calls: 0,
      oldestMs: undefined,
      silent: false,
    });
  });

  it('is left to the breaker when the calls run into their time limit', () => {
    const clock = new ManualClock(nowMs);
    const book = new HealthBook(clock);
    const flights = Array.from({ length: silentCalls }, () => book.begin('acct_a', true));
    clock.advance(30_000);
    for (const flight of flights) {
      expect(book.standingOf('acct_a')).to.equal('unhealthy');
      book.record('acct_a', flight, { outcome: 'failed', latencyMs: 30_000 }, true);
    }
    expect(book.figuresOf('acct_a').state).to.equal('open');
    expect(book.standingOf('acct_a')).to.equal('unhealthy');
  });
});
