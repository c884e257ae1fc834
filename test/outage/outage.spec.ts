/** A few simulated minutes of an outage: nobody pays twice, everybody hears how it ended. */
import { expect } from 'chai';
import { minute, second } from '../../core/base/clock.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { play, type Plan } from './outage.ts';
import type { Trouble } from './processors.ts';
import { absenceOf } from './report.ts';

describeOnEachDatabase('an outage of one account out of three', (database) => {
  // What counts is not how many there are: enough for ten failures before the outage is over.
  const perSecond = 2;

  const plan = (strategy: Plan['strategy'], ...troubles: Trouble[]): Plan => ({
    strategy,
    perSecond,
    lastsMs: 3 * minute + troubles.length * minute,
    outFromMs: 30 * second,
    troubles: troubles.map((trouble) => ({ trouble, lastsMs: 30 * second })),
  });

  async function played(wanted: Plan) {
    const result = await play(await database.open(), wanted);
    const { counted } = result;
    expect(counted.payments).to.equal((wanted.lastsMs * perSecond) / second);
    expect(counted).to.include({ doubled: 0, wrong: 0, open: 0 });
    expect(counted.paid + counted.failed + counted.unknown).to.equal(counted.payments);
    expect(counted.unknownPaid + counted.unknownFailed).to.equal(counted.unknown);
    return { ...result, absence: absenceOf(result) };
  }

  it('that refuses connections loses no payment: they move on', async () => {
    const { counted, absence } = await played(plan('weighted_round_robin', 'unreachable'));
    expect(counted).to.include({ failed: 0, unknown: 0, paid: counted.payments });
    expect(counted.moved).to.be.within(1, 20);
    expect(absence.leftAfterMs).to.be.below(15 * second);
    // It was open for 15 and 30 seconds by then, and waits for at most a minute more.
    expect(absence.backAfterMs).to.be.within(0, 65 * second);
  }).timeout(120_000);

  it('that does not answer leaves payments unknown, never doubled, until it is noticed', async () => {
    const { counted, absence } = await played(plan('failover', 'silent', 'errors'));
    expect(counted).to.include({ failed: 0, moved: 0 });
    expect(counted.unknownPaid).to.be.above(0);
    expect(counted.unknownFailed).to.be.above(0);
    // Ten calls have waited for ten seconds; none has reached its deadline of thirty.
    expect(absence.leftAfterMs).to.be.within(10 * second, 20 * second);
    expect(absence.backAfterMs).to.be.within(0, 65 * second);
  }).timeout(120_000);

  it('gives the account its share again afterwards, and what it missed', async () => {
    const { counted, absence } = await played(plan('weighted_round_robin', 'errors'));
    expect(absence.leftAfterMs).to.be.below(20 * second);
    expect(absence.backAfterMs).to.be.within(0, 65 * second);
    const part = ({ first = 0, second: other = 0, third = 0 }) => first / (first + other + third);
    expect(part(counted.before)).to.be.closeTo(0.6, 0.03);
    expect(part(counted.during)).to.be.below(0.3);
    expect(part(counted.after)).to.be.above(0.55);
  }).timeout(120_000);
});
