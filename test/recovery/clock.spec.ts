/** The sandbox's clock: a week in one request, everything due on the way at its own moment. */
import { expect } from 'chai';
import { day, hour, isoTime, minute, second } from '../../core/base/clock.ts';
import {
  startProcessor,
  type Processor,
} from '../../connectors/card-simulator/processor/server.ts';
import { start } from '../../core/wiring/start.ts';
import {
  card,
  chargeBody,
  configFor,
  startTestSwitch,
  testNowMs,
  type TestSwitch,
} from '../support/app.ts';
import { simulatorFault } from '../support/books.ts';
import { silenceNews } from '../support/accounts.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../support/databases.ts';
import { authorized, endHonestly, faultOnce, post, startStill } from './world.ts';

interface Told {
  readonly reference: string;
  readonly type: string;
  readonly created_at: string;
}

describeOnEachDatabase('the sandbox clock', (database) => {
  let place: DatabasePlace;
  let simulator: Processor;
  let app: TestSwitch;

  before(async () => {
    place = await database.open();
    simulator = await startProcessor({ port: 0, host: '127.0.0.1', now: () => testNowMs });
    app = await startStill(place, { simulatorUrl: simulator.url });
  });
  after(async () => {
    await endHonestly(app);
    await simulator?.close();
  });

  const clockOf = async (of: TestSwitch) =>
    (await of.call('/v1/clock', { key: of.credentials.admin_key })).body;

  function advance(of: TestSwitch, by: string, key: string | null = of.credentials.admin_key) {
    return of.call('/v1/clock/advance', { body: { by }, key });
  }

  it('says what time it is, and moves', async () => {
    const before = await clockOf(app);
    expect(before).to.include({ object: 'clock', now: isoTime(testNowMs), offset_ms: 0 });
    const moved = await advance(app, '1h30m');
    expect(moved.status, moved.text).to.equal(200);
    const offset = 90 * minute;
    expect(moved.body).to.include({ now: isoTime(testNowMs + offset), offset_ms: offset });
    expect(await clockOf(app)).to.deep.equal(moved.body);
    const made = await post(app, '/v1/payments', { amount: 1, currency: 'USD' }, 201);
    expect(made['created_at']).to.equal(isoTime(testNowMs + offset));
  });

  it('is moved by the box’s owner alone', async () => {
    const { secret_key: secret, public_key: open } = app.credentials;
    for (const [key, status] of [
      [secret, 403],
      [open, 403],
      [null, 401],
    ] as const) {
      expect((await advance(app, '1d', key)).status, String(key)).to.equal(status);
      expect((await app.call('/v1/clock', { key })).status, String(key)).to.equal(status);
    }
  });

  it('never runs backwards, and refuses what is no duration', async () => {
    const { now } = await clockOf(app);
    for (const by of ['-1d', '', '1', '1w', '7 d', '1d-2h', '999999d']) {
      expect((await advance(app, by)).status, by).to.equal(400);
    }
    expect((await advance(app, '0s')).body['now']).to.equal(now);
  });

  it('keeps its time over a restart', async () => {
    await advance(app, '3d');
    const { now } = await clockOf(app);
    await app.running.stop();
    app = await startStill(place, { simulatorUrl: simulator.url });
    expect((await clockOf(app))['now']).to.equal(now);
  });
});

describeOnEachDatabase('a week in one request', (database) => {
  /** A day of all sorts, then eight days at once; every event of it, in the order of time. */
  async function playback(): Promise<readonly Told[]> {
    const app = await startStill(await database.open());
    // When it asks is the question here: news would come before its turn.
    await silenceNews(app);
    try {
      const body = { capture_method: 'manual' };
      const at = async (gap: string) => {
        const key = app.credentials.admin_key;
        const answer = await app.call('/v1/clock/advance', { body: { by: gap }, key });
        expect(answer.status, answer.text).to.equal(200);
      };
      await authorized(app, { reference: 'hold 1' });
      await at('10m');
      await post(app, '/v1/payments', { amount: 5, currency: 'USD', reference: 'draft' }, 201);
      await at('10m');
      const challenge = card('4000000000003220');
      await authorized(app, { reference: 'challenge', payment_method: challenge });
      const part = await authorized(app, { reference: 'part' });
      await post(app, `/v1/payments/${part}/capture`, { amount: 1000 }, 200);
      await faultOnce(app, 'reset_after', 'authorize');
      await post(app, '/v1/payments', chargeBody({ ...body, reference: 'lost' }), 202);
      await faultOnce(app, 'reset_before', 'authorize');
      await post(app, '/v1/payments', chargeBody({ ...body, reference: 'gone' }), 202);
      await at('30m');
      await authorized(app, { reference: 'hold 2' });
      await simulatorFault(app);
      await at('8d');
      const { db } = app.running;
      const rows = await db.rows<Told & { sequence: number }>(
        db
          .knex('events')
          .join('payments', 'payments.id', 'events.payment_id')
          .select('reference', 'type', 'sequence', 'events.created_at as created_at'),
      );
      const order = (row: Told & { sequence: number }) =>
        `${row.created_at} ${row.reference} ${String(row.sequence).padStart(3, '0')}`;
      return rows
        .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
        .map(({ reference, type, created_at }) => ({ reference, type, created_at }));
    } finally {
      await endHonestly(app);
    }
  }

  it('does everything at its own moment, and the same way each time', async () => {
    const told = await playback();
    const moment = (reference: string, type: string) =>
      told
        .filter((event) => event.reference === reference && event.type === `payment.${type}`)
        .map((event) => Date.parse(event.created_at) - testNowMs);
    expect(moment('draft', 'expired')).to.deep.equal([10 * minute + hour]);
    expect(moment('challenge', 'expired')).to.deep.equal([20 * minute + hour]);
    expect(moment('lost', 'authorized')).to.deep.equal([20 * minute + 5 * second]);
    expect(moment('gone', 'failed')).to.deep.equal([20 * minute + 35 * second]);
    expect(moment('hold 1', 'expired')).to.deep.equal([7 * day]);
    expect(moment('part', 'captured')).to.deep.equal([7 * day + 20 * minute]);
    expect(moment('lost', 'expired')).to.deep.equal([7 * day + 20 * minute + 5 * second]);
    expect(moment('hold 2', 'expired')).to.deep.equal([7 * day + 50 * minute]);
    expect(await playback()).to.deep.equal(told);
  });
});

describeOnEachDatabase('in live mode', (database) => {
  it('there is no clock to move', async () => {
    const place = await database.open();
    const env = {
      POINTSMAN_MODE: 'live',
      POINTSMAN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    };
    const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
    const running = await start(configFor(place, env), { jobs: false, log: silent });
    try {
      const statusOf = async (path: string) => (await fetch(running.baseUrl + path)).status;
      expect(await statusOf('/v1/payments')).to.equal(401);
      expect(await statusOf('/v1/clock')).to.equal(404);
      const api = await (await fetch(`${running.baseUrl}/openapi.json`)).text();
      expect(api).to.contain('/v1/payments').and.not.to.contain('/v1/clock');
    } finally {
      await running.stop();
    }
    const sandbox = await startTestSwitch(await database.open(), { jobs: false });
    expect((await sandbox.call('/v1/clock', { key: null })).status, 'the control').to.equal(401);
    await sandbox.stop();
  });
});
