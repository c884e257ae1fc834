/** Connectors that let in news they should not, and literals that are not as they should be. */
import { Type } from 'typebox';
import { WebhookRefusal, type WebhookRequest } from '#sdk';
import { acmePay } from '../acme-pay/index.ts';
import { AcmePaySettings } from '../acme-pay/settings.ts';
import { broken, rightly, type AcmePay, type Broken, type Ctx } from './variant.ts';

type Open = NonNullable<AcmePay['webhook']>['open'];

const brokenWebhook = (bug: string, noticedBy: string, open: Open): Broken =>
  broken(bug, `webhook: ${noticedBy}`, { webhook: { open } });

interface Event {
  readonly id: string;
  readonly type: string;
  readonly payment: string;
}

const read = ({ body }: WebhookRequest) => {
  const { id, type, payment } = JSON.parse(new TextDecoder().decode(body)) as Event;
  return { id, type, subjects: [{ authorization: { payment } }] };
};

export const readIfAny = (request: WebhookRequest) => {
  try {
    return read(request);
  } catch {
    throw new WebhookRefusal('malformed', 'not JSON');
  }
};

/** Opens as if it were the time that the header tells. */
const whenever = (context: Ctx, request: WebhookRequest, minutesOff: (off: number) => boolean) => {
  const signedMs = Number(/t=(\d+)/.exec(request.headers['acme-signature'] ?? '')?.[1]) * 1000;
  const now = minutesOff((context.now() - signedMs) / 60_000) ? () => signedMs : context.now;
  return rightly.open({ ...context, now }, request);
};

export const doorkeepers: readonly Broken[] = [
  brokenWebhook(
    'a delivery without a signature is let in',
    'without the signature it is refused',
    (context, request) =>
      request.headers['acme-signature'] ? rightly.open(context, request) : read(request),
  ),
  brokenWebhook(
    'the signature is looked at for its form only',
    'any byte of the body changed is refused',
    (context, request) => {
      try {
        return rightly.open(context, request);
      } catch (error) {
        const forged = error instanceof WebhookRefusal && error.reason === 'bad_signature';
        const formed = request.headers['acme-signature']?.startsWith('t=');
        if (forged && formed) return readIfAny(request);
        throw error;
      }
    },
  ),
  brokenWebhook(
    'only the first characters of the signature count',
    'any character of the signature changed is refused',
    (context, request) => {
      const header = request.headers['acme-signature'] ?? '';
      try {
        return rightly.open(context, request);
      } catch (error) {
        const nearly = /^t=\d+,v1=[0-9a-f]{63}.$/.test(header);
        if (nearly && request.body.length > 10) return read(request);
        throw error;
      }
    },
  ),
  brokenWebhook('old news is let in', 'one that is too old is refused', (context, request) =>
    whenever(context, request, (off) => off > 5),
  ),
  brokenWebhook(
    'news from the future is let in',
    'one from the future is refused',
    (context, request) => whenever(context, request, (off) => off < -5),
  ),
  brokenWebhook(
    'each delivery of the same news has another id',
    'a replay has the same id, another event another',
    (context, request) => ({
      ...rightly.open(context, request),
      id: String(request.headers['acme-signature']),
    }),
  ),
  brokenWebhook(
    'all news has one id',
    'a replay has the same id, another event another',
    (context, request) => ({ ...rightly.open(context, request), id: 'payment.updated' }),
  ),
  brokenWebhook(
    'a signed body that is not JSON breaks out',
    'a signed body that cannot be read is refused, nothing worse',
    (context, request) => {
      try {
        return rightly.open(context, request);
      } catch (error) {
        if (error instanceof WebhookRefusal && error.reason === 'malformed') return read(request);
        throw error;
      }
    },
  ),
  {
    bug: 'the literal can be changed by whoever has it',
    noticedBy: 'the literal: is frozen, and its id is kebab-case',
    connector: { ...acmePay },
  },
  broken(
    'settings with a slip in a name are accepted',
    'the literal: has settings that compile strictly and take the sample',
    { settings: Type.Object(AcmePaySettings.properties) },
  ),
  broken(
    'the key is no secret',
    'the literal: marks its credentials with secretText, and wants them',
    {
      settings: Type.Object(
        { api_key: Type.String(), webhook_secret: Type.String() },
        { additionalProperties: false },
      ),
    },
  ),
  broken(
    'refunds are promised and cannot be made',
    'the literal: states facts about its methods that can be kept',
    { operations: { authorize: acmePay.operations.authorize, sync: acmePay.operations.sync } },
  ),
];
