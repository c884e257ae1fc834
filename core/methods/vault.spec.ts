/** Cards kept on request in the switch's own vault, charged again, and erased. */
import { expect } from 'chai';
import { answerChallenge } from '../../test/support/customer-browser.ts';
import { card, chargeBody, type Answer } from '../../test/support/app.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { startVault, type VaultWorld } from '../../test/support/vault-world.ts';
import { recoverDue } from '../payments/recovery.ts';
import { day, second } from '../base/clock.ts';
import { eraseDue } from './index.ts';

const challenged = '4000000000003220';

describeOnEachDatabase('cards in the vault', (database) => {
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

  const keeping = (more: object = {}) => ({
    customer_id: world.customer,
    setup_future_usage: 'off_session',
    ...more,
  });
  const pay = (more: object, key?: string) => world.pay(chargeBody({ ...more }), key);
  const saved = (id: string, more: object = {}) => ({
    payment_method: { type: 'saved', id, ...more },
  });
  async function kept(more: object = {}): Promise<Answer['body']> {
    expect((await pay(keeping(more))).status).to.equal(201);
    const [method] = await world.methods();
    return method ?? expect.fail('nothing was kept');
  }

  describe('are kept', () => {
    it('on request, with the payment that brought them, sealed and without the CVC', async () => {
      const answer = await pay(keeping(), 'keep-a-card');
      expect(answer.body['status']).to.equal('captured');
      const [method] = await world.methods();
      expect(method).to.deep.include({ kind: 'vault', account: null, usage: 'off_session' });
      expect(method?.['details']).to.deep.equal({
        brand: 'visa',
        bin: '424242',
        last4: '4242',
        exp_month: 12,
        exp_year: 2034,
      });
      expect(method?.['fingerprint']).to.equal(answer.body['payment_method'].fingerprint);
      const row = await world.row(method?.['id']);
      expect(row.token).to.match(/^k1\./);
      const text = world.app.running.desk.keyring.open(
        'vault-card',
        `payment_methods/${row.id}/token`,
        String(row.token),
      );
      expect(JSON.parse(text)).to.deep.equal({
        number: '4242424242424242',
        exp_month: 12,
        exp_year: 2034,
        holder_name: 'Jane Doe',
      });
      expect(await world.typesOf(row.id)).to.deep.equal(['payment_method.attached']);
      const again = await pay(keeping(), 'keep-a-card');
      expect(again.text).to.equal(answer.text);
    });

    it('not without the request, nor when the card was declined', async () => {
      await pay({ customer_id: world.customer });
      const declined = { payment_method: card('4000000000000002') };
      expect((await pay(keeping(declined))).status).to.equal(402);
      expect(await world.methods()).to.deep.equal([]);
      expect(await world.rows()).to.deep.equal([]);
    });

    it('once for each customer: a new expiry and a wider use are taken over', async () => {
      const first = await kept({ setup_future_usage: 'on_session' });
      expect(first['usage']).to.equal('on_session');
      const renewed = { payment_method: card('4242 4242 4242 4242', { exp_year: 2040 }) };
      const wider = await kept(renewed);
      expect(wider['id']).to.equal(first['id']);
      expect(wider).to.deep.include({ usage: 'off_session' });
      expect(wider['details'].exp_year).to.equal(2040);
      const third = await kept({ ...renewed, setup_future_usage: 'on_session' });
      expect(third['updated_at']).to.equal(wider['updated_at']);
      expect(third['usage']).to.equal('off_session');
      expect(await world.typesOf(first['id'])).to.have.length(1);
      await world.begin();
      expect((await kept())['id']).not.to.equal(first['id']);
    });

    it('once by ten payments at the same moment', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => pay(keeping())));
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(10).fill(201));
      expect(await world.methods()).to.have.length(1);
      expect(await world.rows()).to.have.length(1);
    });

    it('by the processor where it keeps methods itself, and then not here', async () => {
      const { id } = await kept({ account: world.savingAccount });
      expect(await world.row(id)).to.include({
        kind: 'processor',
        account_id: world.savingAccount,
      });
      expect(await world.rows()).to.have.length(1);
    });

    it('once the customer has passed his bank’s challenge, and not before', async () => {
      const waiting = await pay(keeping({ payment_method: card(challenged) }));
      expect(waiting.body['status']).to.equal('requires_action');
      expect(await world.methods()).to.deep.equal([]);
      const [held] = await world.rows();
      const id = String(held?.id);
      expect((await world.app.call(`/v1/payment_methods/${id}`)).status).to.equal(404);
      const unusable = await pay({ customer_id: world.customer, ...saved(id) });
      expect(unusable.body['code']).to.equal('payment_method_unknown');
      await answerChallenge(waiting.body['next_action'].url, 'approve');
      const path = `/v1/payments/${waiting.body['id']}/sync`;
      expect((await world.app.call(path, { body: {} })).body['status']).to.equal('captured');
      const [method] = await world.methods();
      expect(method?.['details'].last4).to.equal(challenged.slice(-4));
      const alone = { customer_id: world.customer, off_session: true };
      const paid = await pay({ ...alone, ...saved(method?.['id']) });
      expect(paid.body['payment_method']).to.include({ id: method?.['id'] });
      expect(await world.rows()).to.have.length(1);
    });

    it('not when he failed the challenge, or never answered it', async () => {
      const waiting = await pay(keeping({ payment_method: card(challenged) }));
      await answerChallenge(waiting.body['next_action'].url, 'fail');
      await world.app.call(`/v1/payments/${waiting.body['id']}/sync`, { body: {} });
      expect(await world.rows()).to.deep.equal([]);
      await pay(keeping({ payment_method: card(challenged) }));
      world.app.clock.advance(day);
      await eraseDue(world.app.running.desk);
      expect((await world.rows()).map(({ token }) => token)).to.deep.equal([null]);
    });

    it('not when the answer was lost: by then the card is gone', async () => {
      await world.fault({ fault: 'reset_after', kind: 'authorize', times: 1 });
      const lost = await pay(keeping());
      expect(lost.status, lost.text).to.equal(202);
      world.app.clock.advance(10 * second);
      await recoverDue(world.app.running.desk);
      const { body } = await world.app.call(`/v1/payments/${lost.body['id']}`);
      expect(body['status']).to.equal('captured');
      expect(await world.rows()).to.deep.equal([]);
    });

    it('not for a customer who was deleted meanwhile', async () => {
      world.during(() =>
        world.app
          .call(`/v1/customers/${world.customer}`, { method: 'DELETE' })
          .then(() => undefined),
      );
      const paid = await pay(keeping({ account: world.spyAccount }));
      expect(paid.body['status'], paid.text).to.equal('captured');
      expect(await world.rows()).to.deep.equal([]);
    });
  });

  describe('are handed over without a payment', () => {
    const body = (more: object = {}) => ({
      ...card('5555555555554444'),
      customer_id: world.customer,
      ...more,
    });

    it('and kept for the customer, once', async () => {
      const billing = { name: 'Jane Doe', address: { country: 'ID' } };
      const made = await world.save(body({ billing, usage: 'on_session' }));
      expect(made.status, made.text).to.equal(201);
      expect(made.body).to.deep.include({ billing, usage: 'on_session', single_use: false });
      const again = await world.save(body());
      expect(again.body).to.include({ id: made.body['id'], usage: 'off_session' });
      const many = await Promise.all(
        Array.from({ length: 10 }, () =>
          world.save(body({ ...card('378282246310005', { cvc: '1234' }) })),
        ),
      );
      expect(new Set(many.map(({ body: { id } }) => id)).size).to.equal(1);
    });

    it('and a repeat hears the same answer, whatever CVC is typed then', async () => {
      const first = await world.save(body(), { key: 'save-once' });
      const again = await world.save(body(card('5555555555554444', { cvc: '999' })), {
        key: 'save-once',
      });
      expect(again.text).to.equal(first.text);
      expect(again.headers.get('idempotent-replayed')).to.equal('true');
      const other = await world.save(body(card('378282246310005', { cvc: '1234' })), {
        key: 'save-once',
      });
      expect(other.status).to.equal(422);
    });

    it('and refused with a word for each mistake', async () => {
      const codeOf = async (more: object) => {
        const { body: problem } = await world.save(body(more));
        return `${problem['code']} ${problem['param']}`;
      };
      expect(await codeOf(card('4242424242424241'))).to.equal('invalid_card card.number');
      expect(await codeOf(card('4242424242424242', { cvc: '1234' }))).to.equal(
        'invalid_card card.cvc',
      );
      expect(await codeOf({ billing: { name: '4242 4242 4242 4242' } })).to.equal(
        'card_data_misplaced billing.name',
      );
      expect(await codeOf({ customer_id: undefined })).to.equal('invalid_request customer_id');
      expect(await codeOf({ customer_id: `${world.customer.slice(0, -4)}0000` })).to.equal(
        'customer_unknown customer_id',
      );
      expect(await world.rows()).to.deep.equal([]);
    });
  });

  describe('are charged', () => {
    it('without the customer, at any account, and without a CVC', async () => {
      const { id } = await kept();
      const alone = { customer_id: world.customer, off_session: true, ...saved(id) };
      for (const more of [{}, { account: world.spyAccount }]) {
        const paid = await pay({ ...alone, ...more });
        expect(paid.body['status'], paid.text).to.equal('captured');
        expect(paid.body['verification'].cvc_check).to.equal('P');
        expect(paid.body['payment_method']).to.deep.include({ id, last4: '4242', type: 'card' });
      }
    });

    it('with the customer there, who may type the CVC again', async () => {
      const { id } = await kept();
      const present = { customer_id: world.customer };
      const paid = await pay({ ...present, ...saved(id, { cvc: '123' }) }, 'with-cvc');
      expect(paid.body['verification'].cvc_check).to.equal('M');
      const again = await pay({ ...present, ...saved(id, { cvc: '321' }) }, 'with-cvc');
      expect(again.text).to.equal(paid.text);
      const odd = await pay({ ...present, ...saved(id, { cvc: '1234' }) });
      expect(`${odd.body['code']} ${odd.body['param']}`).to.equal(
        'invalid_card payment_method.cvc',
      );
    });

    it('for nobody else, and not beyond what they were kept for', async () => {
      const { id } = await kept({ setup_future_usage: 'on_session' });
      const owner = world.customer;
      const codeOf = async (more: object) => {
        const { status, body } = await pay(more);
        return `${status} ${body['code']} ${body['param']}`;
      };
      const alone = { customer_id: owner, off_session: true };
      const unusable = '400 payment_method_unusable payment_method.id';
      expect(await codeOf({ ...alone, ...saved(id) })).to.equal(unusable);
      expect(await codeOf(saved(id))).to.equal(unusable);
      expect(await codeOf({ ...alone, ...saved(id, { cvc: '123' }) })).to.equal(
        '400 invalid_request payment_method.cvc',
      );
      await world.begin();
      expect(await codeOf({ customer_id: world.customer, ...saved(id) })).to.equal(unusable);
      expect((await pay({ customer_id: owner, ...saved(id) })).status).to.equal(201);
    });
  });
});
