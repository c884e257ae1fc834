/** kill -9 around kept cards and used-up tokens: nothing is lost, nothing is used twice. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FailpointName } from '../../core/base/failpoint.ts';
import { startSimulator } from '../../core/wiring/simulator.ts';
import { advanceClock, readSimulator, request } from '../chaos/books.ts';
import { call, card, chargeBody, type Answer } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { startSwitchProcess, type SwitchProcess } from './switch-process.ts';

describeOnEachDatabase('a switch killed over a card', function (database) {
  let running: SwitchProcess;
  let restart: (name?: FailpointName) => Promise<void>;
  let simulatorUrl: string;
  let customer: string;
  const closing: (() => unknown)[] = [];

  before(async function () {
    this.timeout(60_000);
    const directory = mkdtempSync(join(tmpdir(), 'pointsman-vault-'));
    closing.push(() => rmSync(directory, { recursive: true, force: true }));
    const simulator = await startSimulator({ port: 0, dataDir: directory });
    closing.push(() => simulator.stop());
    simulatorUrl = simulator.url;
    const { dataDir, url: databaseUrl } = await database.open();
    restart = async (name) => {
      const failpoint = name && { name, nth: 1 };
      running = await startSwitchProcess({ dataDir, databaseUrl, simulatorUrl, failpoint });
    };
    closing.push(() => running.kill());
    await restart();
    customer = (await post('/v1/customers', {})).body['id'];
  });
  beforeEach(function () {
    this.timeout(60_000);
  });
  after(async () => {
    for (const close of closing.toReversed()) await close();
  });

  const post = (path: string, body: object, key?: string): Promise<Answer> =>
    call(running.url, running.secretKey, path, {
      body,
      headers: key === undefined ? {} : { 'idempotency-key': key },
    });
  const methods = async () => {
    const path = `/v1/payment_methods?customer_id=${customer}`;
    return (await request<{ data: { id: string }[] }>(running, path)).data;
  };

  /** Sends what the process dies of, and starts it again. */
  async function dying(name: FailpointName, body: object, key: string): Promise<void> {
    await running.kill();
    await restart(name);
    const dead = await post('/v1/payments', body, key).then(
      () => false,
      () => true,
    );
    expect(dead, 'it died').to.equal(true);
    await running.ended;
    await restart();
  }

  it('between the outcome and the answer: the card was kept, and the repeat hears so', async () => {
    const body = chargeBody({ customer_id: customer, setup_future_usage: 'off_session' });
    await dying('after_outcome', body, 'keep');
    const kept = await methods();
    expect(kept).to.have.length(1);
    const again = await post('/v1/payments', body, 'keep');
    expect(again.status, again.text).to.equal(201);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect(await methods()).to.have.length(1);
    const payment_method = { type: 'saved', id: kept[0]?.id };
    const alone = { customer_id: customer, off_session: true, payment_method };
    expect((await post('/v1/payments', chargeBody(alone))).status).to.equal(201);
  });

  it('between intention and call: the token is used up, and charged nothing', async () => {
    const { credentials } = running;
    const key = credentials.public_key;
    const path = '/v1/payment_methods';
    const token = await call(running.url, key, path, { body: card('4242424242424242') });
    const payment_method = { type: 'saved', id: token.body['id'] };
    const before = (await readSimulator(simulatorUrl)).length;
    await dying('after_intention', chargeBody({ payment_method }), 'use');
    const second = await post('/v1/payments', chargeBody({ payment_method }));
    expect(second.body['code']).to.equal('payment_method_used');
    await advanceClock(running, '40m');
    const first = await post('/v1/payments', chargeBody({ payment_method }), 'use');
    expect(first.body['payment']?.status, first.text).to.equal('failed');
    expect(await readSimulator(simulatorUrl)).to.have.length(before);
  });

  it('before the payment: the token still pays, without the CVC that was never written', async () => {
    const path = '/v1/payment_methods';
    const { credentials } = running;
    const body = card('4242424242424242');
    const token = await call(running.url, credentials.public_key, path, { body });
    await running.kill();
    await restart();
    const payment_method = { type: 'saved', id: token.body['id'] };
    const paid = await post('/v1/payments', chargeBody({ payment_method }));
    expect(paid.status, paid.text).to.equal(201);
    expect(paid.body['verification'].cvc_check).to.equal('P');
  });
});
