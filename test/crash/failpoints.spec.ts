/**
 * kill -9 at every step of every operation, on both databases, against a processor that lives on.
 * What must be true afterwards is the table of crash points: nothing is lost, nothing is done
 * twice, and the same request repeated is never a new one.
 *
 * By default one process serves all operations and the last one dies exactly at the failpoint, the
 * others being left in the same place (rounds.ts); POINTSMAN_TEST_EACH=1 kills one process for
 * each.
 */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FailpointName } from '../../core/base/failpoint.ts';
import { startSimulator } from '../../core/wiring/simulator.ts';
import { advanceClock, request, verifyLedger } from '../chaos/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { lookAgain, lookAtOnce, type Aftermath } from './aftermath.ts';
import { Gate } from './gate.ts';
import { moves, prepare, type Case, type Heard } from './operations.ts';
import { crashAt, dyingMove, type Start } from './rounds.ts';
import { startSwitchProcess, type SwitchProcess } from './switch-process.ts';

const failpoints: readonly FailpointName[] = [
  'before_intention',
  'after_intention',
  'after_answer',
  'after_outcome',
];

const oneByOne = process.env['POINTSMAN_TEST_EACH'] === '1';

/** A refusal that is made anew names the request that hears it; nothing else may differ. */
const withoutId = ({ text, ...rest }: Heard) => ({
  ...rest,
  text: text.replace(/"request_id":"[^"]*"/, ''),
});

const name = (each: Case) => each.move.name;

/**
 * The moves of one process; the last of them meets the failpoint itself, another one each round.
 */
function roundsOf(cases: readonly Case[], turn: number): (readonly Case[])[] {
  if (oneByOne) return cases.map((each) => [each]);
  const at = (turn + 1) % cases.length;
  return [[...cases.slice(at), ...cases.slice(0, at)]];
}

