/** The connector against the real processor, over real HTTP. */
import { expect } from 'chai';
import { Secret, type Context, type FaultKind } from '#sdk';
import { cardSimulator } from './index.ts';
import { startProcessor, type Processor } from './processor/server.ts';
import type { CardSimulatorRef, CardSimulatorSettings } from './settings.ts';
import { cardCommand, contextOf, faultOf, newOperationId, usd } from './spec-context.ts';

const {
  authorize,
  capture,
  void: release,
  refund,
  approve,
  reject,
  sync,
} = cardSimulator.operations;

describe('card simulator: the connector', () => {
  let processor: Processor;
  let context: Context<CardSimulatorSettings>;

  before(async () => {
    processor = await startProcessor();
    context = contextOf(`${processor.url}/`);
  });
  after(() => processor.close());

  const held = async (number = '4242424242424242', changes = {}): Promise<CardSimulatorRef> => {
    const { ref } = await authorize(context, cardCommand(number, changes));
    if (!ref) throw new Error('no ref');
    return ref;
  };
  const about = (of: CardSimulatorRef, amount = 10_000) => ({
    operationId: newOperationId(),
    amount: usd(amount),
    of,
    reason: undefined,
    final: false,
    because: 'released' as const,
  });

  describe('authorizations', () => {
    it('succeed with the operation id and the amount echoed, captured or not', async () => {
      for (const mode of ['manual', 'automatic'] as const) {
        const command = cardCommand('4242424242424242', { capture: mode });
        const outcome = await authorize(context, command);
        expect(outcome).to.deep.include({
          status: 'succeeded',
          operationId: command.operationId,
          amount: usd(10_000),
        });
        expect(outcome).to.have.nested.property('verification.cvc_check', 'M');
        expect(outcome).to.have.nested.property('ref.charge').that.matches(/^ch_/);
      }
    });

    const declines = [
      ['4000000000000002', '05', 'do_not_honor', 'other_account'],
      ['4000000000009995', '51', 'insufficient_funds', 'later'],
      ['4000000000000069', '54', 'expired_card', 'fix_input'],
      ['4000000000000127', 'N7', 'incorrect_cvc', 'fix_input'],
      ['4000000000000119', '96', 'processing_error', 'other_account'],
      ['4000000000000259', 'fraud', 'fraud_suspected', 'never'],
      ['4242424242424241', '14', 'incorrect_number', 'fix_input'],
    ] as const;
    for (const [number, processorCode, code, advice] of declines) {
      it(`${number} is declined as ${code}; a repeat and a sync read the same`, async () => {
        const command = cardCommand(number);
        const outcome = await authorize(context, command);
        expect(outcome).to.include({ status: 'declined', processorCode, code, advice });
        expect(await authorize(context, command)).to.deep.equal(outcome);
        expect(await ask('authorize', command.operationId)).to.deep.equal(outcome);
      });
    }

    it('the frictionless card is authenticated', async () => {
      const outcome = await authorize(context, cardCommand('4000000000003055'));
      expect(outcome).to.have.nested.property('verification.authentication', 'frictionless');
    });

    for (const [page, expected] of [
      ['approve', { status: 'succeeded', amount: usd(10_000) }],
      ['fail', { status: 'declined', code: 'authentication_failed', advice: 'authenticate' }],
    ] as const) {
      it(`a challenge waits for the customer; "${page}" decides it`, async () => {
        const details = { authentication_type: 'three_ds' } as const;
        const command = cardCommand('4242424242424242', { details });
        const outcome = await authorize(context, command);
        expect(outcome).to.include({ status: 'pending', waitingFor: 'customer' });
        const action = outcome.status === 'pending' ? outcome.nextAction : undefined;
        const url = action?.type === 'redirect' ? action.url : '';
        const request = { method: 'POST', body: `outcome=${page}`, redirect: 'manual' } as const;
        const answer = await fetch(url, request);
        expect(answer.headers.get('location')).to.equal(command.returnUrl);
        expect(await ask('authorize', command.operationId)).to.deep.include(expected);
      });
    }

    it('a held charge waits for review and is approved or rejected', async () => {
      const command = cardCommand('4000000000009235');
      const outcome = await authorize(context, command);
      expect(outcome).to.include({ status: 'pending', waitingFor: 'review' });
      const of = outcome.ref as CardSimulatorRef;
      expect(await approve?.(context, about(of))).to.deep.include({ status: 'succeeded' });
      expect(await ask('authorize', command.operationId)).to.include({ status: 'succeeded' });

      const turnedAway = cardCommand('4000000000009235');
      const { ref } = await authorize(context, turnedAway);
      const verdict = about(ref as CardSimulatorRef);
      expect(await reject?.(context, verdict)).to.deep.include({ status: 'succeeded' });
      expect(await ask('reject', verdict.operationId)).to.include({ status: 'succeeded' });
      expect(await ask('authorize', turnedAway.operationId)).to.include({
        status: 'declined',
        processorCode: 'review_rejected',
      });
    });

    it('a withdrawn challenge is declined, a voided authorization had succeeded', async () => {
      const waiting = cardCommand('4000000000003220');
      const { ref } = await authorize(context, waiting);
      await release?.(context, about(ref as CardSimulatorRef));
      expect(await ask('authorize', waiting.operationId)).to.include({ code: 'withdrawn' });
      const voided = cardCommand('4242424242424242');
      const { ref: of } = await authorize(context, voided);
      await release?.(context, about(of as CardSimulatorRef));
      expect(await ask('authorize', voided.operationId)).to.include({ status: 'succeeded' });
    });

    it('a token is refused before anything is sent', async () => {
      const method = { type: 'token', token: new Secret('tok_1') } as const;
      const command = cardCommand('4242424242424242', { method });
      expect(await faultOf(authorize(context, command))).to.equal('rejected');
    });
  });

  const ask = (kind: Parameters<typeof sync>[1]['kind'], operationId: string) =>
    sync(context, {
      operationId,
      kind,
      amount: usd(10_000),
      ref: undefined,
      of: undefined,
      method: undefined,
      capture: undefined,
      begunAtMs: 0,
    });

  describe('captures, voids and refunds', () => {
    it('each succeeds with its own handle, and a sync reads the same', async () => {
      const of = await held();
      const steps = [
        ['capture', capture, about(of, 4_000)],
        ['capture', capture, about(of, 3_000)],
        ['void', release, about(of, 3_000)],
        ['refund', refund, about(of, 6_999)],
      ] as const;
      for (const [kind, operation, command] of steps) {
        const outcome = await operation?.(context, command);
        expect(outcome).to.deep.include({
          status: 'succeeded',
          operationId: command.operationId,
          amount: command.amount,
        });
        expect(outcome).to.have.nested.property('ref.operation');
        expect(await operation?.(context, command)).to.deep.equal(outcome);
        expect(await ask(kind, command.operationId)).to.deep.equal(outcome);
      }
      expect(await faultOf(refund?.(context, about(of, 2)) ?? Promise.reject())).to.equal(
        'rejected',
      );
    });

    it('what the state or the amount forbids is rejected, surely not done', async () => {
      const of = await held();
      for (const work of [
        capture?.(context, about(of, 10_001)),
        refund?.(context, about(of, 1)),
        approve?.(context, about(of)),
        release?.(context, about({ charge: 'ch_absent' })),
      ]) {
        expect(await faultOf(work ?? Promise.reject())).to.equal('rejected');
      }
    });

    it('a reference used for something else is unknown, not refused', async () => {
      const of = await held();
      const command = about(of, 100);
      await capture?.(context, command);
      const other = { ...command, amount: usd(200) };
      expect(await faultOf(capture?.(context, other) ?? Promise.reject())).to.equal('broken');
    });

    it('a sync for what was never sent is not found; for another kind unintelligible', async () => {
      expect(await ask('authorize', 'op_never')).to.equal('not_found');
      const command = cardCommand('4242424242424242');
      await authorize(context, command);
      expect(await faultOf(ask('capture', command.operationId))).to.equal('unintelligible');
      const captured = about(await held());
      await capture?.(context, captured);
      expect(await faultOf(ask('refund', captured.operationId))).to.equal('unintelligible');
    });
  });

  describe('answers that are none', () => {
    const simulated: [string, FaultKind][] = [
      ['html', 'unintelligible'],
      ['empty', 'unintelligible'],
      ['invented_status', 'unintelligible'],
      ['cut_body', 'broken'],
      ['reset_after', 'broken'],
      ['error_after', 'broken'],
      ['status_503', 'broken'],
      ['status_429', 'throttled'],
    ];
    for (const [fault, kind] of simulated) {
      it(`${fault} is ${kind}; asking finds the truth`, async () => {
        const details = { metadata: { simulate: fault } };
        const command = cardCommand('4242424242424242', { details });
        expect(await faultOf(authorize(context, command))).to.equal(kind);
        const found = await ask('authorize', command.operationId);
        if (fault.startsWith('status')) expect(found).to.equal('not_found');
        else expect(found).to.include({ status: 'succeeded' });
      });
    }

    it('a wrong amount, currency or reference is passed on as the processor said it', async () => {
      for (const [simulate, expected] of [
        ['wrong_amount', { amount: usd(10_001) }],
        ['wrong_currency', { amount: { amount: 10_000, currency: 'XXX' } }],
      ] as const) {
        const details = { metadata: { simulate } };
        const outcome = await authorize(context, cardCommand('4242424242424242', { details }));
        expect(outcome).to.deep.include(expected);
      }
      const details = { metadata: { simulate: 'wrong_reference' } };
      const command = cardCommand('4242424242424242', { details });
      const outcome = await authorize(context, command);
      expect(outcome).to.include({ operationId: `${command.operationId}x` });
    });

    it('a foreign key is unauthorized', async () => {
      const stranger = { ...context, settings: { ...context.settings, api_key: 'sk_1' } };
      const work = authorize(stranger, cardCommand('4242424242424242'));
      expect(await faultOf(work)).to.equal('unauthorized');
    });
  });
});
