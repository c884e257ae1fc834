/**
 * Where a case plays: a context with a scripted port, and the rules that hold in every case. A
 * fault is the only thing thrown, requests go to the account's hosts, secrets stay out of sight.
 */
import { expect } from 'chai';
import { Fault, Secret, type Context, type HttpRequest, type HttpResponse } from '#sdk';
import { deepFreeze, textOf } from './bend.ts';
import type { AnyConnector, AnySample, Answer } from './sample.ts';
import { secretsIn, withOtherSecrets } from './settings.ts';
import { trapped } from './traps.ts';

/** One case: a sentence, and what throws when it does not hold. */
export interface KitCase {
  readonly title: string;
  run(): Promise<void>;
}

export interface Stage {
  readonly connector: AnyConnector;
  readonly sample: AnySample;
  /** The settings of the sample, and of a second account. */
  readonly settings: unknown;
  readonly otherSettings: unknown;
  /** Texts that may stand in no URL and no fault. */
  readonly secrets: readonly string[];
}

/** 2026-01-15T09:30:00Z: an instant the whole kit agrees on. */
export const startMs = Date.UTC(2026, 0, 15, 9, 30);

export const cardNumber = '4242424242424242';
export const cvc = '739';
export const tokenText = 'tok_kitTokenZ81hq';
export const endpointSecret = 'whsec_kitEndpointQ5r9w2';

export function stageOf(connector: AnyConnector, sample: AnySample): Stage {
  const settings = deepFreeze(structuredClone(sample.settings));
  const otherSettings = deepFreeze(
    structuredClone(sample.otherSettings) ?? withOtherSecrets(connector.settings, settings),
  );
  const credentials = [
    ...secretsIn(connector.settings, settings),
    ...secretsIn(connector.settings, otherSettings),
  ];
  const token = sample.methods?.token?.token.reveal() ?? tokenText;
  const number = sample.methods?.card?.number.reveal() ?? cardNumber;
  const secrets = [...credentials, number, token, endpointSecret];
  return { connector, sample, settings, otherSettings, secrets };
}

/** What came of one call. Exactly one of `value` and `fault` is there. */
export interface Attempt<T> {
  readonly value: T | undefined;
  readonly fault: Fault | undefined;
  readonly requests: readonly HttpRequest[];
}

export interface Conditions {
  readonly settings?: unknown;
  readonly nowMs?: number;
  /** How many turns of the event loop each answer takes. */
  readonly delayTurns?: number;
}

type Answering = (request: HttpRequest, at: number) => Answer | Fault;

/** Calls the connector once with the answers given, and holds what it does against the rules. */
export async function attempt<T>(
  stage: Stage,
  answering: Answering,
  call: (context: Context<unknown>) => Promise<T>,
  conditions: Conditions = {},
): Promise<Attempt<T>> {
  const requests: HttpRequest[] = [];
  const slips: Error[] = [];
  const context = contextOf(stage, conditions, async (request) => {
    requests.push(structuredClone(request));
    try {
      checkTarget(stage, request);
      for (let turn = 0; turn < (conditions.delayTurns ?? 0); turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const answer = answering(request, requests.length - 1);
      if (answer instanceof Fault) throw answer;
      return responseOf(answer);
    } catch (error) {
      // The kit's own complaints come out at the end, whatever the connector makes of them here.
      if (!(error instanceof Fault)) slips.push(error as Error);
      throw error;
    }
  });
  const [settled] = await trapped(() => Promise.allSettled([promised(() => call(context))]));
  if (slips[0]) throw slips[0];
  if (settled?.status === 'fulfilled') {
    return { value: settled.value, fault: undefined, requests };
  }
  return { value: undefined, fault: faultIn(stage, settled?.reason), requests };
}

/** A connector that throws before its first promise throws all the same. */
const promised = async <T>(call: () => Promise<T>): Promise<T> => call();

export function contextOf(
  stage: Stage,
  { settings = stage.settings, nowMs = startMs }: Conditions,
  send: (request: HttpRequest) => Promise<HttpResponse>,
): Context<unknown> {
  const { connector, sample } = stage;
  const fromEndpoint =
    connector.endpoint !== undefined || sample.webhook?.secretFrom === 'endpoint';
  return Object.freeze({
    settings,
    mode: sample.mode ?? 'sandbox',
    http: Object.freeze({ send }),
    webhookUrl: 'https://switch.test/webhooks/acct_kit',
    webhookSecret: fromEndpoint ? new Secret(endpointSecret) : undefined,
    now: () => nowMs,
  });
}

function responseOf({ status = 200, headers = {}, body }: Answer): HttpResponse {
  return { status, headers, text: textOf(body) };
}

function checkTarget({ sample, secrets }: Stage, { url, headers }: HttpRequest): void {
  expect(URL.canParse(url), `the request's URL is one: ${url}`).to.equal(true);
  const { origin, username, password } = new URL(url);
  expect(sample.hosts, 'a request went to a host that is not the account’s').to.include(origin);
  expect(username + password, 'credentials in the URL').to.equal('');
  expectNoSecret(secrets, url, 'the URL of a request (URLs are logged)');
  for (const [name, value] of Object.entries(headers ?? {})) {
    expect(value, `header ${name} is a line of text`).to.match(/^[\x20-\x7e]*$/);
  }
}

function faultIn(stage: Stage, thrown: unknown): Fault {
  if (!(thrown instanceof Fault)) {
    const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    throw new Error(`the connector threw something that is no Fault: ${what}`, { cause: thrown });
  }
  expectNoSecret(stage.secrets, thrown.message, 'a fault’s text (faults are logged)');
  expect(thrown.message, 'a fault’s text holds no CVC').not.to.match(new RegExp(`\\b${cvc}\\b`));
  expect(thrown.message, 'a fault’s text holds no body').not.to.match(/<html|[{}]/i);
  expect(thrown.message.length, 'a fault’s text is a line').to.be.at.most(300);
  return thrown;
}

/** As it is, as it stands in a URL, and as in Basic authentication. */
const spellings = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
];

export function expectNoSecret(secrets: readonly string[], text: string, where: string): void {
  for (const secret of secrets) {
    const found = spellings(secret).some((spelling) => text.includes(spelling));
    expect(found, `a secret (${secret.slice(0, 4)}…) stands in ${where}`).to.equal(false);
  }
}
