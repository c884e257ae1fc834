/**
 * A dialect's own idempotency header: its bytes are repeated as its document says, and whatever
 * happens to them, money moves once.
 */
import { expect } from 'chai';
import { card, startTestSwitch, type TestSwitch } from '../support/app.ts';
import { silenceNews } from '../support/accounts.ts';
import { closeBooks, simulatorFault, simulatorLedger } from '../support/books.ts';
import { describeOnEachDatabase, type DatabasePlace } from '../support/databases.ts';
import { till } from '../support/plugins/till.ts';
import { skipped } from '../support/skipped.ts';

const visa = { number: '4242424242424242', month: 12, year: 2034, cvv: '123' };
const declined = { ...visa, number: '4000000000000002' };

describeOnEachDatabase('a dialect’s repeats', (database) => {
  let app: TestSwitch;
  let place: DatabasePlace;
  let orders = 0;
  const open = async (settings: string, more = '') => {
    const yaml = `plugin_settings: { till: ${settings} }\n${more}`;
    place = await database.open();
    app = await startTestSwitch(place, { plugins: [till], yaml });
  };
  afterEach(() => closeBooks(app));

  const charge = (key: string, more: object = {}, node = app) =>
    node.call('/till/api/charges', {
      key: null,
      headers: {
        'x-till-key': app.credentials.public_key,
        'x-till-secret': app.credentials.secret_key,
        'x-request-key': key,
      },
      body: { order_no: `r-${orders}`, amount: 5, currency: 'USD', card: visa, ...more },
    });
  const charges = async () => (await simulatorLedger(app)).operations.length;
  beforeEach(() => {
    orders += 1;
  });

  it('answer the same bytes for as long as its document says, and charge once', async () => {
    await open('{ per_second: 1000 }');
    const first = await charge('key-00001');
    expect(first.status, first.text).to.equal(201);
    const again = await charge('key-00001');
    expect([again.status, again.text]).to.deep.equal([first.status, first.text]);
    expect(again.headers.get('idempotent-replayed')).to.equal('true');
    expect((await charge('key-00001', { amount: 6 })).status).to.equal(422);
    // Another CVC is the same request: it is in no fingerprint.
    const other = await charge('key-00001', { card: { ...visa, cvv: '999' } });
    expect(other.text).to.equal(first.text);
    expect((await charge('short')).status).to.equal(400);
    expect(await charges()).to.equal(1);
    app.clock.advance(3_600_001);
    expect((await charge('key-00001', { order_no: 'later' })).status).to.equal(201);
    expect(await charges()).to.equal(2);
  });

  it('of refusals are refused again where everything is kept', async () => {
    await open('{ store_on: all }');
    const first = await charge('key-00002', { card: declined });
    expect(first.status).to.equal(402);
    expect((await charge('key-00002', { card: declined })).text).to.equal(first.text);
    expect(await charges()).to.equal(1);
  });

  it('after a refusal are new tries where only successes are kept', async () => {
    await open('{ store_on: success, on_mismatch: replay }');
    expect((await charge('key-00003', { card: declined })).status).to.equal(402);
    const second = await charge('key-00003', { order_no: 'second' });
    expect(second.status, second.text).to.equal(201);
    const other = await charge('key-00003', { order_no: 'third', amount: 7 });
    expect(other.text, 'a silent replay').to.equal(second.text);
    expect(await charges()).to.equal(2);
  });

  it('at once make one charge, whoever wins', async () => {
    await open('{}');
    const storm = await Promise.all(Array.from({ length: 20 }, () => charge('key-00004')));
    const statuses = new Set(storm.map(({ status }) => status));
    expect([...statuses].filter((status) => ![201, 409].includes(status))).to.deep.equal([]);
    expect(await charges()).to.equal(1);
    expect((await charge('key-00004')).status).to.equal(201);
    expect(await charges()).to.equal(1);
  });

  it('at once on two nodes make one charge as well', async function () {
    await open('{}');
    if (place.url === undefined) {
      skipped.set('A dialect on two SQLite nodes', 'a second process is refused at the start');
      return this.skip();
    }
    const { simulatorUrl } = app;
    const twin = await startTestSwitch(place, { plugins: [till], simulatorUrl, jobs: false });
    try {
      for (let round = 1; round <= 5; round += 1) {
        const key = `nodes-00${round}`;
        const storm = await Promise.all(
          [app, twin, app, twin, twin, app].map((node) => charge(key, { order_no: key }, node)),
        );
        const odd = storm.filter(({ status }) => ![201, 409].includes(status));
        expect(odd.map(({ text }) => text)).to.deep.equal([]);
        expect(await charges()).to.equal(round);
        const [one, two] = [
          await charge(key, { order_no: key }),
          await charge(key, { order_no: key }, twin),
        ];
        expect(two.text).to.equal(one.text);
      }
    } finally {
      await twin.stop();
    }
  });

  it('whose answer was lost run again and move nothing', async () => {
    await open('{}');
    const first = await charge('key-00005');
    await app.running.db.commit([
      {
        kind: 'delete',
        table: 'dialect_answers',
        where: { plugin: 'till', key: 'key-00005' },
      },
    ]);
    const again = await charge('key-00005');
    expect([again.status, again.text]).to.deep.equal([first.status, first.text]);
    expect(await charges()).to.equal(1);
  });

  it('of what nobody knows yet hear how it stands, and never charge again', async () => {
    await open('{ store_on: success }', 'processors: { timeout_ms: 300 }\n');
    await silenceNews(app);
    await simulatorFault(app, { fault: 'timeout_after', kind: 'authorize', times: 1 });
    const first = await charge('key-00007');
    expect(first.status, first.text).to.equal(202);
    expect(first.body['data'].state).to.equal('PROCESSING');
    const early = await charge('key-00007');
    expect([early.status, early.text]).to.deep.equal([202, first.text]);
    await simulatorFault(app);
    const { body } = await app.call('/v1/payments?limit=1');
    await app.call(`/v1/payments/${body['data'][0].id}/sync`, { body: {} });
    const late = await charge('key-00007');
    expect(late.status, late.text).to.equal(201);
    expect(late.body['data'].state).to.equal('PAID');
    expect((await charge('key-00007')).text).to.equal(late.text);
    expect(await charges()).to.equal(1);
    app.complaints.splice(0);
  });

  it('of a native key that looks alike are another matter', async () => {
    await open('{}');
    await charge('key-00006');
    const native = await app.call('/v1/payments', {
      body: { amount: 500, currency: 'USD', confirm: true, payment_method: card(visa.number) },
      headers: { 'idempotency-key': 'till_key-00006_0_1' },
    });
    expect(native.status).to.equal(201);
    expect(native.headers.get('idempotent-replayed')).to.equal(null);
  });
});
