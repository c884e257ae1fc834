/**
 * The http port over TLS: a request, and the card in it, stays here until the certificate is good.
 */
import { expect } from 'chai';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { Fault } from '../sdk/fault.ts';
import { createHttpPort } from './axios-port.ts';

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}

/** A self-signed X.509 v3 certificate for 127.0.0.1: Node has no call that makes one. */
function selfSigned(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = der(0x30, Buffer.from('06082a8648ce3d040302', 'hex'));
  const commonName = Buffer.from('0603550403', 'hex');
  const subjectAltName = Buffer.from('0603551d11', 'hex');
  const loopback = der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])));
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
    der(0xa3, der(0x30, der(0x30, subjectAltName, der(0x04, loopback)))),
  );
  const signature = createSign('sha256').update(facts).sign(privateKey);
  const whole = der(0x30, facts, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`,
  };
}

describe('the http port over TLS', () => {
  const identity = selfSigned();
  const endings: (() => void)[] = [];

  afterEach(() => {
    for (const end of endings.splice(0).toReversed()) end();
  });

  async function listen(server: net.Server): Promise<number> {
    server.on('connection', (socket: net.Socket) => {
      socket.on('error', () => socket.destroy());
      endings.push(() => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  async function send(server: net.Server, timeoutMs: number, ca?: string): Promise<string> {
    const port = createHttpPort({
      defaultTimeoutMs: timeoutMs,
      ceilingMs: timeoutMs,
      concurrency: 2,
      agentOptions: ca === undefined ? {} : { ca },
    });
    endings.push(() => port.close());
    const url = `https://127.0.0.1:${await listen(server)}/charges`;
    try {
      const answer = await port.send({ method: 'POST', url, body: 'number=4242424242424242' });
      return answer.text;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return error.kind;
    }
  }

  it('sends nothing to a server whose certificate is not trusted', async () => {
    let received = 0;
    const server = tls.createServer(identity, (socket) => {
      socket.on('data', (bytes) => (received += bytes.length));
      socket.on('error', () => socket.destroy());
    });
    const hungUp = new Promise((resolve) => {
      server.on('connection', (socket) => socket.on('close', resolve));
      server.on('tlsClientError', resolve);
    });
    expect(await send(server, 2_000)).to.equal('unreachable');
    await hungUp;
    expect(received).to.equal(0);
  });

  it('is sure that nothing left when the other side does not speak TLS', async () => {
    const server = net.createServer((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect(await send(server, 2_000)).to.equal('unreachable');
  });

  it('is sure that nothing left when the connection is reset during the handshake', async () => {
    const server = net.createServer((socket) => {
      socket.on('data', () => socket.resetAndDestroy());
    });
    expect(await send(server, 2_000)).to.equal('unreachable');
  });

  it('is sure that nothing left when the handshake outlasts the deadline', async () => {
    expect(await send(net.createServer(), 80)).to.equal('unreachable');
  });

  it('speaks to a trusted server, and no longer knows once it does', async () => {
    const answering = tls.createServer(identity, (socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'));
    });
    expect(await send(answering, 2_000, identity.cert)).to.equal('ok');
    const silent = tls.createServer(identity, (socket) => socket.resume());
    expect(await send(silent, 200, identity.cert)).to.equal('timed_out');
    const resetting = tls.createServer(identity, (socket) => {
      socket.on('data', () => socket.destroy());
      socket.on('error', () => socket.destroy());
    });
    expect(await send(resetting, 2_000, identity.cert)).to.equal('broken');
  });
});
