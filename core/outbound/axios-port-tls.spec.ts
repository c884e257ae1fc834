/**
 * The http port over TLS: a request, and the card in it, stays here until the certificate is good.
 */
import { expect } from 'chai';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { selfSigned } from '../../test/support/certificate.ts';
import { Fault } from '../sdk/fault.ts';
import { createHttpPort } from './axios-port.ts';

describe('the http port over TLS', () => {
  const identity = selfSigned({ address: [127, 0, 0, 1] });
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
