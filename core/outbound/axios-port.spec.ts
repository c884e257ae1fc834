/** The http port against real sockets that misbehave: what it may and may not claim afterwards. */
import { expect } from 'chai';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Fault, type FaultKind } from '../sdk/fault.ts';
import type { HttpPort, HttpRequest } from '../sdk/http.ts';
import { createHttpPort, type HttpPortOptions } from './axios-port.ts';

type Port = HttpPort & { close(): void };

const card = '4242424242424242';
const secrets = [card, 'sk_topsecret', 'query-secret'];

describe('the http port', () => {
  const endings: (() => void)[] = [];

  afterEach(() => {
    for (const end of endings.splice(0).toReversed()) end();
  });

  function portWith(options: Partial<HttpPortOptions> = {}): Port {
    const port = createHttpPort({
      defaultTimeoutMs: 2_000,
      ceilingMs: 5_000,
      concurrency: 4,
      ...options,
    });
    endings.push(() => port.close());
    return port;
  }

  /** Listens on a free port of the loopback and returns the address of a charge there. */
  async function listen(server: net.Server): Promise<string> {
    const sockets = new Set<net.Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      // A peer that is reset by the test, or by the port, has nothing to report.
      socket.on('error', () => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/charges?key=query-secret`;
  }

  function tcp(onConnection: (socket: net.Socket) => void): Promise<string> {
    return listen(net.createServer(onConnection));
  }

  function web(handle: http.RequestListener): Promise<string> {
    return listen(http.createServer(handle));
  }

  /** Answers every request on the connection with `raw`, once its first bytes have been read. */
  function answering(raw: string): Promise<string> {
    return tcp((socket) => socket.on('data', () => socket.write(raw)));
  }

  function charge(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
    return {
      method: 'POST',
      url,
      headers: { authorization: 'Bearer sk_topsecret', 'content-type': 'text/plain' },
      body: `number=${card}`,
      ...more,
    };
  }

  async function faultOf(exchange: Promise<unknown>): Promise<Fault> {
    const error: unknown = await exchange.then(
      () => expect.fail('an answer came'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof Fault)) throw error;
    for (const secret of secrets) {
      expect(JSON.stringify([error.message, error.stack, error])).not.to.contain(secret);
    }
    expect(error.cause).to.equal(undefined);
    return error;
  }

  async function expectFault(kind: FaultKind, exchange: Promise<unknown>): Promise<Fault> {
    const fault = await faultOf(exchange);
    expect(fault.message).to.match(new RegExp(`^${kind}: `));
    return fault;
  }

  describe('is sure that nothing left', () => {
    it('when nobody listens on the port', async () => {
      const server = net.createServer();
      const url = await listen(server);
      server.close();
      await once(server, 'close');
      const fault = await expectFault('unreachable', portWith().send(charge(url)));
      expect(fault.message).to.match(/POST 127\.0\.0\.1:\d+\/charges: ECONNREFUSED$/);
    });

    it('when the name does not exist', async () => {
      const request = charge('http://name.invalid/charges', { timeoutMs: 200 });
      await expectFault('unreachable', portWith().send(request));
    });

    it('when no connection comes about before the deadline', async () => {
      const port = portWith({ agentOptions: { lookup: () => undefined } });
      const request = charge('http://blackhole.test/charges', { timeoutMs: 50 });
      await expectFault('unreachable', port.send(request));
    });

    it('when the deadline passes while other exchanges hold every place', async () => {
      let requests = 0;
      const url = await web(() => (requests += 1));
      const port = portWith({ concurrency: 1 });
      const first = expectFault('timed_out', port.send(charge(url, { timeoutMs: 200 })));
      await expectFault('unreachable', port.send(charge(url, { timeoutMs: 50 })));
      await first;
      expect(requests).to.equal(1);
    });

    it('when the URL is not one of http or https', async () => {
      const port = portWith();
      for (const url of [
        'not a url',
        'data:text/plain,hello',
        'file:///etc/hosts',
        'ftp://a.test/',
      ]) {
        await expectFault('unreachable', port.send(charge(url)));
      }
    });

    it('when a header holds what no header may hold, instead of sending a part of it', async () => {
      let requests = 0;
      const url = await web(() => (requests += 1));
      const bad = [
        ['x-key', 'a\r\nb: c'],
        ['x-key', 'price €'],
        ['a b', 'c'],
      ] as const;
      for (const [name, value] of bad) {
        const request = charge(url, { headers: { [name]: value } });
        await expectFault('unreachable', portWith().send(request));
      }
      expect(requests).to.equal(0);
    });

    it('when the port has been closed', async () => {
      let requests = 0;
      const url = await web(() => (requests += 1));
      const port = portWith();
      port.close();
      await expectFault('unreachable', port.send(charge(url)));
      expect(requests).to.equal(0);
    });
  });

  describe('does not know what happened', () => {
    it('when the connection is accepted and reset before a byte was read', async () => {
      const url = await listen(
        net.createServer({ pauseOnConnect: true }, (socket) => {
          setImmediate(() => socket.resetAndDestroy());
        }),
      );
      await expectFault('broken', portWith().send(charge(url)));
    });

    it('when the request was read and the connection reset', async () => {
      const url = await tcp((socket) => socket.on('data', () => socket.resetAndDestroy()));
      await expectFault('broken', portWith().send(charge(url)));
    });

    it('when the request was read and the connection closed in silence', async () => {
      const url = await tcp((socket) => socket.on('data', () => socket.end()));
      await expectFault('broken', portWith().send(charge(url)));
    });

    it('when no headers come before the deadline', async () => {
      const url = await tcp((socket) => socket.resume());
      const fault = await expectFault('timed_out', portWith().send(charge(url, { timeoutMs: 60 })));
      expect(fault.effect).to.equal('unknown');
    });

    it('when the answer trickles in beyond the deadline', async () => {
      const url = await web((_request, response) => {
        response.writeHead(200, { 'content-length': 1000 });
        const drip = setInterval(() => response.write('x'), 15);
        response.on('close', () => clearInterval(drip));
      });
      await expectFault('timed_out', portWith().send(charge(url, { timeoutMs: 120 })));
    });

    it('when the body is shorter than its content-length', async () => {
      const url = await tcp((socket) =>
        socket.on('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"half":'),
        ),
      );
      await expectFault('broken', portWith().send(charge(url)));
    });

    it('when a chunked body stops without its last chunk', async () => {
      const url = await tcp((socket) =>
        socket.on('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'),
        ),
      );
      await expectFault('broken', portWith().send(charge(url)));
    });

    it('when a compressed body is cut off', async () => {
      const zipped = gzipSync('x'.repeat(10_000));
      const url = await web((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': zipped.length });
        response.write(zipped.subarray(0, 20), () => response.destroy());
      });
      await expectFault('broken', portWith().send(charge(url)));
    });

    it('when the connection is closed under a running exchange by close()', async () => {
      const port = portWith();
      const url = await tcp((socket) => socket.on('data', () => port.close()));
      await expectFault('broken', port.send(charge(url)));
    });

    it('when the answer is not HTTP', async () => {
      const url = await answering('SSH-2.0-OpenSSH_9.6\r\n');
      await expectFault('unintelligible', portWith().send(charge(url)));
    });

    it('when the headers are beyond all measure', async () => {
      const url = await answering(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`);
      await expectFault('unintelligible', portWith().send(charge(url)));
    });

    it('when the body claims to be compressed and is not', async () => {
      for (const encoding of ['gzip', 'br']) {
        const url = await web((_request, response) => {
          response.writeHead(200, { 'content-encoding': encoding });
          response.end('plain text, whatever the header says');
        });
        await expectFault('unintelligible', portWith().send(charge(url)));
      }
    });

    it('when the body is too large', async () => {
      const url = await web((_request, response) => response.end('x'.repeat(5_000)));
      const fault = await expectFault(
        'unintelligible',
        portWith({ maxResponseBytes: 4_096 }).send(charge(url)),
      );
      expect(fault.message).to.contain('too large');
    });

    it('when a small body unpacks into a huge one', async () => {
      const bomb = gzipSync(Buffer.alloc(20_000_000));
      const url = await web((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(bomb);
      });
      expect(bomb.length).to.be.lessThan(32_768);
      await expectFault('unintelligible', portWith({ maxResponseBytes: 65_536 }).send(charge(url)));
    });
  });

  describe('hands back', () => {
    it('every status as an answer, with lower-case headers and the text as it came', async () => {
      for (const status of [200, 402, 404, 429, 500, 503]) {
        const url = await web((_request, response) => {
          response.writeHead(status, { 'X-Trace': 'abc', 'Set-Cookie': ['a=1', 'b=2'] });
          response.end('{"id": 1}');
        });
        const answer = await portWith().send(charge(url));
        expect(answer.status).to.equal(status);
        expect(answer.text).to.equal('{"id": 1}');
        expect(answer.headers).to.include({ 'x-trace': 'abc', 'set-cookie': 'a=1, b=2' });
      }
    });

    it('a redirect, which it does not follow', async () => {
      let requests = 0;
      const url = await web((_request, response) => {
        requests += 1;
        response.writeHead(307, { location: '/elsewhere' }).end();
      });
      const answer = await portWith().send(charge(url));
      expect(answer).to.include({ status: 307, text: '' });
      expect(answer.headers['location']).to.equal('/elsewhere');
      expect(requests).to.equal(1);
    });

    it('a compressed answer in plain text', async () => {
      const url = await web((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"ok":true}'));
      });
      expect((await portWith().send(charge(url))).text).to.equal('{"ok":true}');
    });

    it('an answer to exactly the method, headers and body that were given', async () => {
      const url = await web((request, response) => {
        void request
          .setEncoding('utf8')
          .reduce((text: string, chunk: string) => text + chunk, '')
          .then((body) =>
            response.end(
              JSON.stringify({ method: request.method, headers: request.headers, body }),
            ),
          );
      });
      const answer = await portWith().send(charge(url, { method: 'PUT', body: '{"a": "é"}' }));
      const seen = JSON.parse(answer.text) as { headers: object; method: string; body: string };
      expect(seen).to.include({ method: 'PUT', body: '{"a": "é"}' });
      expect(seen.headers).to.include({
        authorization: 'Bearer sk_topsecret',
        'content-type': 'text/plain',
        'user-agent': 'pointsman',
      });
    });

    it('a request without a body or a content type as it was, with none invented', async () => {
      const url = await web((request, response) => {
        response.end(JSON.stringify(request.headers));
      });
      const answer = await portWith().send({ method: 'POST', url });
      expect(JSON.parse(answer.text)).not.to.have.property('content-type');
    });
  });

  describe('keeps connections', () => {
    it('and sends two requests over one socket', async () => {
      const sockets = new Set<unknown>();
      const url = await web((request, response) => {
        sockets.add(request.socket);
        response.end('ok');
      });
      const port = portWith();
      await port.send(charge(url));
      await port.send(charge(url));
      expect(sockets.size).to.equal(1);
    });

    it('and opens a new one when the server closed the idle one', async () => {
      const sockets: net.Socket[] = [];
      const url = await web((request, response) => {
        sockets.push(request.socket);
        response.end('ok');
      });
      const port = portWith();
      await port.send(charge(url));
      sockets[0]?.end();
      await once(sockets[0] as net.Socket, 'close');
      expect((await port.send(charge(url))).text).to.equal('ok');
      expect(sockets).to.have.length(2);
    });

    it('and neither excuses nor repeats a request that broke on a reused one', async () => {
      let requests = 0;
      const url = await web((request, response) => {
        requests += 1;
        if (requests === 1) response.end('ok');
        else request.socket.resetAndDestroy();
      });
      const port = portWith();
      await port.send(charge(url));
      await expectFault('broken', port.send(charge(url)));
      expect(requests).to.equal(2);
    });
  });

  describe('limits', () => {
    it('how many exchanges run at once, whichever hosts they go to', async () => {
      const held: http.ServerResponse[] = [];
      let most = 0;
      const hold: http.RequestListener = (_request, response) => {
        held.push(response);
        most = Math.max(most, held.length);
        if (held.length < 2) return;
        setImmediate(() => {
          for (const one of held.splice(0)) one.end('ok');
        });
      };
      const urls = [await web(hold), await web(hold)];
      const port = portWith({ concurrency: 2 });
      const answers = await Promise.all(
        [...urls, ...urls, ...urls, ...urls].map((url) => port.send(charge(url))),
      );
      expect(answers.map((answer) => answer.text).join('')).to.equal('ok'.repeat(8));
      expect(most).to.equal(2);
    });

    it('and lets the others in by order of arrival', async () => {
      const seen: unknown[] = [];
      const url = await web((request, response) => {
        seen.push(request.headers['x-turn']);
        response.end('ok');
      });
      const port = portWith({ concurrency: 1 });
      const turns = ['0', '1', '2', '3', '4', '5'];
      await Promise.all(
        turns.map((turn) => port.send(charge(url, { headers: { 'x-turn': turn } }))),
      );
      expect(seen).to.deep.equal(turns);
    });

    it('the deadline a caller may ask for', async () => {
      const url = await tcp((socket) => socket.resume());
      const port = portWith({ ceilingMs: 50 });
      await expectFault('timed_out', port.send(charge(url, { timeoutMs: 60_000 })));
    });

    it('and gives its places back after faults', async () => {
      let requests = 0;
      const url = await web((request, response) => {
        requests += 1;
        if (requests <= 3) request.socket.destroy();
        else response.end('ok');
      });
      const port = portWith({ concurrency: 1 });
      for (let turn = 0; turn < 3; turn += 1) await faultOf(port.send(charge(url)));
      expect((await port.send(charge(url))).text).to.equal('ok');
    });
  });
});
