/** Signatures, held against somebody else's code. */
import { expect } from 'chai';
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { newSecret } from './secrets.ts';
import { hexSigner, standardSigner, type EventView } from './signer.ts';

const event = {
  id: 'evt_1',
  object: 'event',
  type: 'customer.created',
  payment: null,
  sequence: null,
  created_at: '2026-11-21T10:00:00.000Z',
  data: { object: { name: 'Zoë “Ö” 木' } },
} as EventView;

const body = Buffer.from(JSON.stringify(event));
const timestampS = () => Math.floor(Date.now() / 1000);

describe('a Standard Webhooks signature', () => {
  const secret = newSecret();
  const sign = (secrets: readonly string[], atS = timestampS()) =>
    standardSigner.sign({ eventId: 'evt_1', timestampS: atS, body, secrets });

  it('is the one that the standardwebhooks package makes', () => {
    const at = new Date(timestampS() * 1000);
    const expected = new Webhook(secret).sign('evt_1', at, body.toString('utf8'));
    expect(sign([secret])['webhook-signature']).to.equal(expected);
  });

  it('is taken by the package, also as one of two', () => {
    const old = newSecret();
    for (const one of [secret, old]) {
      const headers = { ...sign([secret, old]) };
      expect(new Webhook(one).verify(body, headers)).to.deep.equal(event);
    }
  });

  it('is refused by the package when it is old, or of another event', () => {
    const stale = { ...sign([secret], timestampS() - 600) };
    expect(() => new Webhook(secret).verify(body, stale)).to.throw('too old');
    const swapped = { ...sign([secret]), 'webhook-id': 'evt_2' };
    expect(() => new Webhook(secret).verify(body, swapped)).to.throw('No matching');
  });
});

describe('a signature in hexadecimal', () => {
  for (const algorithm of ['sha256', 'sha512'] as const) {
    it(`is the HMAC-${algorithm.toUpperCase()} of the exact bytes by the newest secret`, () => {
      const signer = hexSigner({ id: 'x', algorithm, header: 'x-signature' });
      const signed = signer.sign({
        eventId: 'evt_1',
        timestampS: 1,
        body,
        secrets: ['new', 'old'],
      });
      const expected = createHmac(algorithm, 'new').update(body).digest('hex');
      expect(signed).to.deep.equal({ 'x-signature': expected });
    });
  }

  it('goes over the body that its dialect makes of the event, or over none', async () => {
    const signer = hexSigner({
      id: 'x',
      algorithm: 'sha512',
      header: 'x-signature',
      encode: ({ type, id }) =>
        type.startsWith('customer.') ? Buffer.from(`event_id=${id}`) : undefined,
    });
    expect(Buffer.from((await signer.encode(event, 'mer_1')) ?? []).toString()).to.equal(
      'event_id=evt_1',
    );
    expect(await signer.encode({ ...event, type: 'ping' }, 'mer_1')).to.equal(undefined);
  });
});
