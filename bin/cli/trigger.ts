/**
 * `trigger`: makes the sandbox really produce an event, through the simulator. Nothing is made up:
 * what a receiver hears is what it would hear of a shop's payment.
 */
import type { JsonObject } from '../../core/base/json.ts';
import { eventTypes, type EventType } from '../../core/wiring/local-webhooks.ts';
import { Refused, type Api } from './api.ts';
import { define, yesOption, type Parent, type Session } from './define.ts';
import { CliError, exitCodes, usageError } from './exit.ts';
import { objectText, type ListView } from './present.ts';
import { word } from './render.ts';
import { credentialsOf } from './settings.ts';
import { beyondReach, cardMethod, recipes, type Kitchen, type Recipe } from './trigger-recipes.ts';

export function addTrigger(parent: Parent): void {
  define<{ yes?: boolean }>(parent, {
    usage: 'trigger <event>',
    summary: 'Make the sandbox produce an event, with a payment at the simulator',
    arguments: ['payment.captured, refund.succeeded, dispute.opened …'],
    options: [yesOption()],
    examples: ['trigger payment.captured', 'trigger dispute.opened --json'],
    run: (session, { yes }, type) => trigger(session, type ?? '', yes),
  });
}

const isType = (text: string): text is EventType =>
  (eventTypes as readonly string[]).includes(text);

async function trigger(session: Session, type: string, yes: boolean | undefined) {
  const recipe = isType(type) ? recipes[type] : undefined;
  if (!isType(type) || !recipe) {
    const reason = isType(type) ? beyondReach[type] : undefined;
    const known = `What can be produced: ${Object.keys(recipes).join(', ')}`;
    throw usageError(`Nothing here produces "${type}"${reason ? `. ${reason}` : ''}`, known);
  }
  const api = session.api();
  if (api.live) throw usageError('Events are triggered in the sandbox only.');
  if (recipe.clock !== undefined) {
    await session.confirm(`This moves the clock of the sandbox ${recipe.clock} ahead. Go on?`, yes);
  }
  const before = await newest(api, type);
  const payment = await recipe.cook(kitchenOf(session, api, recipe));
  const event = await awaited(api, type, payment, before);
  session.print(event, objectText(event));
  return exitCodes.done;
}

function kitchenOf(session: Session, api: Api, { clock }: Recipe): Kitchen {
  return {
    api,
    pay: async (card, more = {}) => {
      const usual = { amount: 10_000, currency: 'USD', confirm: true };
      const body = { ...usual, payment_method: cardMethod(card), ...more };
      try {
        return word((await api.call('POST', '/v1/payments', { body })).body['id']);
      } catch (error) {
        // A card that is declined is what some of the recipes are about.
        const declined = error instanceof Refused && error.problem['payment'];
        if (!declined) throw error;
        return word((declined as JsonObject)['id']);
      }
    },
    post: async (path, body) => (await api.call('POST', path, body ? { body } : {})).body,
    simulate: (path, body = {}) => atSimulator(session, path, body),
    heard: (type, payment) => awaited(api, type, payment, undefined),
    moveClock: async () => {
      await session.api('admin').call('POST', '/v1/clock/advance', { body: { by: clock } });
    },
  };
}

async function atSimulator(session: Session, path: string, body: object): Promise<JsonObject> {
  const url = credentialsOf(session.terminal, session.options)?.simulator_url;
  if (!url) {
    throw usageError(
      'The simulator’s address is not known here',
      'It stands in credentials.json: name its directory with --data.',
    );
  }
  let response: Response;
  try {
    const headers = { 'content-type': 'application/json' };
    response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  } catch (error) {
    throw new CliError(exitCodes.unavailable, `No answer from the simulator: ${String(error)}`);
  }
  if (response.ok) return (await response.json()) as JsonObject;
  throw new CliError(exitCodes.refused, `The simulator answered ${response.status} to ${path}`);
}

async function newest(api: Api, type: string, payment?: string): Promise<JsonObject | undefined> {
  const query = { type, payment, limit: 1 };
  const { body } = await api.call('GET', '/v1/events', { query });
  return (body as unknown as ListView).data[0];
}

/** News from the simulator takes a moment to arrive and to be looked up. */
const waitMs = 15_000;
const pollMs = 100;

async function awaited(
  api: Api,
  type: string,
  payment: string | undefined,
  before: JsonObject | undefined,
): Promise<JsonObject> {
  const startedMs = performance.now();
  for (;;) {
    const event = await newest(api, type, payment);
    if (event && event['id'] !== before?.['id']) return event;
    if (performance.now() - startedMs > waitMs) {
      throw new CliError(exitCodes.refused, `No ${type} came of it within ${waitMs / 1000} s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