describeOnEachDatabase('a switch killed at every step', (database) => {
  let gate: Gate;
  let running: SwitchProcess;
  const closing: (() => unknown)[] = [];
  let turn = database.name === 'sqlite' ? 0 : failpoints.length;
  const heard = new Map<Case, Heard>();
  const seen = new Map<string, Aftermath>();
  const spare: Case[][] = [];
  let start: Start;

  before(async function () {
    this.timeout(oneByOne ? 900_000 : 180_000);
    const directory = mkdtempSync(join(tmpdir(), 'pointsman-crash-'));
    closing.push(() => rmSync(directory, { recursive: true, force: true }));
    const simulator = await startSimulator({ port: 0, dataDir: directory });
    closing.push(() => simulator.stop());
    gate = await Gate.open(simulator.url);
    closing.push(() => gate.close());
    const { dataDir, url: databaseUrl } = await database.open();
    start = async (failpoint) => {
      const options = { dataDir, databaseUrl, simulatorUrl: gate.url, failpoint };
      const started = await startSwitchProcess(options);
      closing.push(() => started.kill());
      return started;
    };
    running = await start();
    const cases = new Map<FailpointName, Case[]>();
    for (const failpoint of failpoints) cases.set(failpoint, await prepareAll());
    if (database.name === 'sqlite') spare.push(await prepareAll(), await prepareAll());
    await running.kill();
    for (const [failpoint, all] of cases) {
      for (const round of roundsOf(all, turn)) {
        const answers = await crashAt(failpoint, round, start, gate);
        for (const [made, answer] of answers) heard.set(made, answer);
      }
      turn += 1;
    }
    running = await start();
    await lookEverywhere(cases);
  });

  after(async () => {
    for (const close of closing.toReversed()) await close();
  });

  async function prepareAll(): Promise<Case[]> {
    return Promise.all(moves.map((move) => prepare(running, move)));
  }

  async function lookEverywhere(cases: ReadonlyMap<FailpointName, Case[]>): Promise<void> {
    const all = [...cases].flatMap(([failpoint, list]) =>
      list.map((made) => ({ failpoint, made })),
    );
    const looks = await Promise.all(
      all.map(async ({ failpoint, made }) => ({
        failpoint,
        look: await lookAtOnce(running, made),
      })),
    );
    await advanceClock(running, '40m');
    for (const { failpoint, look } of looks) {
      seen.set(`${failpoint} ${name(look.made)}`, await lookAgain(running, gate, look));
    }
  }

  function of(failpoint: FailpointName, move: string): Aftermath {
    const found = seen.get(`${failpoint} ${move}`);
    if (!found) throw new Error(`${failpoint} ${move} was not tried`);
    expect(found.operations, 'operations of its kind').to.have.length(1);
    expect(found.sequences, 'events').to.deep.equal(found.sequences.map((_, at) => at + 1));
    expect(withoutId(found.latest), 'each repeat').to.deep.equal(withoutId(found.late));
    return found;
  }

  for (const { name: move, kind, done, success } of moves) {
    it(`${move}, killed before the intention: never happened, and the repeat is the first`, () => {
      const found = of('before_intention', move);
      expect(found.found, 'operations after the restart').to.equal(0);
      expect(found.early).to.include({ status: success, replayed: false });
      expect(found.late).to.deep.equal({ ...found.early, replayed: true });
      expect(found).to.include({ sent: 1, arrived: 1, booked: 1 });
      expect(found.payment).to.include(done);
    });

    if (kind === 'authorize') {
      it(`${move}, killed before it was sent: failed as not sent, and never sent later`, () => {
        const found = of('after_intention', move);
        expect(found.found, 'operations after the restart').to.equal(1);
        expect(found.early.status).to.be.oneOf([202, 409]);
        expect(found.payment).to.include({ status: 'failed', amount_authorized: 0 });
        expect(found.payment['last_error']).to.include({ code: 'not_sent' });
        expect(found.operations[0]).to.include({ state: 'failed' });
        expect(found).to.include({ arrived: 0, booked: 0 });
        expect(found.sent).to.be.at.most(1);
        expect(found.late).to.include({ status: 502, replayed: true });
        expect(JSON.parse(found.late.text)).to.include({ code: 'processor_unreachable' });
      });
    } else {
      it(`${move}, killed before it was sent: sent again once, under the same id`, () => {
        const found = of('after_intention', move);
        expect(found.found, 'operations after the restart').to.equal(1);
        expect(found.early.status).to.be.oneOf([202, 409]);
        expect(found.payment).to.include(done);
        expect(found.operations[0]).to.include({ state: 'succeeded' });
        expect(found).to.include({ arrived: 1, booked: 1 });
        expect(found.sent).to.be.within(1, 2);
        expect(found.late).to.include({ status: success, replayed: true });
      });
    }

    it(`${move}, killed with the answer in hand: found out by asking, not sent again`, () => {
      const found = of('after_answer', move);
      expect(found.found, 'operations after the restart').to.equal(1);
      expect(found.early.status).to.be.oneOf([success, 202, 409]);
      expect(found).to.include({ sent: 1, arrived: 1, booked: 1 });
      expect(found.operations[0]).to.include({ state: 'succeeded' });
      expect(found.payment).to.include(done);
      expect(found.late).to.include({ status: success, replayed: true });
    });

    it(`${move}, killed before it answered: the repeat hears the stored answer, to the byte`, () => {
      const found = of('after_outcome', move);
      expect(found.found, 'operations after the restart').to.equal(1);
      const first = heard.get(found.made) ?? found.early;
      expect(first.status).to.equal(success);
      expect(found.early).to.deep.equal({ ...first, replayed: true });
      expect(found.late).to.deep.equal({ ...first, replayed: true });
      expect(found).to.include({ sent: 1, arrived: 1, booked: 1 });
      expect(found.payment).to.include(done);
    });
  }

  it('the books agree with themselves and with the simulator’s own ledger', async () => {
    const { ok, checks } = await verifyLedger(running);
    expect(checks.flatMap(({ breaches }) => breaches)).to.deep.equal([]);
    expect(ok).to.equal(true);
    expect(checks.map(({ id }) => id)).to.include('simulator');
  });

  it('every request that moves money is among these moves', async () => {
    interface Api {
      readonly paths: Record<string, Record<string, { operationId?: string }>>;
    }
    const { paths } = await request<Api>(running, '/openapi.json');
    const posts = Object.entries(paths)
      .filter(([path]) => /^\/v1\/(payments|refunds)/.test(path))
      .flatMap(([, verbs]) => verbs['post']?.operationId ?? []);
    // A look-up moves nothing, and an update is never sent.
    const covered = new Set([...moves.map(({ route }) => route), 'syncPayment', 'updatePayment']);
    expect(posts).to.have.length.greaterThan(7);
    expect(posts.filter((route) => !covered.has(route))).to.deep.equal([]);
  });

  // The rounds count the other two points: there the process dies at the last move or the round
  // fails.
  // They are passed in the same places whatever the database: once is enough.
  const counted = database.name === 'sqlite' ? (['before_intention', 'after_answer'] as const) : [];
  for (const failpoint of counted) {
    it(`every move passes ${failpoint} exactly once`, async function () {
      this.timeout(60_000);
      await running.kill();
      const cases = spare.pop() ?? [];
      expect(await dyingMove(failpoint, cases, start)).to.equal(moves.at(-1)?.name);
    });
  }
});
