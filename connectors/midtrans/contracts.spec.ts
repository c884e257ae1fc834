/**
 * The connector against Midtrans's documented samples, where they are at hand (../shared/contracts
 * beside the checkout): every signed notification is let in, every answer reads as it should.
 */
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { Fault, type Outcome } from '#sdk';
import { skipped } from '../../test/support/skipped.ts';
import { authorize } from './authorize.ts';
import { capture } from './capture.ts';
import { inspect } from './inspect.ts';
import { refund } from './refund.ts';
import { approve, reject } from './review.ts';
import { closePage } from './snap.ts';
import * as spec from './spec-context.ts';
import { sync } from './sync.ts';
import { release } from './void.ts';
import { open } from './webhook.ts';

interface Case {
  readonly id: string;
  readonly kind: string;
  readonly http_status: number | object | null;
  readonly body: Readonly<Record<string, string | undefined>>;
}

const file = new URL('../../../shared/contracts/midtrans-examples.json', import.meta.url);
const samples: { readonly server_key?: string; readonly cases: readonly Case[] } = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] })
  : { cases: [] };
if (samples.cases.length === 0) skipped.set('Midtrans samples', 'no ../shared/contracts');

const sample = (id: string): Case => {
  const found = samples.cases.find((one) => one.id === id);
  if (!found) throw new Error(`no sample ${id}`);
  return found;
};

/** The sample as an answer; where its page does not say the status, 200. */
const answer = ({ http_status, body }: Case) => ({
  status: typeof http_status === 'number' ? http_status : 200,
  text: JSON.stringify(body),
});

type Way = (found: Case) => Promise<unknown>;

const ref = ({ body }: Case) => ({ ...spec.held, order: body['order_id'] ?? spec.order });
const context = (found: Case, before: readonly spec.Answer[] = []) =>
  spec.stage([...before, answer(found)]).context;

const rupiahOf = ({ body }: Case): number => Number(body['gross_amount'] ?? 10_000);

const charge =
  (changes: Parameters<typeof spec.command>[0] = {}): Way =>
  (found) =>
    authorize(context(found), spec.command(changes));
const hosted = charge({ method: { type: 'hosted' } });
const close: Way = (found) => closePage(context(found), 'token');
const take: Way = (found) => capture(context(found), spec.about(ref(found)));
const letGo =
  (because: 'released' | 'expired', status: string): Way =>
  (found) => {
    const { order_id = spec.order, transaction_id = spec.transactionId } = found.body;
    const before = spec.transaction({ order_id, transaction_id, transaction_status: status });
    return release(context(found, [before]), { ...spec.about(ref(found)), because });
  };
const approval: Way = (found) => approve(context(found), spec.about(ref(found)));
const rejection: Way = (found) => reject(context(found), spec.about(ref(found)));
const status =
  (capturing: 'automatic' | 'manual' = 'automatic'): Way =>
  (found) =>
    sync(context(found), {
      operationId: ref(found).order,
      kind: 'authorize',
      amount: spec.idr(rupiahOf(found)),
      ref: undefined,
      of: undefined,
      method: 'token',
      capture: capturing,
      begunAtMs: 0,
    });
const giveBack =
  (direct_refund = false): Way =>
  (found) => {
    const { refund_key = 'op_refund', refund_amount } = found.body;
    const asked = Number(refund_amount === '0.00' ? 10_000 : (refund_amount ?? 10_000));
    const after412 = spec.transaction({ transaction_status: 'settlement' });
    const stage = spec.stage([answer(found), after412], { direct_refund });
    const operationId = refund_key;
    return refund(stage.context, { ...spec.about(ref(found), asked), operationId });
  };

