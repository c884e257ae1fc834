/** The gate before the sockets: how many get through, and in which order. */
import { expect } from 'chai';
import { createGate } from './queue.ts';

describe('a gate', () => {
  const patient = new AbortController().signal;

  /** Lets everything that can go on go on. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('lets its limit through and the next one only when somebody leaves', async () => {
    const gate = createGate(2);
    const inside: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      void gate.enter(patient).then(() => inside.push(turn));
    }
    await settled();
    expect(inside).to.deep.equal([0, 1]);
    gate.leave();
    await settled();
    expect(inside).to.deep.equal([0, 1, 2]);
    gate.leave();
    gate.leave();
    await settled();
    expect(inside).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('passes over one who gave up, and keeps no place for him', async () => {
    const gate = createGate(1);
    const impatient = new AbortController();
    expect(await gate.enter(patient)).to.equal(true);
    const second = gate.enter(impatient.signal);
    const third = gate.enter(patient);
    impatient.abort();
    expect(await second).to.equal(false);
    gate.leave();
    expect(await third).to.equal(true);
    gate.leave();
    expect(await gate.enter(patient)).to.equal(true);
  });

  it('turns away one whose time is over already, even when there is room', async () => {
    expect(await createGate(1).enter(AbortSignal.abort())).to.equal(false);
  });

  it('does not lose a place to one whose time runs out after his turn came', async () => {
    const gate = createGate(1);
    const late = new AbortController();
    await gate.enter(patient);
    const second = gate.enter(late.signal);
    gate.leave();
    late.abort();
    expect(await second).to.equal(true);
    gate.leave();
    expect(await gate.enter(patient)).to.equal(true);
  });
});
