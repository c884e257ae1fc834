/** Notifications: what is let in, and what of it is used. */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { WebhookRefusal } from '#sdk';
import { order, serverKey, stage, transaction } from './spec-context.ts';
import { open } from './webhook.ts';

const signatureOf = (fields: object, key = serverKey): string => {
  const { order_id, status_code, gross_amount } = fields as Record<string, string>;
  return createHash('sha512')
    .update(`${order_id}${status_code}${gross_amount}${key}`)
    .digest('hex');
};

const signedBody = (changes: object = {}): Record<string, unknown> => {
  const fields = transaction(changes);
  return { ...fields, signature_key: signatureOf(fields) };
};

const opened = (body: unknown) => {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return open(stage([]).context, { body: bytes, headers: {} });
};

const refusalFor = (body: unknown): string => {
  try {
    opened(body);
    return 'none';
  } catch (cause) {
    if (cause instanceof WebhookRefusal) return cause.reason;
    throw cause;
  }
};

describe('Midtrans: notifications', () => {
  it('a genuine one says where to look, and nothing else', () => {
    const { type, subjects } = opened(signedBody());
    expect({ type, subjects }).to.deep.equal({
      type: 'capture',
      subjects: [{ operationId: order }],
    });
  });

  it('the same news has the same id, other news another', () => {
    const id = (changes: object) => opened(signedBody(changes)).id;
    expect(id({ status_message: 'told again' })).to.equal(id({}));
    const others = [
      {},
      { transaction_status: 'settlement' },
      { fraud_status: 'challenge' },
      { status_code: '201' },
      { transaction_id: 'another' },
      { order_id: 'op_another' },
      { refund_amount: '5000.00' },
      { refund_amount: '12000.00' },
    ].map(id);
    expect(new Set(others).size).to.equal(others.length);
  });

  it('every character of what is signed counts', () => {
    const genuine = signedBody();
    for (const name of ['order_id', 'status_code', 'gross_amount', 'signature_key']) {
      const text = String(genuine[name]);
      for (let at = 0; at < text.length; at += 1) {
        const other = text[at] === '1' ? '2' : '1';
        const forged = { ...genuine, [name]: text.slice(0, at) + other + text.slice(at + 1) };
        expect(refusalFor(forged), `${name}, character ${at}`).to.not.equal('none');
      }
    }
  });

  it('characters cannot move from one signed field to the next', () => {
    const signature_key = signedBody()['signature_key'];
    const moved = [
      { order_id: `${order}2`, status_code: '002', gross_amount: '50000.00' },
      {
        order_id: order.slice(0, -1),
        status_code: `${order.slice(-1)}20`,
        gross_amount: '0250000.00',
      },
      { order_id: order, status_code: '2002', gross_amount: '50000.00' },
    ];
    for (const fields of moved) {
      expect(refusalFor(transaction({ ...fields, signature_key }))).to.equal('malformed');
    }
  });

  const refused: readonly [what: string, body: unknown, reason: string][] = [
    [
      'another account’s',
      { ...transaction(), signature_key: signatureOf(transaction(), 'SB-other') },
      'bad_signature',
    ],
    ['an unsigned one', transaction(), 'no_signature'],
    [
      'a signature in capitals',
      { ...signedBody(), signature_key: signatureOf(transaction()).toUpperCase() },
      'bad_signature',
    ],
    [
      'a list for a signature',
      { ...signedBody(), signature_key: [signatureOf(transaction())] },
      'bad_signature',
    ],
    ['an amount that is a number', signedBody({ gross_amount: 250_000 }), 'malformed'],
    ['a code that is a number', signedBody({ status_code: 200 }), 'malformed'],
    ['no order', signedBody({ order_id: undefined }), 'malformed'],
    ['a status that is no word', signedBody({ transaction_status: 'a b' }), 'malformed'],
    ['HTML', '<html></html>', 'malformed'],
    ['nothing', '', 'malformed'],
    ['half of it', JSON.stringify(signedBody()).slice(0, 200), 'malformed'],
    ['a list', [signedBody()], 'malformed'],
    ['null', 'null', 'malformed'],
    ['too much', signedBody({ padding: 'x'.repeat(64 * 1024) }), 'malformed'],
  ];
  for (const [what, body, reason] of refused) {
    it(`${what} is refused: ${reason}`, () => {
      expect(refusalFor(body)).to.equal(reason);
    });
  }

  it('bytes that are not UTF-8 are refused', () => {
    const text = JSON.stringify(signedBody());
    const bytes = Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0x2c, 0xff, 0x7d])]);
    const work = () => open(stage([]).context, { body: bytes, headers: {} });
    expect(work).to.throw(WebhookRefusal, 'malformed');
  });
});
