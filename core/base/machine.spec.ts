/** A table with a typo never serves: it does not compile, or it throws when it is loaded. */
import { expect } from 'chai';
import { InvariantBroken } from './assert.ts';
import { defineMachine } from './machine.ts';

const door = defineMachine({
  name: 'door',
  initial: 'shut',
  states: {
    shut: { open: 'ajar', lock: 'locked' },
    ajar: { shut: 'shut' },
    locked: {},
  },
});

describe('a state machine', () => {
  it('knows its moves and nothing else', () => {
    expect(door.next('shut', 'open')).to.equal('ajar');
    expect(door.next('ajar', 'lock')).to.equal(undefined);
    expect(door.allowed('shut')).to.deep.equal(['open', 'lock']);
    expect(door.states).to.deep.equal(['shut', 'ajar', 'locked']);
  });

  it('is at its end where no move is left', () => {
    expect(door.terminal('locked')).to.equal(true);
    expect(door.terminal('ajar')).to.equal(false);
  });

  it('is refused with a state that nobody can reach', () => {
    const states = { shut: {}, lost: { open: 'shut' } } as const;
    const load = () => defineMachine({ name: 'door', initial: 'shut', states });
    expect(load).to.throw(InvariantBroken, 'door: no way into "lost"');
  });

  it('is refused with a target that is not in the table', () => {
    const load = () =>
      defineMachine({
        name: 'door',
        initial: 'shut',
        states: {
          // @ts-expect-error a misspelt target does not compile
          shut: { open: 'agar' },
        },
      });
    expect(load).to.throw(InvariantBroken, '"agar" is not in the table');
  });

  it('inherits no move from JavaScript’s own objects', () => {
    expect(door.next('locked', 'toString' as never)).to.equal(undefined);
  });

  it('draws itself', () => {
    expect(door.toMermaid().split('\n')).to.deep.equal([
      'stateDiagram-v2',
      '  [*] --> shut',
      '  shut --> ajar: open',
      '  shut --> locked: lock',
      '  ajar --> shut: shut',
      '  locked --> [*]',
    ]);
  });
});
