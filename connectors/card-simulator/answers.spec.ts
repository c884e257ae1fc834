/** The connector against answers no processor should give: none of them reads as a success. */
import { expect } from 'chai';
import type { FaultKind, HttpResponse } from '#sdk';
import { cardSimulator } from './index.ts';
import { cardCommand, contextOf, faultOf, scripted, usd } from './spec-context.ts';

const { authorize, sync } = cardSimulator.operations;

describe('card simulator: answers to the connector', () => {
  const good = {
    object: 'charge',
    id: 'ch_1',
    reference: 'op_1',
    amount: 10_000,
    currency: 'USD',
    capture: false,
    status: 'authorized',
    decline: null,
    amount_authorized: 10_000,
    amount_captured: 0,
    auth_code: '123456',
    cvc_check: 'M',
    avs_check: 'U',
    authentication: 'none',
    next_action: null,
  };
  const json = (changes: object, status = 200) => ({
    status,
    text: JSON.stringify({ ...good, ...changes }),
  });
  const error = { object: undefined, error: { code: 'charge_state', message: 'no' } };

  const cases: [string, Partial<HttpResponse>, FaultKind | 'none'][] = [
    ['the sample itself', json({}), 'none'],
    ['HTML', { text: '<html></html>' }, 'unintelligible'],
    ['an empty body', {}, 'unintelligible'],
    ['half the JSON', { text: JSON.stringify(good).slice(0, 80) }, 'unintelligible'],
    ['null', { text: 'null' }, 'unintelligible'],
    ['a list', { text: '[]' }, 'unintelligible'],
    ['an invented status', json({ status: 'settling' }), 'unintelligible'],
    ['a status of the prototype', json({ status: 'constructor' }), 'unintelligible'],
    ['another object', json({ object: 'refund' }), 'unintelligible'],
    ['no id', json({ id: undefined }), 'unintelligible'],
    ['no reference', json({ reference: null }), 'unintelligible'],
    ['an amount in text', json({ amount_authorized: '10000' }), 'unintelligible'],
    ['a fraction', json({ amount: 1.5, amount_authorized: 1.5 }), 'unintelligible'],
    ['amounts at odds', json({ amount_authorized: 9_999 }), 'unintelligible'],
    ['an invented check', json({ authentication: 'telepathy' }), 'unintelligible'],
    [
      'captured though not asked',
      json({ capture: true, status: 'captured', amount_captured: 10_000 }),
      'unintelligible',
    ],
    ['an action without address', json({ status: 'requires_action' }), 'unintelligible'],
    ['a decline without reason', json({ status: 'declined' }, 402), 'unintelligible'],
    ['a redirect', { status: 302 }, 'unintelligible'],
    ['400 in its own words', json(error, 400), 'rejected'],
    ['400 in a stranger’s', { status: 400, text: '<h1>Bad</h1>' }, 'unintelligible'],
    ['401', { status: 401 }, 'unauthorized'],
    ['403', { status: 403 }, 'unauthorized'],
    ['409', json(error, 409), 'broken'],
    ['429', { status: 429 }, 'throttled'],
    ['500', { status: 500, text: '<h1>Oops</h1>' }, 'broken'],
    ['503', { status: 503 }, 'broken'],
  ];
  for (const [what, answer, kind] of cases) {
    it(`an authorization answered with ${what}: ${kind}`, async () => {
      const bad = contextOf('http://simulator.test', scripted(answer));
      const work = authorize(bad, cardCommand('4242424242424242'));
      expect(await faultOf(work)).to.equal(kind);
    });
  }

  it('only the processor’s own word makes an operation not found', async () => {
    const query = { operationId: 'op_1', kind: 'capture', amount: usd(1) } as const;
    const asked = (answer: Partial<HttpResponse>) =>
      sync(contextOf('http://simulator.test', scripted(answer)), {
        ...query,
        ref: undefined,
        of: undefined,
        method: undefined,
        capture: undefined,
        begunAtMs: 0,
      });
    const unknown = JSON.stringify({ error: { code: 'unknown_reference' } });
    expect(await asked({ status: 404, text: unknown })).to.equal('not_found');
    for (const text of ['', '<h1>Not found</h1>', '{}']) {
      expect(await faultOf(asked({ status: 404, text }))).to.equal('unintelligible');
    }
  });

  it('no fault’s text holds the card or the key', async () => {
    const number = '4242424242424242';
    const echo = { status: 400, text: `{"error":{"code":"x","message":"${number}"}}` };
    const bad = contextOf('http://simulator.test', scripted(echo));
    const failure = await authorize(bad, cardCommand(number)).catch(String);
    expect(failure).to.match(/^Fault: rejected/);
    expect(failure).not.to.match(/4242|sim_connector/);
  });
});
