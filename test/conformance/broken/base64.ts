/** Acme Pay with signatures in base64, which forgives letters when it is decoded. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { WebhookRefusal } from '#sdk';
import { acmePay } from '../acme-pay/index.ts';
import { acmePaySample } from '../acme-pay/spec-sample.ts';
import { readIfAny } from './borders.ts';
import type { AcmePay, Broken } from './variant.ts';

const header = 'acme-mac';

const macOf = (body: Uint8Array, secret: string, algorithm: string): string =>
  createHmac(algorithm, secret).update(body).digest('base64');

const same = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

/** Which bytes of the text are compared is the whole difference between right and wrong. */
function comparing(encoding: 'utf8' | 'base64', algorithm: string): AcmePay {
  return Object.freeze({
    ...acmePay,
    webhook: {
      open({ settings }, request) {
        const claimed = Buffer.from(request.headers[header] ?? '', encoding);
        const mac = macOf(request.body, settings.webhook_secret, algorithm);
        if (!same(claimed, Buffer.from(mac, encoding))) {
          throw new WebhookRefusal('bad_signature', 'of another secret, or over other bytes');
        }
        const delivery = readIfAny(request);
        if (typeof delivery.id === 'string') return delivery;
        throw new WebhookRefusal('malformed', 'no event');
      },
    },
  } satisfies AcmePay);
}

function sampleOf(algorithm: string): typeof acmePaySample {
  const { webhook } = acmePaySample;
  if (!webhook) throw new Error('Acme Pay has news');
  const headers: typeof webhook.headers = (body, { settings }) => ({
    [header]: macOf(body, settings.webhook_secret, algorithm),
  });
  const signed = { headers, signature: { header }, toleranceMs: 'none' } as const;
  return { ...acmePaySample, webhook: { ...webhook, ...signed } };
}

// 32 bytes end in "=", and 20 too; 48 fill their letters, and decoding forgives none of them.
export const base64Right = ['sha1', 'sha256', 'sha384'].map(
  (algorithm) => [comparing('utf8', algorithm), sampleOf(algorithm)] as const,
);

export const base64Bugs = ['sha1', 'sha256'].map(
  (algorithm): readonly [Broken, typeof acmePaySample] => [
    {
      bug: `a signature in base64 is decoded before it is compared (${algorithm})`,
      noticedBy: 'webhook: any character of the signature changed is refused',
      connector: comparing('base64', algorithm),
    },
    sampleOf(algorithm),
  ],
);
