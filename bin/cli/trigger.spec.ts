/** `trigger`: every type of event is produced for real, or has a reason why not. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../core/base/clock.ts';
import { eventTypes, type EventType } from '../../core/wiring/local-webhooks.ts';
import { startTestSwitch, type TestSwitch } from '../../test/support/app.ts';
import { runCli } from './spec-terminal.ts';
import { beyondReach, recipes } from './trigger-recipes.ts';

describe('trigger', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-cli-'));
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch({ dataDir, url: undefined }, { clock: systemClock });
    const url = `${app.simulatorUrl}/nobody`;
    await app.call('/v1/webhook_endpoints', { body: { url, events: ['setup.failed'] } });
  });
  after(async () => {
    await app?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const cli = (...line: string[]) => runCli([...line, '--data', dataDir]);

  it('has a recipe for every type, or a reason', () => {
    const known = [...Object.keys(recipes), ...Object.keys(beyondReach)];
    expect(known).to.have.members([...eventTypes]);
    expect(known).to.have.length(new Set(known).size);
  });

  const types = Object.keys(recipes) as EventType[];
  const movesClock = (type: EventType) => recipes[type]?.clock !== undefined;
  // Those that move the clock come last but one: what follows has to work as well.
  const still = types.filter((type) => !movesClock(type));
  for (const type of [...still, ...types.filter(movesClock), 'dispute.lost']) {
    it(`produces ${type}`, async () => {
      const ran = await cli('trigger', type, '--json');
      expect(ran.exitCode, ran.out + ran.err).to.equal(0);
      expect(ran.document).to.include({ object: 'event', type });
    }).timeout(30_000);
  }

  it('says what it cannot produce, why, and what it can', async () => {
    const invented = await cli('trigger', 'payment.invented');
    expect(invented.exitCode).to.equal(2);
    expect(invented.err).to.include('payment.captured');
    const closed = await cli('trigger', 'dispute.closed');
    expect(closed.exitCode).to.equal(2);
    expect(closed.err).to.include('won or lost').and.to.include('dispute.won');
  });
});
