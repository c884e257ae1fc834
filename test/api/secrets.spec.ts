/**
 * A new version of the master key, added while the books are full: what was sealed moves over while
 * the switch serves, and what was handed out before stays valid.
 */
import { expect } from 'chai';
import {
  startProcessor,
  type Processor,
} from '../../connectors/card-simulator/processor/server.ts';
import { rotateMasterKey } from '../../core/wiring/master-key.ts';
import { reseal } from '../../core/wiring/reseal.ts';
import { allSealedColumns } from '../../core/wiring/sealed-columns.ts';
import { openMethod } from '../../core/methods/index.ts';
import type { AnyConnector } from '../../core/sdk/index.ts';
import type { Database } from '../../core/storage/index.ts';
import { runCli } from '../../bin/cli/spec-terminal.ts';
import {
  chargeBody,
  configFor,
  startTestSwitch,
  testNowMs,
  type TestSwitch,
} from '../support/app.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../support/databases.ts';
import { filled } from '../support/fixtures.ts';
import { keeperSecret, keepingConnectors } from '../support/method-keeper.ts';
import { rawRows } from '../support/storage.ts';

/** Sealed text, wherever it stands: a version, then at least nonce and tag in base64. */
const sealedText = /\bk[1-9]\d*\.[A-Za-z0-9+/]{37,}/;

describeOnEachDatabase('rotating the master key', (database) => {
  let place: DatabasePlace;
  let processor: Processor;
  let connectors: readonly AnyConnector[];
  let app: TestSwitch;
  let setup: string;
  let method: string;
  const headers = { 'idempotency-key': 'before-the-rotation' };

  const begin = () =>
    startTestSwitch(place, { connectors, simulatorUrl: processor.url, jobs: false });
  const cli = (...argv: string[]) =>
    runCli([...argv, '--json', '--url', app.url, '--key', app.credentials.admin_key]);
  const versions = async () => (await cli('secrets', 'status')).document['versions'];

  before(async () => {
    place = await database.open();
    connectors = keepingConnectors();
    processor = await startProcessor({ port: 0, host: '127.0.0.1', now: () => testNowMs });
    app = await begin();
    setup = await filled({ app }, '{setup_id}');
    method = await filled({ app }, '{payment_method_id}');
    expect((await app.call('/v1/payments', { body: chargeBody(), headers })).status).to.equal(201);
  });
  after(async () => {
    await (app as TestSwitch | undefined)?.stop();
    await (processor as Processor | undefined)?.close();
  });

  it('no column holds sealed text but those that are listed', async () => {
    const listed = new Set(allSealedColumns.map(({ table, column }) => `${table}.${column}`));
    const found = new Set(await columnsWithSealedText(app.running.db));
    expect([...found].filter((name) => !listed.has(name))).to.deep.equal([]);
    // Those that this suite has filled: without them the line above would say nothing.
    for (const name of [
      'accounts.settings',
      'setups.next_action',
      'payment_methods.token',
      'idempotency_keys.body',
    ]) {
      expect(found.has(name), name).to.equal(true);
    }
  });

  it('the listed columns exist, with the columns that name their rows', async () => {
    for (const { table, column, key } of allSealedColumns) {
      await rawRows(app.running.db, `select ${[column, ...key].join()} from ${table} limit 1`);
    }
  });

  it('without a second version there is nothing to do', async () => {
    const { document, exitCode } = await cli('secrets', 'reseal');
    expect(exitCode).to.equal(0);
    expect(document).to.include({ newest: 1, resealed: 0, overtaken: 0 });
  });

  it('a new version seals, the old one opens, and keys that were handed out stay valid', async () => {
    const key = app.credentials.secret_key;
    const payment = await filled({ app }, '{created_payment_id}');
    const secret = (await app.call(`/v1/payments/${payment}`)).body['client_secret'];
    await app.stop();
    expect(rotateMasterKey(configFor(place)).version).to.equal(2);
    app = await begin();
    expect(app.credentials.secret_key).to.equal(key);
    expect((await app.call(`/v1/payments/${payment}`)).body['client_secret']).to.equal(secret);
    const replayed = await app.call('/v1/payments', { body: chargeBody(), headers });
    expect(replayed.headers.get('idempotent-replayed')).to.equal('true');
    const [first, second] = await versions();
    expect(first.version).to.equal(1);
    expect(first.columns).to.include({ 'payment_methods.token': 1, 'setups.next_action': 1 });
    expect(second).to.include({ version: 2 });
  });

  it('reseals everything once, by as many as like to, while payments go on', async () => {
    const { db, desk } = app.running;
    const before = (await versions())[0].rows as number;
    const [one, two, charged] = await Promise.all([
      cli('secrets', 'reseal'),
      reseal(db, desk.keyring, 1_000),
      app.call('/v1/payments', { body: chargeBody() }),
    ]);
    expect(charged.status).to.equal(201);
    const moved = one.document['resealed'] + two.resealed;
    expect(moved).to.be.greaterThan(3).and.to.be.at.most(before);
    const [left] = await versions();
    expect(Object.keys(left.columns), 'answers expire by themselves').to.deep.equal([
      'idempotency_keys.body',
    ]);
    const again = await cli('secrets', 'reseal');
    expect(again.exitCode).to.equal(0);
    expect(again.document).to.include({ newest: 2, resealed: 0, overtaken: 0 });
    expect(again.document['unreadable']).to.deep.equal([]);
  });

  it('everything opens afterwards as it did before', async () => {
    const { body } = await app.call(`/v1/setups/${setup}`);
    expect(body['next_action'].client_secret).to.equal(keeperSecret);
    const { token } = await openMethod(app.running.desk, app.credentials.merchant_id, method);
    expect(token.reveal()).to.match(/^kept_tok_/);
    app.running.desk.accounts.forget(app.credentials.merchant_id);
    expect((await app.call('/v1/payments', { body: chargeBody() })).status).to.equal(201);
  });

  it('names a row that does not open, and moves the others', async () => {
    const { db } = app.running;
    const [row] = await db.find<{ token: string }>('payment_methods', { id: method });
    const broken = String(row?.token).replace(/^k2/, 'k1');
    const set = { kind: 'update', table: 'payment_methods', guard: 'test' } as const;
    await db.commit([{ ...set, set: { token: broken }, where: { id: method } }]);
    const { document, exitCode } = await cli('secrets', 'reseal');
    expect(exitCode).to.equal(1);
    expect(document['unreadable']).to.deep.equal([`payment_methods/${method}`]);
  });
});

async function columnsWithSealedText(db: Database): Promise<string[]> {
  const catalogue =
    db.dialect === 'sqlite'
      ? `select m.name as t, c.name as c from sqlite_master m, pragma_table_info(m.name) c
         where m.type = 'table'`
      : `select table_name as t, column_name as c from information_schema.columns
         where table_schema = 'public' and data_type = 'text'`;
  const found: string[] = [];
  for (const { t, c } of await rawRows<{ t: string; c: string }>(db, catalogue)) {
    const rows = await rawRows<{ v: unknown }>(db, `select "${c}" as v from "${t}"`);
    if (rows.some(({ v }) => typeof v === 'string' && sealedText.test(v))) found.push(`${t}.${c}`);
  }
  return found;
}
