/** The way out for webhooks over TLS: whom a receiver has to prove to be. */
import { expect } from 'chai';
import https from 'node:https';
import net from 'node:net';
import type tls from 'node:tls';
import { selfSigned } from '../../test/support/certificate.ts';
import { openReceivers, setVariable } from '../../test/support/receivers.ts';
import { DeliveryFault } from '../webhooks/port.ts';
import { createWebhookPort } from './webhook-port.ts';

describe('the webhook port over TLS', () => {
  const identity = selfSigned({ name: 'hook.localhost' });
  const receivers = openReceivers();

  afterEach(() => receivers.end());

  /** The status, or the kind of the fault and the code in its message. */
  async function send(
    server: net.Server,
    {
      host = 'hook.localhost',
      ca,
      timeoutMs = 5_000,
    }: Partial<Record<'host' | 'ca', string>> & {
      timeoutMs?: number;
    } = {},
  ): Promise<string> {
    const port = createWebhookPort(
      { allowLoopback: true, allowHosts: [], allowedPorts: [], requireHttps: true },
      { fault: DeliveryFault, ...(ca !== undefined && { agentOptions: { ca } }) },
    );
    receivers.later(() => port.close());
    const url = `https://${host}:${(await receivers.listen(server)).port}/hook`;
    try {
      const { status } = await port.post({ url, headers: {}, body: Buffer.from('{}'), timeoutMs });
      return String(status);
    } catch (error) {
      if (!(error instanceof DeliveryFault)) throw error;
      return `${error.kind} ${/\(([\w]+)\)\.$/.exec(error.message)?.[1] ?? ''}`.trim();
    }
  }

  function receiver() {
    const seen = { requests: 0, names: [] as unknown[] };
    const server = https.createServer(identity, (_request, response) => {
      seen.requests += 1;
      response.end('ok');
    });
    server.on('secureConnection', (socket: tls.TLSSocket) => {
      seen.names.push((socket as tls.TLSSocket & { servername?: unknown }).servername);
    });
    return { server, seen };
  }

  it('delivers to a receiver that proves its name, and asks for that name', async () => {
    const { server, seen } = receiver();
    expect(await send(server, { ca: identity.cert })).to.equal('200');
    expect(seen).to.deep.equal({ requests: 1, names: ['hook.localhost'] });
  });

  it('tells nothing to one whose certificate is not trusted, whatever the environment says', async () => {
    setVariable(receivers, 'NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { server, seen } = receiver();
    expect(await send(server)).to.equal('tls DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(seen.requests).to.equal(0);
  });

  it('tells nothing to one that proves another name or no address', async () => {
    for (const host of ['other.localhost', '127.0.0.1']) {
      const { server, seen } = receiver();
      const outcome = await send(server, { ca: identity.cert, host });
      expect(outcome).to.equal('tls ERR_TLS_CERT_ALTNAME_INVALID');
      expect(seen.requests).to.equal(0);
    }
  });

  it('proves an address by its address', async () => {
    const own = selfSigned({ address: [127, 0, 0, 1] });
    const server = https.createServer(own, (_request, response) => response.end());
    expect(await send(server, { ca: own.cert, host: '127.0.0.1' })).to.equal('200');
  });

  it('calls it a matter of TLS when the other side speaks none or hangs up', async () => {
    const plain = net.createServer((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect(await send(plain)).to.match(/^tls (EPROTO|ERR_SSL_\w+)$/);
    const resetting = net.createServer((socket) => {
      socket.on('data', () => socket.resetAndDestroy());
    });
    expect(await send(resetting)).to.equal('tls ECONNRESET');
  });

  it('counts the handshake against the deadline', async () => {
    expect(await send(net.createServer(), { timeoutMs: 60 })).to.equal('timed_out');
  });
});
