/** What a connector is given: among it the time of the processors, which nobody here can move. */
import { expect } from 'chai';
import { ManualClock, MovableClock } from '../base/clock.ts';
import { Fault } from '../sdk/fault.ts';
import { contextOf } from './context.ts';

describe('the context of a connector', () => {
  const send = async () => {
    throw new Fault('unreachable', 'the spec calls no processor');
  };
  const account = {
    settings: {},
    http: { send },
    webhookUrl: undefined,
    webhookSecret: undefined,
  };

  it('has the time outside, however far a sandbox was moved: signatures are made there', () => {
    const outside = new ManualClock(1_000);
    const clock = new MovableClock(outside);
    const context = contextOf(account, 'sandbox', clock);
    clock.setOffset(7 * 24 * 3_600_000);
    outside.advance(500);
    expect(context.now()).to.equal(1_500);
    expect(contextOf(account, 'live', outside).now()).to.equal(1_500);
  });
});
