/** What each operation makes of the answers its processor really gives. */
import { expect } from 'chai';
import type { Json, Outcome } from '#sdk';
import { bestScript, scriptNames, scriptOf, type Act, type AnyCommand } from './acts.ts';
import { pathsOf, raised, valueAt, valuesSent, withValue } from './bend.ts';
import { bodyAt, decidingRequest, isActing, perform, rehearse } from './perform.ts';
import type { Path, Places, Unsaid } from './sample.ts';
import type { Attempt, KitCase, Stage } from './stage.ts';

const isPath = (place: Path | readonly Path[] | Unsaid): place is Path => typeof place === 'string';

/** The paths of the deciding words; none where the processor does not tell. */
export const statusPaths = ({ status }: Pick<Places, 'status'>): readonly Path[] =>
  typeof status === 'object' && 'unsaid' in status ? [] : [status].flat();

/** Words no processor has said: one invented, one that every JavaScript object knows. */
const inventedWords = ['kit_invented_word', 'constructor'];

/** An empty word is none: but only the first of several has to be there. */
export const wordsFor = (path: Path, { sample }: Act): readonly string[] =>
  statusPaths(sample)[0] === path ? [...inventedWords, ''] : inventedWords;

export function operationCases(stage: Stage, act: Act): KitCase[] {
  const { sample, title } = act;
  const say = (what: string, run: () => Promise<void>): KitCase => ({
    title: `${title}: ${what}`,
    run,
  });
  const cases = [say(answersOf(act), () => hasAnswers(act))];
  const { amount, operationId, declineCode } = sample;
  if (scriptOf(act, 'succeeds')) {
    cases.push(say('a success is one, with the id and the amount', () => succeeds(stage, act)));
    if (isPath(amount)) {
      cases.push(
        say('another amount in the answer is passed on, not hidden', () =>
          tellsAmount(stage, act, amount),
        ),
      );
    }
    if (isPath(operationId)) {
      cases.push(
        say('the operation id is the processor’s echo, not made up', () =>
          tellsEcho(stage, act, operationId),
        ),
      );
    }
  }
  if (scriptOf(act, 'declines')) {
    cases.push(say('a decline is an outcome, not a fault', () => declines(stage, act)));
    if (isPath(declineCode)) {
      cases.push(
        say('a decline for an unknown reason is still one, and sends nobody elsewhere', () =>
          declinesUnknown(stage, act, declineCode),
        ),
      );
    }
  }
  if (scriptOf(act, 'pends')) {
    cases.push(say('what waits is pending', () => pends(stage, act)));
  }
  if (statusPaths(sample).length > 0) {
    cases.push(
      say('an invented status word is unintelligible: the effect is unknown', () =>
        refusesInvention(stage, act),
      ),
    );
  }
  cases.push(
    say('the operation id is in every request that acts', () => sendsId(stage, act)),
    say('a field that is missing or of another type never breaks out', () =>
      survivesFields(stage, act),
    ),
  );
  if (sample.sendsAmount !== false) {
    cases.push(say('the amount is sent as the processor spells it', () => sendsAmount(stage, act)));
  }
  return cases;
}

