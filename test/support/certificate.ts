/** Certificates for tests of TLS: Node has no call that makes one. */
import { createSign, generateKeyPairSync } from 'node:crypto';

export type Holder = { readonly address: readonly number[] } | { readonly name: string };

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}

/** A self-signed X.509 v3 certificate for an IPv4 address or a name. */
export function selfSigned(holder: Holder): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));
  const commonName = Buffer.from('0603550403', 'hex');
  const subjectAltName = Buffer.from('0603551d11', 'hex');
  // RFC 5280, GeneralName: 7 is iPAddress, 2 is dNSName.
  const alternative =
    'address' in holder
      ? der(0x87, Buffer.from(holder.address))
      : der(0x82, Buffer.from(holder.name));
  const name = der(0x30, der(0x31, der(0x30, commonName, der(0x0c, Buffer.from('test')))));
  const validity = ['200101000000Z', '491231235959Z'].map((time) => der(0x17, Buffer.from(time)));
  const facts = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    der(0x30, ...validity),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, der(0x30, subjectAltName, der(0x04, der(0x30, alternative))))),
  );
  const signature = createSign('sha256').update(facts).sign(privateKey);
  const whole = der(0x30, facts, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}
