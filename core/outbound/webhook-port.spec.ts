/** The way out for webhooks, against receivers that misbehave. */
import { expect } from 'chai';
import { once } from 'node:events';
import type http from 'node:http';
import net from 'node:net';
import {
  expectFault,
  here,
  openReceivers,
  post,
  setVariable,
} from '../../test/support/receivers.ts';
import { DeliveryFault } from '../webhooks/port.ts';
import type { GuardedAnswer } from './webhook-port.ts';

describe('the webhook port', () => {
  const receivers = openReceivers();
  const { web, tcp, listen, portWith } = receivers;

  afterEach(() => receivers.end());

  describe('delivers', () => {
    it('the exact bytes, under its own name, and says what came back', async () => {
      const seen: { request: http.IncomingMessage; body: string }[] = [];
      const place = await web((request, response) => {
        let body = '';
        request.on('data', (bytes) => (body += String(bytes)));
        request.on('end', () => {
          seen.push({ request, body });
          response.writeHead(201, { 'X-Id': '7', 'Set-Cookie': ['a=1', 'b=2'] }).end('thanks');
        });
      });
      const answer: GuardedAnswer = await post(portWith(), `${here(place)}#part`);
      expect(answer).to.include({ status: 201, excerpt: 'thanks' });
      expect(answer.headers).to.include({ 'x-id': '7', 'set-cookie': 'a=1, b=2' });
      expect(answer.durationMs).to.be.at.least(0);
      const [{ request, body } = expect.fail('nothing came')] = seen;
      expect([request.method, request.url, body]).to.deep.equal([
        'POST',
        '/hook?a=1',
        '{"id":"evt_1"}',
      ]);
      expect(request.headers).to.deep.equal({
        'content-type': 'application/json',
        'webhook-id': 'evt_1',
        host: `127.0.0.1:${place.port}`,
        'user-agent': 'Pointsman-Webhooks/1',
        'content-length': '14',
        'accept-encoding': 'identity',
        connection: 'close',
      });
    });

    it('and takes every status for an answer', async () => {
      const place = await web((request, response) => {
        response.writeHead(Number(request.url?.slice(1))).end();
      });
      for (const status of [200, 204, 304, 404, 410, 500, 503]) {
        expect((await post(portWith(), here(place, `/${status}`))).status).to.equal(status);
      }
    });

    it('over a connection of its own each time', async () => {
      const place = await web((_request, response) => response.end('ok'));
      const port = portWith();
      for (let turn = 0; turn < 3; turn += 1) await post(port, here(place));
      expect(place.connections).to.equal(3);
    });

    it('past a proxy that the environment names', async () => {
      const place = await web((_request, response) => response.end('direct'));
      const proxy = await tcp((socket) => socket.destroy());
      for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']) {
        setVariable(receivers, name, `http://127.0.0.1:${proxy.port}`);
      }
      expect((await post(portWith(), here(place))).excerpt).to.equal('direct');
      expect(proxy.connections).to.equal(0);
    });
  });

  describe('keeps its deadline', () => {
    it('when the name server is silent', async () => {
      const port = portWith({}, () => new Promise(() => undefined));
      await expectFault('timed_out', post(port, 'http://shop.example/', 60));
    });

    it('when nothing is answered', async () => {
      const place = await tcp((socket) => socket.resume());
      await expectFault('timed_out', post(portWith(), here(place), 60));
    });

    it('when headers, or a body, trickle in without end', async () => {
      const drip = (beginning: string, drop: string) =>
        tcp((socket) => {
          socket.write(beginning);
          const timer = setInterval(() => socket.write(drop), 5);
          socket.on('close', () => clearInterval(timer));
        });
      const headers = await drip('HTTP/1.1 200 OK\r\nx-a: ', 'a');
      await expectFault('timed_out', post(portWith(), here(headers), 60));
      const hints = await drip('', 'HTTP/1.1 103 Early Hints\r\n\r\n');
      await expectFault('timed_out', post(portWith(), here(hints), 60));
      const body = await drip('HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n', 'x');
      await expectFault('timed_out', post(portWith(), here(body), 60));
    });

    it('and leaves no socket behind', async () => {
      let closed = Promise.resolve<unknown>(undefined);
      const place = await tcp((socket) => {
        closed = once(socket, 'close');
        socket.resume();
      });
      await expectFault('timed_out', post(portWith(), here(place), 60));
      await closed;
    });

    it('and stops at once when the switch does', async () => {
      const port = portWith();
      const place = await tcp(() => port.close());
      await expectFault('broken', post(port, here(place), 60_000));
      await expectFault('broken', post(port, here(place), 60_000));
      expect(place.connections).to.equal(1);
    });
  });

  describe('takes what it can use of an answer', () => {
    it('and leaves a body of 500 MB after 64 kB', async () => {
      const piece = Buffer.alloc(1_024 * 1_024, 'x');
      let sent = 0;
      let hungUp: Promise<unknown> = Promise.resolve();
      const place = await web((_request, response) => {
        response.writeHead(200, { 'content-length': 500 * piece.length });
        hungUp = once(response, 'close');
        const pour = (): void => {
          while (!response.destroyed && sent < 500) {
            sent += 1;
            if (!response.write(piece)) return void response.once('drain', pour);
          }
        };
        pour();
      });
      const answer = await post(portWith(), here(place));
      expect(answer.status).to.equal(200);
      expect(answer.excerpt).to.equal('x'.repeat(1_024));
      await hungUp;
      // What the kernel's buffers swallow is gone too, but that is a few MB.
      expect(sent).to.be.lessThan(100);
    });

    it('and never a card number, nor what a database refuses', async () => {
      const card = '4242-4242.4242 4242';
      const page = `${'-'.repeat(1_015)}${card} and more`;
      const place = await web((request, response) => {
        response.end(request.url === '/card' ? page : 'a\0b\ud83d\ude00'.padEnd(1_023, '.') + '😀');
      });
      const { excerpt } = await post(portWith(), here(place, '/card'));
      expect(excerpt).to.equal(`${'-'.repeat(1_015)}424242***`);
      const other = await post(portWith(), here(place, '/nul'));
      expect(other.excerpt).to.equal(`a\ufffdb😀${'.'.repeat(1_018)}`);
    });

    it('and calls one that is cut short, or is no HTTP, broken', async () => {
      for (const raw of [
        'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf',
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n',
        'SSH-2.0-OpenSSH_9.6\r\n',
        `HTTP/1.1 200 OK\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`,
        'HTTP/1.1 101 Switching Protocols\r\nupgrade: tcp\r\nconnection: upgrade\r\n\r\n',
        '',
      ]) {
        const place = await tcp((socket) => socket.once('data', () => socket.end(raw)));
        await expectFault('broken', post(portWith(), here(place)));
      }
      const upgrading = await tcp((socket) =>
        socket.once('data', () =>
          socket.write(
            'HTTP/1.1 101 Switching Protocols\r\nupgrade: tcp\r\nconnection: upgrade\r\n\r\n',
          ),
        ),
      );
      await expectFault('broken', post(portWith(), here(upgrading)));
      const resetting = await tcp((socket) => socket.on('data', () => socket.resetAndDestroy()));
      await expectFault('broken', post(portWith(), here(resetting)));
    });
  });

  describe('says', () => {
    it('“refused” when nobody listens', async () => {
      const server = net.createServer();
      const place = await listen(server);
      server.close();
      await once(server, 'close');
      const fault = await expectFault('refused', post(portWith(), here(place)));
      expect(fault.message).to.equal(
        `Nobody takes connections at 127.0.0.1:${place.port} (ECONNREFUSED).`,
      );
      const name = `http://localhost:${place.port}/`;
      const refusal = await expectFault('refused', post(portWith(), name));
      expect(refusal.message).to.contain(`localhost:${place.port}`).and.not.contain('127.0.0.1');
    });

    it('“unresolved” when a name has no address', async () => {
      const none = portWith({}, async () => []);
      await expectFault('unresolved', post(none, 'http://shop.example/'));
      const failing = portWith({}, () =>
        Promise.reject(Object.assign(new Error('10.0.0.53 said no'), { code: 'ENOTFOUND' })),
      );
      const fault = await expectFault('unresolved', post(failing, 'http://shop.example/'));
      expect(fault.message).to.equal('shop.example has no address (ENOTFOUND).');
    });

    it('a defect, and nothing about the receiver, when the request cannot be made', async () => {
      const place = await web((_request, response) => response.end());
      const error: unknown = await portWith()
        .post({
          url: here(place),
          headers: { 'x-key': 'a\r\nb: c' },
          body: Buffer.from(''),
          timeoutMs: 1_000,
        })
        .catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(TypeError).and.not.instanceOf(DeliveryFault);
      expect(place.connections).to.equal(0);
    });
  });
});