/** Case → how it comes in, and what it comes to: an outcome's status, a word, or a fault's kind. */
const expected: Readonly<Record<string, readonly [Way, string]>> = {
  'snap.create.ok': [hosted, 'pending'],
  'snap.create.401': [hosted, 'unauthorized'],
  'snap.create.400.items': [hosted, 'rejected'],
  'snap.create.400.order-used': [hosted, 'broken'],
  'snap.create.400.order-missing': [hosted, 'rejected'],
  'snap.create.500': [hosted, 'broken'],
  'snap.cancel.ok': [close, 'closed'],
  'snap.cancel.again': [close, 'closed'],
  'snap.cancel.in-progress': [close, 'busy'],
  'snap.cancel.not-found': [close, 'closed'],
  'charge.card.capture': [charge(), 'succeeded'],
  'charge.card.411': [charge(), 'rejected'],
  'charge.card.authorize': [charge({ capture: 'manual' }), 'succeeded'],
  'capture.ok': [take, 'succeeded'],
  'capture.412': [take, 'rejected'],
  'capture.deny': [take, 'declined'],
  'cancel.ok': [letGo('released', 'authorize'), 'succeeded'],
  'cancel.412': [letGo('released', 'authorize'), 'rejected'],
  'cancel.401': [letGo('released', 'authorize'), 'unauthorized'],
  'approve.ok': [approval, 'succeeded'],
  'deny.ok': [rejection, 'succeeded'],
  'expire.ok': [letGo('expired', 'pending'), 'succeeded'],
  'charge.va.bni.pending': [charge({ method: { type: 'bank_transfer', bank: 'bni' } }), 'pending'],
  'charge.va.permata.pending': [
    charge({ method: { type: 'bank_transfer', bank: 'permata' } }),
    'pending',
  ],
  'charge.gopay.pending': [charge({ method: { type: 'gopay' } }), 'pending'],
  'status.capture': [status(), 'succeeded'],
  'status.partial_refund': [status(), 'succeeded'],
  'status.dana.pending': [status(), 'pending'],
  'status.ovo.pending': [status(), 'pending'],
  'status.settlement': [status(), 'succeeded'],
  'status.404': [status(), 'not_found'],
  'refund.full.ok': [giveBack(), 'succeeded'],
  'refund.partial.ok': [giveBack(), 'succeeded'],
  'refund.412': [giveBack(), 'rejected'],
  'refund.414': [giveBack(), 'rejected'],
  'refund.406': [giveBack(), 'broken'],
  'refund.direct.ok': [giveBack(true), 'succeeded'],
  'refund.direct.denied': [giveBack(true), 'declined'],
  'error.401': [charge(), 'unauthorized'],
  'error.402': [charge(), 'rejected'],
  'error.406': [charge(), 'broken'],
  'error.410': [charge(), 'rejected'],
  'error.413': [charge(), 'rejected'],
  'error.429': [charge(), 'throttled'],
  'error.500': [charge(), 'broken'],
  'error.400.validation': [charge(), 'rejected'],
};

async function comesTo(work: Promise<unknown>): Promise<unknown> {
  try {
    const value = await work;
    return typeof value === 'string' ? value : (value as Outcome<unknown>).status;
  } catch (cause) {
    if (cause instanceof Fault) return cause.kind;
    throw cause;
  }
}

const isOurs = ({ id }: Case) => !/^(?:iris|payment-link)\./.test(id);

if (samples.cases.length > 0) {
  describe('Midtrans: its own samples', () => {
    for (const [id, [way, word]] of Object.entries(expected)) {
      it(`${id}: ${word}`, async () => {
        expect(await comesTo(way(sample(id)))).to.equal(word);
      });
    }

    it('every sample of an answer is in the table', () => {
      const answers = samples.cases.filter((one) => one.kind === 'response' && isOurs(one));
      expect(answers.map(({ id }) => id)).to.have.members(Object.keys(expected));
    });

    it('successes tell the order and the amount that the sample tells', async () => {
      for (const [id, [way, word]] of Object.entries(expected)) {
        const found = sample(id);
        if (word !== 'succeeded' || id.startsWith('refund.')) continue;
        const outcome = (await way(found)) as Outcome<unknown>;
        expect(outcome, id).to.deep.include({ amount: spec.idr(rupiahOf(found)) });
      }
    });

    const signed = samples.cases.filter(
      ({ id, kind }) => kind === 'notification' && /^official\.|\.signed$|\.derived$/.test(id),
    );

    it('every signed notification is let in, and none after a change to what is signed', () => {
      expect(signed.length).to.be.at.least(34);
      for (const { id, body } of signed) {
        const deliver = (changes: object) => {
          const bytes = Buffer.from(JSON.stringify({ ...body, ...changes }));
          return open(spec.stage([]).context, { body: bytes, headers: {} });
        };
        expect(deliver({}).subjects, id).to.deep.equal([{ operationId: body['order_id'] }]);
        expect(() => deliver({ gross_amount: '1.00' }), id).to.throw('bad_signature');
        expect(() => deliver({ order_id: 'op_other' }), id).to.throw('bad_signature');
      }
    });

    it('every notified state can be inspected, but for the one that does not say how much', async () => {
      for (const found of signed) {
        const of = { order: found.body['order_id'] ?? '' };
        const query = { operationId: of.order, of, amount: spec.idr(rupiahOf(found)) };
        const kind = await spec.faultOf(inspect(context(found), query));
        const silent = found.body['transaction_status'] === 'partial_chargeback';
        expect(kind, found.id).to.equal(silent ? 'unintelligible' : 'none');
      }
    });
  });
}
