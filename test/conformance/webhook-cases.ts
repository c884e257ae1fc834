/** Incoming news: whoever can forge a delivery moves money. */
import { expect } from 'chai';
import { Secret, WebhookRefusal, type Delivery, type Json, type WebhookRequest } from '#sdk';
import { operationId } from './acts.ts';
import { textOf, valueAt, withValue } from './bend.ts';
import type { Signing, WebhookSample } from './sample.ts';
import {
  contextOf,
  endpointSecret,
  expectNoSecret,
  startMs,
  type KitCase,
  type Stage,
} from './stage.ts';
import { trapped } from './traps.ts';

const id = operationId(1);

interface Desk {
  readonly stage: Stage;
  readonly sample: WebhookSample<unknown, unknown>;
}

interface Made {
  readonly number?: 1 | 2;
  readonly nowMs?: number;
  readonly foreign?: boolean;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function signingOf({ stage }: Desk, { nowMs = startMs, foreign = false }: Made): Signing<unknown> {
  const secret = foreign ? `${endpointSecret.slice(0, -5)}Zk9qX` : endpointSecret;
  const settings = foreign ? stage.otherSettings : stage.settings;
  return { settings, secret: new Secret(secret), nowMs };
}

function genuine(desk: Desk, made: Made = {}): WebhookRequest {
  const signing = signingOf(desk, made);
  return signed(desk, bytes(desk.sample.event(made.number ?? 1, id, signing)), signing);
}

const signed = ({ sample }: Desk, body: Uint8Array, signing: Signing<unknown>): WebhookRequest => ({
  body,
  headers: sample.headers(body, signing),
});

/** Opens as the switch would; network is forbidden, and a refusal is the only thing thrown. */
async function open(
  { stage }: Desk,
  request: WebhookRequest,
  nowMs = startMs,
  changes: object = {},
): Promise<Delivery<unknown> | WebhookRefusal> {
  const webhook = stage.connector.webhook;
  if (!webhook) throw new Error('the connector has no webhook');
  const slips: string[] = [];
  const context = contextOf(stage, { nowMs }, async ({ url }) => {
    slips.push(url);
    throw new Error('opening a delivery sends nothing');
  });
  let result: Delivery<unknown> | WebhookRefusal;
  try {
    result = await trapped(async () => webhook.open({ ...context, ...changes }, request));
  } catch (error) {
    if (!(error instanceof WebhookRefusal)) {
      throw new Error(`thrown, and no WebhookRefusal: ${String(error)}`, { cause: error });
    }
    expectNoSecret(stage.secrets, error.message, 'a refusal’s text');
    expect(error.message.length, 'a refusal’s text is a line').to.be.at.most(300);
    result = error;
  }
  expect(slips, 'requests sent while opening').to.deep.equal([]);
  return result;
}

async function expectRefused(
  desk: Desk,
  request: WebhookRequest,
  what: string,
  nowMs?: number,
): Promise<WebhookRefusal> {
  const result = await open(desk, request, nowMs);
  if (result instanceof WebhookRefusal) return result;
  throw new Error(`${what} was accepted`);
}

async function expectAccepted(
  desk: Desk,
  request: WebhookRequest,
  nowMs?: number,
): Promise<Delivery<unknown>> {
  const result = await open(desk, request, nowMs);
  if (result instanceof WebhookRefusal) throw result;
  return result;
}

export function webhookCases(stage: Stage): KitCase[] {
  const { sample, connector } = stage;
  if (!connector.webhook || !sample.webhook) return [];
  const desk: Desk = { stage, sample: sample.webhook };
  const { toleranceMs, covers, secretFrom } = sample.webhook;
  const say = (what: string, run: () => Promise<void>): KitCase => ({
    title: `webhook: ${what}`,
    run,
  });
  return [
    say('a genuine delivery says what it is about', () => accepts(desk)),
    say('a replay has the same id, another event another', () => identifies(desk)),
    say(
      covers === 'body'
        ? 'any byte of the body changed is refused'
        : `a change of ${covers.join(', ')} is refused; what is not signed changes no subject`,
      () => refusesBodies(desk),
    ),
    say('any character of the signature changed is refused', () => refusesSignatures(desk)),
    say('without the signature it is refused', () => refusesUnsigned(desk)),
    say('another account’s delivery is refused', async () => {
      await expectRefused(desk, genuine(desk, { foreign: true }), 'a stranger’s delivery');
    }),
    ...(toleranceMs === 'none' ? [] : timeCases(desk, toleranceMs, say)),
    say('an empty, a huge and a garbled body are refused, nothing worse', () => refusesJunk(desk)),
    say('a signed body that cannot be read is refused, nothing worse', () => refusesRot(desk)),
    ...(secretFrom === 'settings'
      ? []
      : [
          say('without a registered endpoint everything is refused', async () => {
            const result = await open(desk, genuine(desk), startMs, { webhookSecret: undefined });
            expect(result).to.be.instanceOf(WebhookRefusal).and.include({ reason: 'no_secret' });
          }),
        ]),
  ];
}

async function accepts(desk: Desk): Promise<void> {
  const delivery = await expectAccepted(desk, genuine(desk));
  expect(delivery.id, 'the delivery’s id').to.be.a('string').that.is.not.empty;
  expect(delivery.type, 'the processor’s word').to.be.a('string').that.is.not.empty;
  expect(delivery.subjects).to.deep.equal(desk.sample.subjects(id));
}

async function identifies(desk: Desk): Promise<void> {
  const first = await expectAccepted(desk, genuine(desk));
  const again = await expectAccepted(
    desk,
    genuine(desk, { nowMs: startMs + 1000 }),
    startMs + 1000,
  );
  expect(again.id, 'the id of the same news, sent again').to.equal(first.id);
  const other = await expectAccepted(desk, genuine(desk, { number: 2 }));
  expect(other.id, 'the id of other news').to.not.equal(first.id);
}

async function refusesBodies(desk: Desk): Promise<void> {
  const { covers, subjects } = desk.sample;
  const request = genuine(desk);
  for (const at of request.body.keys()) {
    const body = Uint8Array.from(request.body);
    body[at] = (body[at] ?? 0) ^ 1;
    const forged = { ...request, body };
    if (covers === 'body') await expectRefused(desk, forged, `byte ${at} changed`);
    else {
      const result = await open(desk, forged);
      if (result instanceof WebhookRefusal) continue;
      expect(result.subjects, `byte ${at} changed`).to.deep.equal(subjects(id));
    }
  }
  if (covers === 'body') return;
  const text = new TextDecoder().decode(request.body);
  for (const path of covers) {
    const changed = withValue(JSON.parse(text) as Json, path, '1');
    await expectRefused(desk, { ...request, body: bytes(JSON.stringify(changed)) }, path);
  }
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** What a character of a signature is changed to. */
const forgeries: readonly ((character: string) => string)[] = [
  (character) => String.fromCharCode(character.charCodeAt(0) ^ 1),
  // The next letter: at the end of base64 it may differ in bits that decoding drops, whatever the
  // digest. Without it, a connector that decodes would pass with some digests and not with others.
  (character) => base64.charAt((base64.indexOf(character) + 1) % base64.length),
];

async function refusesSignatures(desk: Desk): Promise<void> {
  const request = genuine(desk);
  for (const change of forgeries) {
    for (const [forged, what] of withSignature(desk, request, change)) {
      await expectRefused(desk, forged, `a signature with ${what} (base64 is compared as text)`);
    }
  }
}

/** The request once for each character of its signature, that character changed. */
function* withSignature(
  { sample }: Desk,
  request: WebhookRequest,
  change: (character: string) => string,
): Generator<readonly [request: WebhookRequest, what: string]> {
  const { signature } = sample;
  const body = new TextDecoder().decode(request.body);
  const value =
    'header' in signature
      ? (request.headers[signature.header] ?? '')
      : textOf(valueAt(JSON.parse(body) as Json, signature.field));
  if (value.length < 16) throw new Error('the sample’s genuine delivery has no signature');
  for (let at = 0; at < value.length; at += 1) {
    const [was, is] = [value.charAt(at), change(value.charAt(at))];
    const forged = value.slice(0, at) + is + value.slice(at + 1);
    const what = `"${is}" for "${was}" at place ${at + 1} of ${value.length}`;
    if ('header' in signature) {
      yield [{ ...request, headers: { ...request.headers, [signature.header]: forged } }, what];
    } else yield [{ ...request, body: bytes(body.replace(value, () => forged)) }, what];
  }
}

async function refusesUnsigned(desk: Desk): Promise<void> {
  const request = genuine(desk);
  const { signature } = desk.sample;
  if ('header' in signature) {
    const { [signature.header]: _gone, ...rest } = request.headers;
    for (const headers of [rest, { ...rest, [signature.header]: '' }, {}]) {
      await expectRefused(desk, { ...request, headers }, 'an unsigned delivery');
    }
    return;
  }
  const body = JSON.parse(new TextDecoder().decode(request.body)) as Json;
  for (const none of [undefined, '', null]) {
    const text = JSON.stringify(withValue(body, signature.field, none));
    await expectRefused(desk, { ...request, body: bytes(text) }, 'an unsigned delivery');
  }
}

function timeCases(
  desk: Desk,
  toleranceMs: number,
  say: (what: string, run: () => Promise<void>) => KitCase,
): KitCase[] {
  const beyond = toleranceMs + 1000;
  return [
    say('one that is too old is refused', async () => {
      await expectRefused(desk, genuine(desk), 'an old delivery', startMs + beyond);
    }),
    say('one from the future is refused', async () => {
      await expectRefused(desk, genuine(desk), 'a delivery from the future', startMs - beyond);
    }),
    say('clocks a little apart are no matter', async () => {
      for (const apart of [toleranceMs - 1000, 1000 - toleranceMs]) {
        await expectAccepted(desk, genuine(desk), startMs + apart);
      }
    }),
  ];
}

const junk = (): Uint8Array[] => [
  bytes(''),
  bytes('x'.repeat(4_000_000)),
  Uint8Array.from([0xff, 0xfe, 0x80, 0x00, 0xc3]),
  bytes('null'),
  bytes('[]'),
  bytes('{}'),
];

async function refusesJunk(desk: Desk): Promise<void> {
  const { headers } = genuine(desk);
  for (const body of junk()) await expectRefused(desk, { body, headers }, 'junk');
}

/** The signature is right and the body is none: after the check, reading may still fail. */
async function refusesRot(desk: Desk): Promise<void> {
  const signing = signingOf(desk, {});
  for (const body of junk()) {
    const refusal = await expectRefused(desk, signed(desk, body, signing), 'signed junk');
    if ('header' in desk.sample.signature) expect(refusal.reason).to.equal('malformed');
  }
}
