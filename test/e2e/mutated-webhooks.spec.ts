/**
 * 10,000 deliveries that a processor did not send: genuine ones bent in one place, or sent where
 * they do not belong. None may be taken, none may leave a row, and no payment may move.
 */
import { expect } from 'chai';
import { ManualClock, second } from '../../core/base/clock.ts';
import { connectors } from '../../connectors/index.ts';
import { randomOf } from '../chaos/random.ts';
import { startFakeMidtrans, type FakeMidtrans } from '../fakes/midtrans/index.ts';
import { startFakeStripe, type FakeStripe } from '../fakes/stripe/index.ts';
import { chargeBody, startTestSwitch, testNowMs, type TestSwitch } from '../support/app.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { bent, headOf, type Bent } from './bent-deliveries.ts';
import { booksAreRight, eventually, freePort } from './place.ts';
import { startRecorder, type Genuine, type Recorder } from './recorder.ts';
import { Wire } from './wire.ts';

const count = 10_000;
const seed = 4;
const wires = 8;

describeOnEachDatabase('deliveries nobody sent', (database) => {
  let app: TestSwitch;
  /** The switch itself, past the recorder. */
  let behind: string;
  let stripe: FakeStripe | undefined;
  let midtrans: FakeMidtrans | undefined;
  let recorder: Recorder | undefined;
  /** Account → which connector's it is. */
  const accounts = new Map<string, string>();

  const recorded = (): readonly Genuine[] => recorder?.taken ?? [];

  before(async function () {
    this.timeout(60_000);
    const clock = new ManualClock(testNowMs);
    stripe = await startFakeStripe({ now: () => new Date(clock.now()) });
    midtrans = await startFakeMidtrans({ now: () => clock.now() });
    recorder = await startRecorder();
    const port = await freePort();
    behind = `http://127.0.0.1:${port}`;
    recorder.passOnTo(behind);
    app = await startTestSwitch(await database.open(), {
      clock,
      connectors,
      // Nothing is to be refused for coming too fast.
      yaml: 'rate_limits: { webhooks: { per_second: 1000000 } }\n',
      env: { POINTSMAN_BASE_URL: recorder.url, POINTSMAN_PORT: String(port) },
    });
    const made = await app.call('/v1/merchants', {
      body: { name: 'Another shop' },
      key: app.credentials.admin_key,
    });
    for (const key of [app.credentials.secret_key, made.body['secret_key'].key]) {
      await openShop(key, stripe, midtrans);
    }
    await quiet();
  });
  after(async () => {
    await stripe?.webhooks.settled();
    await midtrans?.notifications.idle();
    await app?.stop();
    await stripe?.close();
    await midtrans?.close();
    await recorder?.close();
  });

  /** A merchant with an account of each kind, and a payment or two that each has told about. */
  async function openShop(key: string, atStripe: FakeStripe, atMidtrans: FakeMidtrans) {
    const name = `shop${accounts.size}`;
    const settings = {
      stripe: { secret_key: `sk_test_${name}`, base_url: atStripe.url },
      midtrans: {
        server_key: `SB-Mid-server-${name}`,
        api_base_url: atMidtrans.apiUrl,
        app_base_url: atMidtrans.appUrl,
      },
      'card-simulator': { base_url: app.simulatorUrl, api_key: `sim_${name}` },
    };
    const post = async (path: string, body: object) => (await app.call(path, { body, key })).body;
    const added: string[] = [];
    for (const [connector, its] of Object.entries(settings)) {
      const { id } = await post('/v1/accounts', { connector, name: connector, settings: its });
      accounts.set(id, connector);
      added.push(id);
    }
    await eventually(
      async () => (await app.call('/v1/accounts', { key })).body['data'],
      (data) => data.every(({ webhook }: Settled) => webhook.state !== 'pending'),
    );
    const [one, two, three] = added;
    const token = (it: string) => ({ type: 'token', token: it });
    for (const card of ['pm_card_visa', 'pm_card_createDispute', 'pm_card_threeDSecure2Required']) {
      const method = { payment_method: token(card), return_url: 'https://shop.example/' };
      const { id } = await post('/v1/payments', { ...chargeBody(method), account: one });
      await post('/v1/refunds', { payment: id, amount: 1_000 });
    }
    for (const card of ['4411111111111118', '4811111111111114']) {
      const rupiah = { amount: 5_000_000, currency: 'IDR', return_url: 'https://shop.example/' };
      const method = { payment_method: token(atMidtrans.cardToken(card)) };
      const { id } = await post('/v1/payments', {
        ...chargeBody({ ...rupiah, ...method }),
        account: two,
      });
      const { body } = await app.call(`/v1/payments/${id}/operations`, { key });
      const order = body['data'][0].id;
      if (card.startsWith('44')) atMidtrans.dashboard.settle(order);
    }
    const held = await post(
      '/v1/payments',
      chargeBody({ capture_method: 'manual', account: three }),
    );
    await post(`/v1/payments/${held['id']}/capture`, { amount: 4_000, final: true });
    await post('/v1/refunds', { payment: held['id'], amount: 1_000 });
  }

  interface Settled {
    readonly webhook: { readonly state: string };
  }

  const rowsOf = (table: string) => app.running.db.find<Record<string, unknown>>(table, {});

  /** All that was said has been heeded, and nothing is said any more. */
  async function quiet(): Promise<void> {
    let before = -1;
    await eventually(
      async () => {
        await stripe?.webhooks.settled();
        await midtrans?.notifications.idle();
        const rows = await rowsOf('incoming_webhooks');
        const known = before;
        before = rows.length;
        if (rows.some(({ state }) => state === 'waiting')) app.clock.advance(second);
        return rows.length === known && rows.every(({ state }) => state !== 'waiting');
      },
      (isQuiet) => isQuiet,
    );
  }

  /** Where every payment stands; versions too, because nothing may be touched. */
  async function books(): Promise<string> {
    const tables = ['payments', 'operations', 'disputes', 'ledger_entries', 'events'];
    const rows = await Promise.all(tables.map(rowsOf));
    return JSON.stringify(rows.map((it) => it.map((row) => JSON.stringify(row)).toSorted()));
  }

  const filed = async () => {
    const rows = await rowsOf('incoming_webhooks');
    return rows.map(({ account_id, delivery_id }) => `${account_id} ${delivery_id}`).toSorted();
  };

  it('have genuine ones to be bent, of two merchants and three processors', async () => {
    const by = [...accounts].map(([id, connector]) => [
      connector,
      recorded().filter(({ account }) => account === id).length,
    ]);
    expect(by.filter(([, length]) => Number(length) >= 3)).to.have.length(6);
    expect(new Set(by.map(([connector]) => connector)).size).to.equal(3);
  });

  it(
    `${count} of them: what is signed is taken as it was sent or not at all; Midtrans, which signs ` +
      'four members of its body, may be bent elsewhere, and that changes nothing',
    async function () {
      this.timeout(180_000);
      const [booksBefore, filedBefore] = [await books(), await filed()];
      const genuine = recorded().filter(({ account }) => accounts.has(account));
      const tally = { refused: 0, replayed: 0, hints: 0 };
      const wrong: string[] = [];
      const take = (status: number, it: Bent) => {
        const verdict = verdictOn(it, genuine, accounts.get(it.account));
        if (status >= 400 && status < 500) tally.refused += 1;
        else if (status === 200 && verdict === 'genuine') tally.replayed += 1;
        else if (status === 200 && verdict === 'hint') tally.hints += 1;
        else wrong.push(`${status} ${accounts.get(it.account)}, ${it.how}: ${shown(it)}`);
        if (status !== 200 && it.how === 'as it was') wrong.push(`${status} for a replay`);
      };
      await sendAll(behind, genuine, take);
      await quiet();
      expect(wrong).to.deep.equal([]);
      expect(tally.refused + tally.replayed + tally.hints).to.equal(count);
      // None of the three is there by accident only.
      expect(tally.refused).to.be.greaterThan(count / 2);
      expect(tally.replayed).to.be.greaterThan(count / 100);
      expect(tally.hints).to.be.greaterThan(count / 100);
      const added = (await filed()).filter((row) => !filedBefore.includes(row));
      const foreign = added.filter((row) => accounts.get(row.split(' ')[0] ?? '') !== 'midtrans');
      expect(foreign).to.deep.equal([]);
      expect(added.length).to.be.at.most(tally.hints);
      expect(await books()).to.equal(booksBefore);
      expect(await booksAreRight(app)).to.deep.equal([]);
      expect(app.complaints.filter((line) => line.includes('"error"'))).to.deep.equal([]);
    },
  );

  it('genuine ones that come five minutes late are refused where the time is signed', async () => {
    const filedBefore = await filed();
    app.clock.advance(301 * second);
    const wire = new Wire(behind);
    const answers: [string | undefined, number][] = [];
    for (const it of recorded().filter(({ account }) => accounts.has(account))) {
      const replay = { ...it, how: 'late', headBent: false };
      answers.push([accounts.get(it.account), await wire.send(headOf(replay), replay.body)]);
    }
    wire.close();
    const statuses = (connector: string) => [
      ...new Set(answers.filter(([its]) => its === connector).map(([, status]) => status)),
    ];
    expect(statuses('stripe')).to.deep.equal([400]);
    expect(statuses('card-simulator')).to.deep.equal([400]);
    expect(statuses('midtrans'), 'it signs no time').to.deep.equal([200]);
    expect(await filed()).to.deep.equal(filedBefore);
  });
});

