/** Asking what became of an operation: the one thing that repairs the unknown. */
import { expect } from 'chai';
import type { Fault, HttpRequest, Json, Outcome, Sync } from '#sdk';
import { bestScript, scriptOf, type Act, type AnyCommand, type ScriptName } from './acts.ts';
import { badAnswers, expectFault, type BadAnswer } from './answer-cases.ts';
import { pathsOf, raised, valueAt, withValue } from './bend.ts';
import { expectTold, statusPaths, valueOf, variantsOf, wordsFor } from './operation-cases.ts';
import { checkedOutcome } from './outcomes.ts';
import { bodyAt, decidingRequest, perform } from './perform.ts';
import type { Answer, Path } from './sample.ts';
import { attempt, startMs, type Attempt, type KitCase, type Stage } from './stage.ts';

type Found = Outcome<unknown> | 'not_found';

const meant = {
  succeeds: 'succeeded',
  settles: 'succeeded',
  pends: 'pending',
  declines: 'declined',
} as const;

/** What has become of one operation by the time it is asked about. */
interface Past {
  readonly command: AnyCommand;
  readonly query: Sync<unknown>;
  /** The body the processor has of it. */
  readonly body: Json;
}

export function syncCases(stage: Stage, act: Act): KitCase[] {
  const { sync } = stage.sample;
  const lostReason = sync.needsRef?.[act.kind];
  const about = act.kind === 'authorize' ? `authorization by ${act.method}` : act.kind;
  const say = (what: string, run: () => Promise<void>): KitCase => ({
    title: `sync of ${/^[aeiou]/.test(about) ? 'an' : 'a'} ${about}: ${what}`,
    run,
  });
  const { amount, operationId } = act.sample;
  const concluded = scriptOf(act, 'succeeds') ? 'succeeds' : 'settles';
  return [
    ...(['succeeds', 'settles', 'pends', 'declines'] as const)
      .filter((name) => scriptOf(act, name) !== undefined)
      .map((name) => {
        const forgotten = name === 'declines' ? sync.forgetsDeclines?.[act.kind] : undefined;
        return forgotten === undefined
          ? say(`finds that it ${name}`, () => finds(stage, act, name, true))
          : say(`a decline is not kept (${forgotten}): not found`, () => forgets(stage, act));
      }),
    lostReason === undefined
      ? say('finds it by its id alone when the answer was lost', () =>
          finds(stage, act, bestScript(act), false),
        )
      : say(`a lost answer is not found by id (${lostReason}): never an outcome`, () =>
          findsNothing(stage, act),
        ),
    say('only the processor’s own word makes it not found', () => absent(stage, act)),
    say('an error page, an empty list of fields and silence are faults', () => bad(stage, act)),
    say('an invented status word is unintelligible', () => refusesInvention(stage, act)),
    say('another amount or id in the answer is passed on', async () => {
      for (const path of [amount, operationId]) {
        if (typeof path === 'string') await tells(stage, act, concluded, path, path === amount);
      }
    }),
    say('a field that is missing or of another type never breaks out', () => fields(stage, act)),
  ];
}

async function pastOf(
  stage: Stage,
  act: Act,
  name: ScriptName,
  withRef: boolean,
  variant: object = {},
): Promise<Past> {
  const command = act.command(1, variant);
  const begun = name === 'settles' ? 'pends' : name;
  const deciding = await decidingRequest(stage, act, begun, command);
  const { value, requests } = await perform(stage, act, begun, command);
  const script = scriptOf(act, name);
  const request = requests[deciding];
  const body =
    name === 'settles' && script && request
      ? script(command, request).body
      : await bodyAt(stage, act, begun, command, deciding);
  const authorizing = act.kind === 'authorize';
  const query: Sync<unknown> = {
    operationId: command.operationId,
    kind: act.kind,
    amount: command.amount,
    ref: withRef ? value?.ref : undefined,
    of: authorizing ? undefined : structuredClone(stage.sample.ref),
    method: authorizing ? act.method : undefined,
    capture: authorizing ? (command['capture'] as 'automatic' | 'manual') : undefined,
    begunAtMs: startMs - 60_000,
  };
  return { command, query: Object.freeze(query), body };
}

async function ask(
  stage: Stage,
  query: Sync<unknown>,
  answering: (request: HttpRequest, at: number) => Answer | Fault,
): Promise<Attempt<Found>> {
  const result = await attempt(stage, answering, (context) =>
    stage.connector.operations.sync(context, query),
  );
  if (result.fault === undefined && result.value !== 'not_found') {
    checkedOutcome(stage, result.value);
  }
  return result;
}

const foundIn =
  (stage: Stage, { query }: Past, body: Json) =>
  (request: HttpRequest) =>
    stage.sample.sync.found(body, query, request);