/** What the processor never answers stands in the title, so that what is not run is seen. */
function answersOf(act: Act): string {
  const { status, amount, operationId, declineCode } = act.sample;
  const never = (['succeeds', 'declines', 'pends'] as const)
    .filter((name) => act.sample[name] === 'never')
    .map((name) => `never ${name}`);
  const unsaid = Object.entries({ status, amount, operationId, declineCode }).flatMap(
    ([name, place]) =>
      typeof place === 'object' && 'unsaid' in place ? [`${name} not told: ${place.unsaid}`] : [],
  );
  const notes = [...never, ...unsaid];
  return `has its canned answers${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

async function hasAnswers(act: Act): Promise<void> {
  const there = scriptNames.filter((name) => scriptOf(act, name) !== undefined);
  expect(there, 'scripts').to.not.deep.equal([]);
  const concludes = there.includes('succeeds') || there.includes('settles');
  expect(concludes, 'a success, at once ("succeeds") or later ("settles")').to.equal(true);
  for (const place of statusPaths(act.sample)) expect(place).to.be.a('string').that.is.not.empty;
}

/** Every way to ask for it: both kinds of capture, the three reasons to void, each bank. */
export function variantsOf({ kind, facts, method }: Act): object[] {
  if (kind === 'void') return ['released', 'cancelled', 'expired'].map((because) => ({ because }));
  if (kind === 'capture') {
    return facts.multipleCapture ? [{ final: true }, { final: false }] : [{ final: true }];
  }
  if (kind !== 'authorize') return [{}];
  const modes = facts.capture.map((capture) => ({ capture }));
  const banks = (facts.banks ?? []).map((bank) => ({ method: { type: 'bank_transfer', bank } }));
  return method === 'bank_transfer' ? [...modes, ...banks] : modes;
}

async function succeeds(stage: Stage, act: Act): Promise<void> {
  for (const [at, variant] of variantsOf(act).entries()) {
    const command = act.command(at + 1, variant);
    expectSuccess(await perform(stage, act, 'succeeds', command), command);
  }
}

export function expectSuccess(result: Attempt<Outcome<unknown>>, command: AnyCommand): void {
  const { operationId, amount } = command;
  expect(valueOf(result)).to.deep.include({ status: 'succeeded', operationId, amount });
}

/** The outcome; a fault that came instead says so. */
export function valueOf<T>({ value, fault }: Attempt<T>): T {
  if (fault) throw new Error(`a fault, not an outcome: ${fault.message}`, { cause: fault });
  return value as T;
}

async function tellsAmount(stage: Stage, act: Act, path: Path): Promise<void> {
  const command = act.command(1);
  for (const change of [(was: Json | undefined) => raised(was), () => undefined]) {
    const bend = (body: Json) => withValue(body, path, change(valueAt(body, path)));
    const result = await perform(stage, act, 'succeeds', command, { bend });
    expectTold(result, (told) => told.amount.amount !== command.amount.amount, 'the amount');
  }
}

async function tellsEcho(stage: Stage, act: Act, path: Path): Promise<void> {
  const command = act.command(1);
  for (const other of [act.command(2).operationId, undefined]) {
    const bend = (body: Json) => withValue(body, path, other);
    const result = await perform(stage, act, 'succeeds', command, { bend });
    expectTold(result, (told) => told.operationId !== command.operationId, 'the operation id');
  }
}

type Success = Extract<Outcome<unknown>, { status: 'succeeded' }>;

/** Either what the answer said, or a fault that leaves the effect open. */
export function expectTold(
  { value, fault }: Attempt<Outcome<unknown> | 'not_found'>,
  differs: (told: Success) => boolean,
  what: string,
): void {
  if (fault) {
    expect(fault.effect, `the effect when ${what} is another`).to.equal('unknown');
    return;
  }
  const told = value as Success;
  expect(told, `another "${what}"`).to.include({ status: 'succeeded' });
  expect(differs(told), `${what} is what was asked for, not what the processor said`).to.equal(
    true,
  );
}

async function declines(stage: Stage, act: Act): Promise<void> {
  const outcome = valueOf(await perform(stage, act, 'declines', act.command(1)));
  expect(outcome).to.include({ status: 'declined' });
}

async function declinesUnknown(stage: Stage, act: Act, path: Path): Promise<void> {
  for (const code of ['kit_unknown_reason', 'constructor']) {
    const bend = (body: Json) => withValue(body, path, code);
    const outcome = valueOf(await perform(stage, act, 'declines', act.command(1), { bend }));
    expect(outcome).to.include({ status: 'declined', processorCode: code });
    expect(outcome, 'an unknown reason').not.to.include({ advice: 'other_account' });
  }
}

async function pends(stage: Stage, act: Act): Promise<void> {
  for (const [at, variant] of variantsOf(act).entries()) {
    const outcome = valueOf(await perform(stage, act, 'pends', act.command(at + 1, variant)));
    expect(outcome).to.include({ status: 'pending' });
  }
}

async function refusesInvention(stage: Stage, act: Act): Promise<void> {
  const name = bestScript(act) === 'settles' ? 'pends' : bestScript(act);
  for (const path of statusPaths(act.sample)) {
    for (const word of wordsFor(path, act)) {
      const bend = (body: Json) => withValue(body, path, word);
      const { value, fault } = await perform(stage, act, name, act.command(1), { bend });
      expect(value, `"${word}" at ${path} was read as an outcome`).to.equal(undefined);
      expect(fault?.kind, `"${word}" at ${path}`).to.equal('unintelligible');
    }
  }
}

async function sendsId(stage: Stage, act: Act): Promise<void> {
  const command = act.command(1);
  const requests = await rehearse(stage, act, bestScript(act), command);
  const acting = requests.filter((request) => isActing(act, request));
  expect(acting, 'requests that act (anything but GET)').to.not.deep.equal([]);
  for (const { method, url, headers, body } of acting) {
    const text = [decodeURIComponent(url), ...Object.values(headers ?? {}), String(body)].join(
      '\n',
    );
    const where = `${method} ${new URL(url).pathname}: as idempotency key or reference`;
    expect(text.includes(command.operationId), where).to.equal(true);
  }
}

async function sendsAmount(stage: Stage, act: Act): Promise<void> {
  const command = act.command(1);
  await expectSpelled(stage, act, command);
}

export async function expectSpelled(stage: Stage, act: Act, command: AnyCommand): Promise<void> {
  const requests = await rehearse(stage, act, bestScript(act), command);
  const spelled = String(stage.sample.spell(command.amount));
  const sent = requests.flatMap((request) => valuesSent(request));
  const { amount, currency } = command.amount;
  expect(sent, `${amount} minor units of ${currency}, as sent`).to.include(spelled);
}

async function survivesFields(stage: Stage, act: Act): Promise<void> {
  const changes = [undefined, null, 7, 1.5, -1, 'kit', true, [], {}];
  for (const name of scriptNames.filter((one) => one !== 'settles')) {
    const script = scriptOf(act, name);
    if (!script) continue;
    const command = act.command(1);
    const deciding = await decidingRequest(stage, act, name, command);
    const seen = await bodyAt(stage, act, name, command, deciding);
    for (const path of pathsOf(seen)) {
      for (const change of changes) {
        const bend = (body: Json) => withValue(body, path, change);
        await perform(stage, act, name, command, { bend, deciding });
      }
    }
  }
}