const shown = ({ account, headers, body }: Bent) =>
  JSON.stringify([account, headers, body.toString('latin1')]).slice(0, 1_500);

async function sendAll(
  url: string,
  genuine: readonly Genuine[],
  take: (status: number, it: Bent) => void,
): Promise<void> {
  const random = randomOf(seed, 'webhooks');
  let sent = 0;
  const worker = async () => {
    const wire = new Wire(url);
    while (sent < count) {
      const it = bent(genuine, random, sent);
      sent += 1;
      take(await wire.send(headOf(it), it.body, { once: it.headBent }), it);
    }
    wire.close();
  };
  await Promise.all(Array.from({ length: wires }, worker));
}

/** What a delivery is, by the bytes of those the processor sent: the switch is not asked. */
function verdictOn(
  it: Bent,
  genuine: readonly Genuine[],
  connector: string | undefined,
): 'genuine' | 'hint' | 'forged' {
  const own = genuine.filter(({ account }) => account === it.account);
  if (connector === 'midtrans') {
    const signed = signedMembers(it.body);
    if (signed === undefined) return 'forged';
    if (own.some(({ body }) => body.equals(it.body))) return 'genuine';
    return own.some(({ body }) => signedMembers(body) === signed) ? 'hint' : 'forged';
  }
  const same = own.filter(({ body }) => body.equals(it.body));
  return same.some((original) => carriesSignature(it, original)) ? 'genuine' : 'forged';
}

/** The four that Midtrans' signature is made of, as one text; undefined when it cannot be read. */
function signedMembers(body: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    const value = JSON.parse(text) as Record<string, unknown> | null;
    const members = ['order_id', 'status_code', 'gross_amount', 'signature_key'];
    return JSON.stringify(members.map((name) => value?.[name]));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Whether time and signature of the original stand in the header that has to hold them. */
function carriesSignature({ headers }: Bent, original: Genuine): boolean {
  const [name, value] = original.headers.find(([it]) => it.includes('signature')) ?? ['', ''];
  const sent = headers
    .filter(([it]) => it.toLowerCase() === name)
    .map((header) => header[1])
    .join(', ');
  const parts = value.split(',').filter((part) => !part.startsWith('v0='));
  return parts.length === 2 && parts.every((part) => sent.includes(part));
}
