/** The operations a connector offers, each with its command and its canned answers. */
import {
  methodTypes,
  Secret,
  type Authorize,
  type Context,
  type Json,
  type MethodFacts,
  type MethodInput,
  type MethodType,
  type Money,
  type OperationKind,
  type Outcome,
} from '#sdk';
import { amountFor, currencyFor } from './amounts.ts';
import { deepFreeze } from './bend.ts';
import type { AnySample, OperationSample, Places, Script } from './sample.ts';
import { cardNumber, cvc, tokenText, type Stage } from './stage.ts';

/** Any operation's command: what all have, and what some have. */
export interface AnyCommand {
  readonly operationId: string;
  readonly amount: Money;
  readonly [more: string]: unknown;
}

export interface Act {
  /** `authorize by card`, `refund`. */
  readonly title: string;
  readonly kind: OperationKind;
  readonly method: MethodType;
  readonly facts: MethodFacts;
  readonly sample: OperationSample<AnyCommand> & Places;
  command(number: number, changes?: object): AnyCommand;
  call(context: Context<unknown>, command: AnyCommand): Promise<Outcome<unknown>>;
}

export const followUps = ['capture', 'void', 'refund', 'approve', 'reject'] as const;

/** Ids of the switch's own form: `op_` and 26 letters and digits. */
export const operationId = (number: number): string =>
  `op_01kfa${'0'.repeat(13)}${String(number).padStart(8, '0')}`;

export function methodsOf({ connector }: Stage): [MethodType, MethodFacts][] {
  return methodTypes.flatMap((type) => {
    const facts = connector.methods[type];
    return facts ? [[type, facts]] : [];
  });
}

/** Operations offered for which the sample has no answers; each is a failure of its own. */
export function missingSamples(stage: Stage): string[] {
  const { connector, sample } = stage;
  const methods = methodsOf(stage).filter(([type]) => !sample.authorize[type]);
  const rest = followUps.filter((kind) => connector.operations[kind] && !sample[kind]);
  return [...methods.map(([type]) => `authorize.${type}`), ...rest];
}

/** One act for each way to pay, and one for each later operation. */
export function actsOf(stage: Stage): Act[] {
  return [...authorizations(stage), ...laterActs(stage)];
}

export function authorizations(stage: Stage): Act[] {
  const { connector, sample } = stage;
  return methodsOf(stage).flatMap(([type, facts]) => {
    const own = sample.authorize[type];
    if (!own) return [];
    return {
      title: `authorize by ${type}`,
      kind: 'authorize' as const,
      method: type,
      facts,
      sample: { ...sample.places, sendsAmount: true, ...own } as Act['sample'],
      command: (number: number, changes = {}) =>
        deepFreeze({
          operationId: operationId(number),
          amount: amountFor(facts, currencyFor(facts), number),
          capture: facts.capture[0] ?? 'automatic',
          method: methodInput(sample, type, facts),
          details: {},
          customerReference: sample.customerReference,
          returnUrl: 'https://switch.test/return/pay_kit',
          ...changes,
        }),
      call: (context: Context<unknown>, command: AnyCommand) =>
        connector.operations.authorize(context, command as unknown as Authorize),
    };
  });
}

function laterActs(stage: Stage): Act[] {
  const { connector, sample } = stage;
  return followUps.flatMap((kind) => {
    const own = sample[kind];
    const operation = connector.operations[kind];
    const found = methodsOf(stage).find(([, { refund }]) => kind !== 'refund' || refund !== 'none');
    if (!own || !operation || !found) return [];
    const [method, facts] = found;
    const sendsAmount = kind === 'capture' || kind === 'refund';
    return {
      title: kind,
      kind,
      method,
      facts,
      sample: { ...sample.places, sendsAmount, ...own } as Act['sample'],
      command: (number: number, changes = {}) =>
        deepFreeze({
          operationId: operationId(number),
          amount: amountFor(facts, currencyFor(facts), number),
          of: structuredClone(sample.ref),
          ...(kind === 'capture' && { final: true }),
          ...(kind === 'void' && { because: 'released' }),
          ...((kind === 'void' || kind === 'refund') && { reason: undefined }),
          ...changes,
        }),
      call: (context: Context<unknown>, command: AnyCommand) =>
        (operation as (context: Context<unknown>, command: unknown) => Promise<Outcome<unknown>>)(
          context,
          command,
        ),
    };
  });
}

/** A customer's way to pay, of the sample's or of the kit's own making. */
export function methodInput(sample: AnySample, type: MethodType, facts?: MethodFacts): MethodInput {
  const own = sample.methods?.[type];
  if (own) return own;
  switch (type) {
    case 'card':
      return {
        type,
        number: new Secret(cardNumber),
        exp_month: 12,
        exp_year: 2034,
        cvc: new Secret(cvc),
        holder_name: 'Jane Doe',
      };
    case 'token':
      return { type, token: new Secret(tokenText) };
    case 'bank_transfer':
      return { type, bank: facts?.banks?.[0] ?? 'bca' };
    case 'hosted':
    case 'qris':
    case 'gopay':
      return { type };
  }
}

export const scriptNames = ['succeeds', 'pends', 'declines', 'settles'] as const;
export type ScriptName = (typeof scriptNames)[number];

/** The script of that name when the processor answers so. */
export function scriptOf({ sample }: Act, name: ScriptName): Script<AnyCommand> | undefined {
  const script = sample[name];
  return script === 'never' ? undefined : script;
}

/** The answer that says the most: a success, else what waits, else a decline. */
export function bestScript(act: Act): ScriptName {
  return scriptNames.find((name) => scriptOf(act, name) !== undefined) ?? 'succeeds';
}

export type Bend = (body: Json) => Json;
