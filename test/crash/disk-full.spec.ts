/**
 * A disk that runs full under load, on a file system of a few megabytes. Refusing is right; calling
 * the processor about something that could not be written down is not, and neither is needing a
 * restart once there is room again.
 */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chargeBody, startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import { allRows, simulatorLedger } from '../support/books.ts';
import { skipped } from '../support/skipped.ts';

/** Room for an empty database (0.4 MB) and its write-ahead log, and for not very much else. */
const sizeMb = 6;

/** Mounts a small file system; answers why that is not possible, if so. */
function mountTiny(directory: string): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has tmpfs';
  const options = ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', directory];
  const { status, error, stderr } = spawnSync('mount', options, { encoding: 'utf8' });
  if (status === 0) return undefined;
  return `no tmpfs can be mounted here (${error?.message ?? stderr.trim()})`;
}

describe('a full disk (SQLite)', function () {
  this.timeout(60_000);
  const directory = mkdtempSync(join(tmpdir(), 'pointsman-full-'));
  const ballast = join(directory, 'ballast');
  let mounted = false;
  let app: TestSwitch;

  before(async function () {
    const reason = mountTiny(directory);
    mounted = reason === undefined;
    if (reason !== undefined) {
      skipped.set('Full disk', reason);
      this.skip();
    }
    const yaml = 'processors: { absence_grace_ms: 1000 }\n';
    app = await startTestSwitch({ dataDir: directory, url: undefined }, { yaml, jobs: false });
  });

  after(async () => {
    await app?.stop();
    if (mounted) spawnSync('umount', [directory]);
    rmSync(directory, { recursive: true, force: true });
  });

  /** Leaves `freeBytes` and nothing more. */
  function fill(freeBytes: number): void {
    rmSync(ballast, { force: true });
    const file = openSync(ballast, 'w');
    const block = Buffer.alloc(4096);
    let written = 0;
    try {
      for (;;) written += writeSync(file, block);
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).to.equal('ENOSPC');
    } finally {
      closeSync(file);
    }
    spawnSync('truncate', ['-s', String(Math.max(0, written - freeBytes)), ballast]);
  }

  const charge = () => app.call('/v1/payments', { body: chargeBody() });

  /** Charges until the disk has been full for a while; every answer. */
  async function chargeIntoTheWall(): Promise<Answer[]> {
    const answers: Answer[] = [];
    while (answers.filter(({ status }) => status === 503).length < 12) {
      answers.push(...(await Promise.all([charge(), charge(), charge()])));
      expect(answers.length, 'the disk fills up').to.be.lessThan(600);
    }
    return answers;
  }

  it('refuses payments, calls nobody about them, reads on, and recovers by itself', async () => {
    const first = await charge();
    expect(first.status).to.equal(201);

    fill(150_000);
    const answers = await chargeIntoTheWall();
    expect(answers.map(({ status }) => status)).to.include(201);
    for (const { status, body, text } of answers) {
      expect(status, text).to.be.oneOf([201, 503]);
      if (status === 503) expect(body['code']).to.equal('storage_unavailable');
    }

    const { operations: booked } = await simulatorLedger(app);
    const known = (await allRows(app.running.db))['operations'] as { id: string; state: string }[];
    const ids = new Set(known.map(({ id }) => id));
    expect(booked.filter(({ reference }) => !ids.has(reference))).to.deep.equal([]);
    const read = await app.call(`/v1/payments/${first.body['id']}`);
    expect(read.status).to.equal(200);
    expect((await app.call('/readyz')).status).to.be.oneOf([200, 503]);

    rmSync(ballast);
    const next = await charge();
    expect(next.status, next.text).to.equal(201);
    expect(app.lines.filter((line) => line.includes('the disk cannot be trusted'))).to.deep.equal(
      [],
    );

    // What was sent and could not be written down is found out about, without anybody's help.
    const move = { body: { by: '1h' }, key: app.credentials.admin_key };
    expect((await app.call('/v1/clock/advance', move)).status).to.equal(200);
    const verify = { method: 'POST', key: app.credentials.admin_key };
    const { body } = await app.call('/v1/ledger/verify', verify);
    expect(body, JSON.stringify(body)).to.include({ ok: true });
    const later = (await allRows(app.running.db))['operations'] as { state: string }[];
    expect(later.filter(({ state }) => !['succeeded', 'failed'].includes(state))).to.deep.equal([]);
  });

  it('keeps to that wherever the room runs out, from one write to the next', async () => {
    for (let free = 0; free <= 80_000; free += 8_192) {
      fill(free);
      const { status, text } = await charge();
      expect(status, text).to.be.oneOf([201, 503]);
      rmSync(ballast);
      const { operations: booked } = await simulatorLedger(app);
      const known = (await allRows(app.running.db))['operations'] as { id: string }[];
      const ids = new Set(known.map(({ id }) => id));
      expect(
        booked.filter(({ reference }) => !ids.has(reference)),
        `${free}`,
      ).to.deep.equal([]);
      expect((await charge()).status, `room again after ${free} bytes`).to.equal(201);
    }
  });
});
