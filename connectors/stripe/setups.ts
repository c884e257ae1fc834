/** Set-ups: a method is saved without a payment, by a SetupIntent. */
import { randomUUID } from 'node:crypto';
import { Fault, Secret, type Setup, type SetupOutcome } from '#sdk';
import { inBrowser, readCancellation, readNextAction } from './answers.ts';
import {
  accepted,
  codeOf,
  get,
  pathOf,
  post,
  rejection,
  type Answer,
  type StripeContext,
} from './calls.ts';
import { readRefusal } from './declines.ts';
import { idOf, innerOf, textOf, wordOf, type Fields } from './fields.ts';
import { readInstrument } from './instrument.ts';
import { around, findMarked, ownMarkOf } from './lists.ts';
import type { StripeRef } from './settings.ts';

type Outcome = SetupOutcome<StripeRef>;

const statuses = [
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'succeeded',
  'canceled',
] as const;

const expand = ['payment_method'];

async function create(context: StripeContext, setup: Setup): Promise<Outcome> {
  const { setupId, customerReference, usage, method, returnUrl } = setup;
  const hosted = method.type === 'hosted';
  if (hosted && context.settings.publishable_key === undefined) {
    throw new Fault('rejected', 'the account has no publishable_key, which a browser needs');
  }
  const answer = await post(context, '/v1/setup_intents', setupId, {
    customer: customerReference,
    usage,
    automatic_payment_methods: { enabled: true },
    // A later question does not tell how the method was to be entered.
    metadata: { pointsman_setup: setupId, pointsman_method: method.type },
    ...(method.type === 'token' && {
      payment_method: method.token.reveal(),
      confirm: true,
      return_url: returnUrl,
    }),
    expand,
  });
  return answer.accepted ? readSetup(context, answer.fields) : readDeclined(answer);
}

async function sync(
  context: StripeContext,
  query: {
    readonly setupId: string;
    readonly ref: StripeRef | undefined;
    readonly begunAtMs: number;
  },
): Promise<Outcome | 'not_found'> {
  const { setupId, ref, begunAtMs } = query;
  if (ref) return readSetup(context, await readById(context, ref));
  const found = await findMarked(
    context,
    '/v1/setup_intents',
    { created: around(begunAtMs), expand: ['data.payment_method'] },
    { name: 'pointsman_setup', value: setupId },
  );
  return found ? readSetup(context, found) : 'not_found';
}

async function cancel(
  context: StripeContext,
  { setupId, ref }: { readonly setupId: string; readonly ref: StripeRef },
): Promise<Outcome> {
  const path = pathOf('setup_intents', setupIn(ref), 'cancel');
  const form = { cancellation_reason: 'requested_by_customer' };
  const answer = await post(context, path, `${setupId}:cancel`, form);
  if (answer.accepted) return readSetup(context, answer.fields);
  if (codeOf(answer) !== 'setup_intent_unexpected_state') throw rejection(answer);
  // It came to an end before we did: that end is the answer.
  const now = readSetup(context, await readById(context, ref));
  if (now.status === 'cancelled' || now.status === 'succeeded') return now;
  throw rejection(answer);
}

/**
 * Detaches the method. What is detached already is a success, so a repeat needs no memory of
 * Stripe's: under a key of its own it cannot be answered with an old failure either.
 */
async function forget(
  context: StripeContext,
  { token }: { readonly token: Secret },
): Promise<void> {
  const id = token.reveal();
  const path = pathOf('payment_methods', id);
  const answer = await post(context, `${path}/detach`, randomUUID());
  if (codeOf(answer) === 'resource_missing') return;
  const method = answer.accepted ? answer : await get(context, path);
  if (codeOf(method) === 'resource_missing') return;
  const fields = accepted(method);
  wordOf(fields, 'object', ['payment_method']);
  if (idOf(fields, 'customer') === undefined) return;
  throw answer.accepted
    ? new Fault('unintelligible', 'a detached method that has a customer')
    : rejection(answer);
}

export const setups = { create, sync, cancel, forget };

async function readById(context: StripeContext, ref: StripeRef): Promise<Fields> {
  return accepted(await get(context, pathOf('setup_intents', setupIn(ref)), { expand }));
}

function setupIn({ setup }: StripeRef): string {
  if (setup === undefined) throw new Fault('rejected', 'the handle names no set-up');
  return setup;
}

function readSetup(context: StripeContext, fields: Fields): Outcome {
  wordOf(fields, 'object', ['setup_intent']);
  const ref = { setup: textOf(fields, 'id') };
  const status = wordOf(fields, 'status', statuses);
  const hosted = ownMarkOf(fields, 'pointsman_method') === 'hosted';
  switch (status) {
    case 'succeeded':
      return { status: 'succeeded', ref, saved: savedBy(fields, hosted) };
    case 'processing':
      return { status: 'pending', ref };
    case 'requires_action': {
      const nextAction = hosted ? inBrowser(context, fields) : readNextAction(context, fields);
      return { status: 'pending', ref, nextAction };
    }
    case 'requires_confirmation':
    case 'requires_payment_method': {
      const error = innerOf(fields, 'last_setup_error');
      if (hosted) {
        const lastDecline = error && { lastDecline: readRefusal(error) };
        return { status: 'pending', ref, nextAction: inBrowser(context, fields), ...lastDecline };
      }
      if (!error) throw new Fault('unintelligible', `a confirmed set-up that is ${status}`);
      return { status: 'declined', ref, ...readRefusal(error) };
    }
    case 'canceled':
      // The reason has to be a word we know, too.
      readCancellation(fields);
      return { status: 'cancelled', ref };
  }
}

function savedBy(fields: Fields, hosted: boolean) {
  const method = innerOf(fields, 'payment_method');
  if (!method) throw new Fault('unintelligible', 'a set-up that succeeded without a method');
  const customerReference = idOf(fields, 'customer');
  return {
    token: new Secret(textOf(method, 'id')),
    ...(customerReference !== undefined && { customerReference }),
    instrument: readInstrument(method, hosted ? 'hosted' : 'token'),
  };
}

function readDeclined(refused: Extract<Answer, { accepted: false }>): Outcome {
  const { status, error } = refused;
  const setup = innerOf(error, 'setup_intent');
  if (status !== 402 || (error['type'] !== 'card_error' && !setup)) throw rejection(refused);
  const ref = setup && { ref: { setup: textOf(setup, 'id') } };
  return { status: 'declined', ...readRefusal(error), ...ref };
}
