/** The processor's word against what was asked: an answer about other money is no success. */
import { expect } from 'chai';
import { Fault, faultEffects, type FaultKind } from '../sdk/fault.ts';
import type { Outcome, Succeeded } from '../sdk/outcome.ts';
import { Keyring } from '../base/keyring.ts';
import { faultOf } from '../accounts/fault.ts';
import { judge as judgeWith, judgeFault } from './judge.ts';
import { callingOperation, freshPayment } from './spec-world.ts';

const keyring = new Keyring(Buffer.alloc(32, 7));
const judge = (of: Parameters<typeof judgeWith>[0], outcome: Outcome<unknown>) =>
  judgeWith(of, outcome, keyring);

const operation = callingOperation(freshPayment(), 'capture', 6000);

function success(more: Partial<Succeeded<unknown>> = {}): Outcome<unknown> {
  return {
    status: 'succeeded',
    operationId: operation.id,
    amount: { amount: 6000, currency: 'USD' },
    ref: { charge: 'ch_1' },
    ...more,
  };
}

describe('judging an outcome', () => {
  it('takes the right answer about the right money for a success', () => {
    const verification = { auth_code: '123456', cvc_check: 'M' };
    expect(judge(operation, success({ verification }))).to.deep.equal({
      state: 'succeeded',
      ref: '{"charge":"ch_1"}',
      result: { verification },
    });
  });

  const wrong: readonly [string, Partial<Succeeded<unknown>>, object][] = [
    ['one unit less', { amount: { amount: 5999, currency: 'USD' } }, { amount: 5999 }],
    ['one unit more', { amount: { amount: 6001, currency: 'USD' } }, { amount: 6001 }],
    ['another currency', { amount: { amount: 6000, currency: 'EUR' } }, { currency: 'EUR' }],
    ['another operation', { operationId: 'op_other' }, { operation: 'op_other' }],
  ];
  for (const [what, more, found] of wrong) {
    it(`holds a success with ${what} for review, and keeps what was found`, () => {
      const verdict = judge(operation, success(more));
      expect(verdict.state).to.equal('review');
      expect(verdict.result.found).to.include(found);
    });
  }

  it('keeps a decline’s code, advice and the processor’s own word', () => {
    const verdict = judge(operation, {
      status: 'declined',
      code: 'insufficient_funds',
      advice: 'later',
      processorCode: '51',
    });
    expect(verdict).to.deep.equal({
      state: 'declined',
      ref: null,
      result: { decline_code: 'insufficient_funds', advice: 'later', processor_code: '51' },
    });
  });

  it('keeps the handle it had when an answer brings none', () => {
    const known = { ...operation, ref: '{"charge":"ch_0"}' };
    const declined = { status: 'declined', code: 'other', advice: 'never', processorCode: 'x' };
    expect(judge(known, declined as Outcome<unknown>).ref).to.equal('{"charge":"ch_0"}');
  });

  it('spells the handle in one way, whatever the order of its fields', () => {
    const one = judge(operation, success({ ref: { b: 1, a: 2 } }));
    const other = judge(operation, success({ ref: { a: 2, b: 1 } }));
    expect(one.ref).to.equal(other.ref);
  });

  it('remembers who has to move, and how', () => {
    const nextAction = { type: 'redirect', url: 'https://bank.example' } as const;
    const pending = { status: 'pending', ref: {}, waitingFor: 'customer', nextAction } as const;
    expect(judge(operation, pending).result).to.deep.equal({
      waiting_for: 'customer',
      next_action: nextAction,
    });
  });
});

describe('judging a fault', () => {
  const states: Readonly<Record<FaultKind, 'failed' | 'unknown'>> = {
    unreachable: 'failed',
    throttled: 'failed',
    rejected: 'failed',
    unauthorized: 'failed',
    timed_out: 'unknown',
    broken: 'unknown',
    unintelligible: 'unknown',
  };
  for (const kind of Object.keys(faultEffects) as FaultKind[]) {
    it(`takes ${kind} for ${states[kind]}`, () => {
      const verdict = judgeFault(operation, new Fault(kind, 'said the test'));
      expect(verdict).to.deep.equal({ state: states[kind], ref: null, result: { fault: kind } });
    });
  }

  it('takes a connector that breaks for "nobody knows", never for "nothing happened"', () => {
    for (const thrown of [new TypeError('x is undefined'), 'a string', undefined]) {
      expect(judgeFault(operation, faultOf(thrown)).state).to.equal('unknown');
    }
  });

  it('passes a fault on as it is, and keeps the cause of a breakage', () => {
    const fault = new Fault('rejected', 'no');
    expect(faultOf(fault)).to.equal(fault);
    const bug = new TypeError('x is undefined');
    expect(faultOf(bug).cause).to.equal(bug);
    expect(faultOf(bug).message).not.to.contain('x is undefined');
  });
});
