/** Carries an act out against its script, with one answer of it changed. */
import type { Fault, HttpRequest, Json, Outcome } from '#sdk';
import { scriptOf, type Act, type AnyCommand, type Bend, type ScriptName } from './acts.ts';
import { checkedOutcome } from './outcomes.ts';
import type { Answer } from './sample.ts';
import { attempt, type Attempt, type Conditions, type Stage } from './stage.ts';

export interface Disturbance {
  /** Changes the body of the deciding answer. */
  readonly bend?: Bend;
  /** The number of the deciding request, when it is known already. */
  readonly deciding?: number;
  /** The outcome is looked at by the case itself. */
  readonly unchecked?: true;
  /** Takes the place of the answer to the request of that number, counted from 0. */
  readonly instead?: { readonly at: number; readonly answer: Answer | Fault };
}

/** One call; what it returns has been held against the contract. */
export async function perform(
  stage: Stage,
  act: Act,
  name: ScriptName,
  command: AnyCommand,
  { bend, instead, unchecked, ...known }: Disturbance = {},
  conditions: Conditions = {},
): Promise<Attempt<Outcome<unknown>>> {
  const script = scriptOf(act, name);
  if (!script) throw new Error(`${act.title}: the sample has no "${name}"`);
  const deciding = known.deciding ?? (bend ? await decidingRequest(stage, act, name, command) : -1);
  const result = await attempt(
    stage,
    (request, at) => {
      if (instead?.at === at) return instead.answer;
      const answer = script(command, request);
      return bend && at === deciding ? { ...answer, body: bend(answer.body) } : answer;
    },
    (context) => act.call(context, command),
    conditions,
  );
  if (result.fault === undefined && !unchecked) checkedOutcome(stage, result.value);
  return result;
}

/** The requests of an undisturbed run. */
export async function rehearse(
  stage: Stage,
  act: Act,
  name: ScriptName,
  command: AnyCommand,
): Promise<readonly HttpRequest[]> {
  const { requests, fault } = await perform(stage, act, name, command);
  if (fault) {
    const why = `${act.title}: the sample's own "${name}" answer was not understood`;
    throw new Error(`${why}: ${fault.message}`, { cause: fault });
  }
  if (requests.length === 0) throw new Error(`${act.title}: nothing was sent`);
  return requests;
}

export async function decidingRequest(
  stage: Stage,
  act: Act,
  name: ScriptName,
  command: AnyCommand,
): Promise<number> {
  const requests = await rehearse(stage, act, name, command);
  const { decides } = act.sample;
  const found = decides ? requests.findIndex((request) => decides(request)) : requests.length - 1;
  if (found < 0) throw new Error(`${act.title}: no request fits the sample's "decides"`);
  return found;
}

/** Whether something may have moved before the request of that number was sent. */
export function actedBefore(act: Act, requests: readonly HttpRequest[], at: number): boolean {
  return requests.slice(0, at).some((request) => isActing(act, request));
}

export const isActing = (act: Act, request: HttpRequest): boolean =>
  request.method !== 'GET' && act.sample.prepares?.(request) !== true;

/** The body of the deciding answer. */
export async function bodyAt(
  stage: Stage,
  act: Act,
  name: ScriptName,
  command: AnyCommand,
  deciding: number,
): Promise<Json> {
  let body: Json = null;
  const bend = (seen: Json) => (body = seen);
  await perform(stage, act, name, command, { bend, deciding });
  return body;
}
