/** Tokens that a browser makes of a card: for one payment, within the hour, with the CVC once. */
import { expect } from 'chai';
import { card, chargeBody, type Answer } from '../../test/support/app.ts';
import { simulatorLedger } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { startVault, type VaultWorld } from '../../test/support/vault-world.ts';
import { day, hour, minute } from '../base/clock.ts';
import { eraseDue, nextEraseAt } from './index.ts';

describeOnEachDatabase('single-use tokens', (database) => {
  let world: VaultWorld;

  before(async () => {
    world = await startVault(await database.open());
  });
  after(async () => {
    if (!(world as VaultWorld | undefined)) return;
    expect(await world.scan()).to.deep.equal([]);
    await world.app.stop();
  });
  beforeEach(() => world.begin());

  async function token(body: object = card('4242424242424242')): Promise<string> {
    const { status, body: made, text } = await world.tokenize(body);
    expect(status, text).to.equal(201);
    return made['id'];
  }
  const by = (id: string, more: object = {}) => ({ type: 'saved', id, ...more });
  const pay = (id: string, more: object = {}) =>
    world.pay(chargeBody({ payment_method: by(id), ...more }));
  const codeOf = ({ status, body }: Answer) => `${status} ${body['code']}`;

  it('are made with a public key, and tell the browser nothing it does not know', async () => {
    const billing = { name: 'Jane Doe', address: { country: 'ID' } };
    const { body } = await world.tokenize({ ...card('4242 4242 4242 4242'), billing });
    expect(body).to.deep.include({
      kind: 'vault',
      single_use: true,
      customer_id: null,
      account: null,
      fingerprint: null,
      usage: 'on_session',
      expires_at: '2026-11-21T11:00:00.000Z',
      billing,
    });
    const seen = await world.app.call(`/v1/payment_methods/${body['id']}`);
    expect(seen.body['fingerprint']).to.match(/^[0-9a-f]{16}$/);
    const paid = await pay(body['id']);
    expect(paid.body).to.deep.include({ status: 'captured', billing });
    expect(paid.body['payment_method'].fingerprint).to.equal(seen.body['fingerprint']);
  });

  it('are for nobody in particular: a customer or a use is refused', async () => {
    for (const more of [{ customer_id: world.customer }, { usage: 'off_session' }]) {
      const answer = await world.tokenize({ ...card('4242424242424242'), ...more });
      expect(codeOf(answer)).to.equal('403 forbidden');
      expect(answer.body['param']).to.equal(Object.keys(more)[0]);
    }
    const id = await token();
    const alone = { customer_id: world.customer, off_session: true };
    expect(codeOf(await pay(id, alone))).to.equal('400 payment_method_unusable');
    expect((await pay(id)).status).to.equal(201);
  });

  it('pay once, with their CVC; nothing of the card is left then', async () => {
    const id = await token();
    const { cvcs } = world.app.running.desk;
    expect(cvcs.count).to.equal(1);
    const paid = await pay(id);
    expect(paid.body['verification'].cvc_check).to.equal('M');
    expect(cvcs.count).to.equal(0);
    const row = await world.row(id);
    expect(row).to.include({ token: null, billing: null });
    expect(row.used_at).to.equal(row.deleted_at).and.not.to.equal(null);
    const second = await pay(id);
    expect(codeOf(second)).to.equal('409 payment_method_used');
    expect(second.body['param']).to.equal('payment_method.id');
    expect((await world.app.call(`/v1/payment_methods/${id}`)).status).to.equal(404);
  });

  it('are used up by a decline as well', async () => {
    const id = await token(card('4000000000000002'));
    expect((await pay(id)).status).to.equal(402);
    expect(codeOf(await pay(id))).to.equal('409 payment_method_used');
  });

  it('are not used up by a payment that was refused before it began', async () => {
    const id = await token();
    const nowhere = { account: `${world.spyAccount.slice(0, -4)}0000` };
    expect(codeOf(await pay(id, nowhere))).to.equal('400 account_unusable');
    const paid = await pay(id);
    expect(paid.body['verification'].cvc_check).to.equal('M');
  });

  it('pay once, though twenty payments take the token at the same moment', async () => {
    for (const confirming of [false, true]) {
      const id = await token();
      const before = (await simulatorLedger(world.app)).count;
      const answers = await Promise.all(
        Array.from({ length: 20 }, async () => {
          if (!confirming) return pay(id);
          const made = await world.pay({ amount: 100, currency: 'USD' });
          const path = `/v1/payments/${made.body['id']}/confirm`;
          return world.app.call(path, { body: { payment_method: by(id) } });
        }),
      );
      const lost = answers.filter(({ status }) => status >= 300);
      expect(lost.map(codeOf)).to.deep.equal(Array(19).fill('409 payment_method_used'));
      const [won] = answers.filter(({ status }) => status < 300);
      expect(won?.body['verification'].cvc_check).to.equal('M');
      expect((await simulatorLedger(world.app)).count).to.equal(before + 1);
    }
  });

  it('pay once, though one payment is confirmed twenty times', async () => {
    const id = await token();
    const before = (await simulatorLedger(world.app)).count;
    const made = await world.pay({ amount: 100, currency: 'USD' });
    const path = `/v1/payments/${made.body['id']}/confirm`;
    const body = { payment_method: by(id), client_secret: made.body['client_secret'] };
    const key = world.app.credentials.public_key;
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => world.app.call(path, { body, key })),
    );
    expect(answers.filter(({ status }) => status < 300)).to.have.length(1);
    for (const { status } of answers) expect([200, 409]).to.include(status);
    expect((await simulatorLedger(world.app)).count).to.equal(before + 1);
  });

  it('change their billing address while they wait, and still pay once', async () => {
    const id = await token();
    const body = { billing: { name: 'Jane Roe' } };
    const path = `/v1/payment_methods/${id}`;
    const [patched, paid] = await Promise.all([
      world.app.call(path, { method: 'PATCH', body }),
      pay(id),
    ]);
    expect([200, 404, 409]).to.include(patched.status);
    expect(paid.status, paid.text).to.equal(201);
    expect(await world.row(id)).to.include({ token: null, billing: null });
    const later = await world.app.call(path, { method: 'PATCH', body });
    expect(later.status).to.equal(404);
  });

  it('may be kept for the customer by the payment that uses them', async () => {
    const id = await token();
    const more = { customer_id: world.customer, setup_future_usage: 'off_session' };
    expect((await pay(id, more)).status).to.equal(201);
    const [method] = await world.methods();
    expect(method?.['id']).not.to.equal(id);
    expect(method).to.include({ usage: 'off_session', single_use: false });
  });

  it('last an hour', async () => {
    const { app } = world;
    const id = await token();
    app.clock.advance(hour - 1);
    expect(await nextEraseAt(app.running.desk)).to.equal((await world.row(id)).expires_at);
    app.clock.advance(1);
    expect(codeOf(await pay(id))).to.equal('410 payment_method_expired');
    await eraseDue(app.running.desk);
    expect(await world.row(id)).to.include({ token: null, fingerprint: null, used_at: null });
    expect(codeOf(await pay(id))).to.equal('410 payment_method_expired');
    app.clock.advance(day);
    await eraseDue(app.running.desk);
    expect(codeOf(await pay(id))).to.equal('400 payment_method_unknown');
    expect(await app.running.db.find('payment_methods', { id })).to.deep.equal([]);
  });

  it('lose their CVC before a quarter of an hour is over, and pay without', async () => {
    const { app } = world;
    const { cvcs } = app.running.desk;
    const id = await token();
    app.clock.advance(14 * minute);
    cvcs.sweep();
    expect(cvcs.count).to.equal(0);
    expect((await pay(id)).body['verification'].cvc_check).to.equal('P');
    const typed = await token();
    app.clock.advance(14 * minute);
    const again = { payment_method: by(typed, { cvc: '123' }) };
    expect((await pay(typed, again)).body['verification'].cvc_check).to.equal('M');
  });

  it('are gone at once when the merchant deletes them, the CVC too', async () => {
    const { app } = world;
    const id = await token();
    await app.call(`/v1/payment_methods/${id}`, { method: 'DELETE' });
    expect(app.running.desk.cvcs.of(id)).to.equal(undefined);
    expect(await world.row(id)).to.include({ token: null });
    expect(codeOf(await pay(id))).to.equal('400 payment_method_unknown');
  });
});
