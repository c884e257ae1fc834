/** Answers that are none: what an operation makes of errors, pages, halves and silence. */
import { expect } from 'chai';
import { Fault, type Effect, type FaultKind, type Json } from '#sdk';
import { bestScript, scriptOf, type Act } from './acts.ts';
import { pathsOf, textOf, valueAt, withValue } from './bend.ts';
import { actedBefore, bodyAt, decidingRequest, perform, rehearse } from './perform.ts';
import type { Answer } from './sample.ts';
import { cvc, type KitCase, type Stage } from './stage.ts';

const page = '<html><body><h1>An error occurred</h1></body></html>';

export interface BadAnswer {
  readonly what: string;
  /** Made from the true answer. */
  readonly answer: (true_: Json) => Answer | Fault;
  /** What it has to end as; without a kind only the effect is held. */
  readonly kind?: FaultKind;
  readonly effect: Effect | 'either';
}

const json =
  (status: number): (() => Answer) =>
  () => ({ status, body: { kit: 'no words of yours' } });
const broken = (kind: FaultKind) => () => new Fault(kind, 'POST host: the kit’s own fault');
const part = (share: number) => (true_: Json) => ({
  body: textOf(true_).slice(0, Math.ceil(textOf(true_).length * share)),
});

const cut = (true_: Json) => ({ body: textOf(true_).slice(0, -1) });

/** Answers that stand for themselves, whatever the operation. */
export const badAnswers: readonly BadAnswer[] = [
  { what: '401', answer: json(401), kind: 'unauthorized', effect: 'none' },
  { what: '403', answer: json(403), kind: 'unauthorized', effect: 'none' },
  { what: '429', answer: json(429), kind: 'throttled', effect: 'none' },
  { what: '500', answer: json(500), effect: 'unknown' },
  { what: '502 with HTML', answer: () => ({ status: 502, body: page }), effect: 'unknown' },
  { what: '503 with nothing', answer: () => ({ status: 503, body: '' }), effect: 'unknown' },
  { what: '302', answer: () => ({ status: 302, body: '' }), effect: 'unknown' },
  // A body that reads well does not make an answer of an error.
  ...[500, 404, 302].map((status) => ({
    what: `${status} around a success`,
    answer: (true_: Json): Answer => ({ status, body: true_ }),
    effect: status === 404 ? ('either' as const) : ('unknown' as const),
  })),
  { what: '404 with HTML', answer: () => ({ status: 404, body: page }), effect: 'either' },
  { what: '400 with HTML', answer: () => ({ status: 400, body: page }), effect: 'either' },
  {
    what: 'HTML and 200',
    answer: () => ({ body: page }),
    kind: 'unintelligible',
    effect: 'unknown',
  },
  {
    what: 'an empty body',
    answer: () => ({ body: '' }),
    kind: 'unintelligible',
    effect: 'unknown',
  },
  { what: 'a quarter of the JSON', answer: part(0.25), kind: 'unintelligible', effect: 'unknown' },
  { what: 'half the JSON', answer: part(0.5), kind: 'unintelligible', effect: 'unknown' },
  { what: 'all but its end', answer: cut, kind: 'unintelligible', effect: 'unknown' },
  ...['null', '[]', '"text"', '42', 'true', '{}'].map((text) => ({
    what: `JSON that says nothing (${text})`,
    answer: () => ({ body: text }),
    kind: 'unintelligible' as const,
    effect: 'unknown' as const,
  })),
  ...(['unreachable', 'timed_out', 'broken'] as const).map((kind) => ({
    what: `the port's "${kind}"`,
    answer: broken(kind),
    kind,
    effect: kind === 'unreachable' ? ('none' as const) : ('unknown' as const),
  })),
];

export function answerCases(stage: Stage, act: Act): KitCase[] {
  const { sample } = stage;
  const own: BadAnswer[] = [
    {
      what: 'a refusal in its own words',
      answer: () => sample.refused,
      kind: 'rejected',
      effect: 'none',
    },
  ];
  const { unauthorized, throttled } = sample;
  if (unauthorized) {
    own.push({
      what: '"wrong credentials" in its own words',
      answer: () => unauthorized,
      kind: 'unauthorized',
      effect: 'none',
    });
  }
  if (throttled) {
    own.push({
      what: '"too busy" in its own words',
      answer: () => throttled,
      kind: 'throttled',
      effect: 'none',
    });
  }
  return [
    ...[...badAnswers, ...own].map((bad) => ({
      title: `${act.title}: ${bad.what} is a fault, effect ${bad.effect}`,
      run: () => endsAsFault(stage, act, bad),
    })),
    {
      title: `${act.title}: no fault repeats a secret that the processor repeats`,
      run: () => keepsSecrets(stage, act),
    },
  ];
}

async function endsAsFault(stage: Stage, act: Act, bad: BadAnswer): Promise<void> {
  const name = bestScript(act);
  const command = act.command(1);
  const script = scriptOf(act, name);
  const requests = await rehearse(stage, act, name, command);
  for (const [at, request] of requests.entries()) {
    const answer = bad.answer(script?.(command, request).body ?? null);
    const result = await perform(stage, act, name, command, { instead: { at, answer } });
    const where = `${bad.what} to ${request.method} ${new URL(request.url).pathname}`;
    if (!result.fault) {
      const read = JSON.stringify(result.value);
      throw new Error(`${where} was read as an outcome: ${read}`);
    }
    expectFault(result.fault, bad, actedBefore(act, requests, at), where);
    expect(result.requests, `requests after ${where}: asking again is the switch's`).to.have.length(
      at + 1,
    );
  }
}

/** Once something may have moved, no later trouble can say that nothing did. */
export function expectFault(
  fault: Fault,
  { kind, effect }: Pick<BadAnswer, 'kind' | 'effect'>,
  acted: boolean,
  where: string,
): void {
  if (acted) {
    expect(fault.effect, `${where}, after a request that acted`).to.equal('unknown');
    return;
  }
  if (kind !== undefined) expect(fault.kind, where).to.equal(kind);
  if (effect !== 'either') expect(fault.effect, where).to.equal(effect);
}

/** Each text of a refusal and of a success in turn is the card number, the CVC and the keys. */
async function keepsSecrets(stage: Stage, act: Act): Promise<void> {
  const name = bestScript(act);
  const command = act.command(1);
  const at = await decidingRequest(stage, act, name, command);
  const echoes = [...new Set([...stage.secrets, `CVC ${cvc} is wrong`, stage.secrets.join(' ')])];
  const { refused } = stage.sample;
  const bodies: [Answer, Json][] = [
    [refused, refused.body],
    [{ body: null }, await bodyAt(stage, act, name, command, at)],
  ];
  for (const [given, body] of bodies) {
    for (const path of pathsOf(body).filter((one) => typeof valueAt(body, one) === 'string')) {
      for (const echo of echoes) {
        const answer = { ...given, body: withValue(body, path, echo) };
        await perform(stage, act, name, command, { instead: { at, answer }, unchecked: true });
      }
    }
  }
}