async function finds(stage: Stage, act: Act, name: ScriptName, withRef: boolean): Promise<void> {
  for (const variant of variantsOf(act)) {
    const past = await pastOf(stage, act, name, withRef, variant);
    const outcome = valueOf(await ask(stage, past.query, foundIn(stage, past, past.body)));
    expect(outcome).to.include({ status: meant[name] });
    if (meant[name] !== 'succeeded') continue;
    const { operationId, amount } = past.command;
    expect(outcome).to.deep.include({ operationId, amount });
  }
}

async function forgets(stage: Stage, act: Act): Promise<void> {
  const past = await pastOf(stage, act, 'declines', true);
  const answer = await ask(stage, past.query, foundIn(stage, past, past.body));
  expect(valueOf(answer)).to.equal('not_found');
}

async function findsNothing(stage: Stage, act: Act): Promise<void> {
  const past = await pastOf(stage, act, bestScript(act), false);
  const { value, fault } = await ask(stage, past.query, foundIn(stage, past, past.body));
  if (value !== 'not_found') expect(fault?.effect, 'its effect').to.equal('unknown');
}

async function absent(stage: Stage, act: Act): Promise<void> {
  const { sync } = stage.sample;
  for (const withRef of sync.needsRef?.[act.kind] === undefined ? [false, true] : [true]) {
    const { query } = await pastOf(stage, act, bestScript(act), withRef);
    const told = await ask(stage, query, (request) => sync.absent(query, request));
    if (!withRef) expect(valueOf(told), 'its word for it').to.equal('not_found');
    // With a handle it may be a fault (another account's keys), or still wait (an open page).
    const status = typeof told.value === 'object' ? told.value.status : undefined;
    expect([undefined, 'pending'], 'what is absent has come to nothing').to.include(status);
    for (const body of ['', '<h1>Not found</h1>', '{}', 'null', '[]', '{"error":{}}']) {
      const { value, fault } = await ask(stage, query, () => ({ status: 404, body }));
      expect(value, `404 with ${body || 'nothing'} is somebody else’s word`).to.equal(undefined);
      expect(fault, 'a fault').to.not.equal(undefined);
    }
  }
}

async function bad(stage: Stage, act: Act): Promise<void> {
  const past = await pastOf(stage, act, bestScript(act), true);
  const answering = foundIn(stage, past, past.body);
  const { requests, fault } = await ask(stage, past.query, answering);
  if (fault) throw fault;
  for (const [at, request] of requests.entries()) {
    for (const one of badAnswers) await endsAsFault(stage, past, one, at, request);
  }
}

async function endsAsFault(
  stage: Stage,
  past: Past,
  { what, answer, ...rest }: BadAnswer,
  at: number,
  request: HttpRequest,
): Promise<void> {
  const answering = foundIn(stage, past, past.body);
  const instead = answer(answering(request).body);
  const { value, fault } = await ask(stage, past.query, (asked, number) =>
    number === at ? instead : answering(asked),
  );
  const where = `${what} to ${request.method} ${new URL(request.url).pathname}`;
  if (!fault) throw new Error(`${where} was read as ${JSON.stringify(value)}`);
  expectFault(fault, rest, false, where);
}

async function refusesInvention(stage: Stage, act: Act): Promise<void> {
  const later = act.sample.settledStatus;
  const name = scriptOf(act, 'succeeds') ? 'succeeds' : 'settles';
  const past = await pastOf(stage, act, name, true);
  for (const path of later === undefined ? statusPaths(act.sample) : [later]) {
    for (const word of wordsFor(path, act)) {
      const body = withValue(past.body, path, word);
      const { value, fault } = await ask(stage, past.query, foundIn(stage, past, body));
      expect(value, `"${word}" at ${path} was read as an answer`).to.equal(undefined);
      expect(fault?.kind, `"${word}" at ${path}`).to.equal('unintelligible');
    }
  }
}

async function tells(
  stage: Stage,
  act: Act,
  name: ScriptName,
  path: Path,
  isAmount: boolean,
): Promise<void> {
  const past = await pastOf(stage, act, name, true);
  const { operationId, amount } = past.command;
  const other = isAmount ? raised(valueAt(past.body, path)) : act.command(2).operationId;
  for (const value of [other, undefined]) {
    const body = withValue(past.body, path, value);
    const result = await ask(stage, past.query, foundIn(stage, past, body));
    if (result.value === 'not_found') {
      // One that carries another's mark is not this one; another amount does not make it absent.
      if (isAmount) throw new Error('another amount was read as "not found"');
      continue;
    }
    expectTold(
      result,
      (told) =>
        isAmount ? told.amount.amount !== amount.amount : told.operationId !== operationId,
      isAmount ? 'the amount' : 'the operation id',
    );
  }
}

async function fields(stage: Stage, act: Act): Promise<void> {
  const past = await pastOf(stage, act, bestScript(act), true);
  for (const path of pathsOf(past.body)) {
    for (const change of [undefined, null, 7, 'kit', true, [], {}]) {
      const body = withValue(past.body, path, change);
      await ask(stage, past.query, foundIn(stage, past, body));
    }
  }
}
