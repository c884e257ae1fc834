/** Requests born with Express's prototypes answer like stock ones, and raw nonsense is answered. */
import { expect } from 'chai';
import express, { type Express } from 'express';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { listen, type Listening } from './server.ts';

/** Whatever Express adds to a request or a response, used once. */
function everything(): Express {
  const app = express();
  app.set('env', 'test');
  app.set('trust proxy', ['loopback']);
  app.get('/all', (request, response) => {
    response.set('x-set', 'yes').vary('accept').cookie('a', 'b').status(201);
    response.json({
      ip: request.ip,
      host: request.hostname,
      protocol: request.protocol,
      query: request.query,
      path: request.path,
      accepts: request.accepts('json'),
      header: request.get('x-given'),
      fresh: request.fresh,
      isRequest: request instanceof IncomingMessage,
      isResponse: response instanceof ServerResponse,
      locals: typeof response.locals,
    });
  });
  app.get('/redirect', (_request, response) => response.redirect(303, '/all'));
  app.get('/text', (_request, response) => {
    response.type('txt').send('plain');
  });
  app.post('/echo', express.text(), (request, response) => {
    response.attachment('a.txt').send(request.body);
  });
  app.get('/boom', () => {
    throw Object.assign(new Error('boom'), { status: 418, expose: true });
  });
  return app;
}

describe('a server', () => {
  const host = '127.0.0.1';
  let ours: Listening;
  let stock: Server;

  before(async () => {
    ours = await listen(everything(), { host, port: 0, requestTimeoutMs: 2000 });
    stock = createServer(everything()).listen(0, host);
    await once(stock, 'listening');
  });
  after(async () => {
    stock.closeAllConnections();
    stock.close();
    await ours.stop(100);
  });

  async function ask(port: number, path: string, init: RequestInit) {
    const response = await fetch(`http://${host}:${port}${path}`, { redirect: 'manual', ...init });
    const headers = Object.fromEntries(response.headers);
    delete headers['date'];
    delete headers['keep-alive'];
    const text = (await response.text()).replaceAll(String(port), 'PORT');
    return { status: response.status, headers, text };
  }

  const given = { 'x-given': 'word', 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' };
  const requests: readonly [string, RequestInit][] = [
    ['/all?a=1&b=2', { headers: given }],
    ['/all', { method: 'HEAD' }],
    ['/redirect', {}],
    ['/text', { headers: { 'if-none-match': '"x"' } }],
    ['/echo', { method: 'POST', body: 'hello', headers: { 'content-type': 'text/plain' } }],
    ['/boom', {}],
    ['/nowhere', {}],
  ];
  for (const [path, init] of requests) {
    it(`answers ${init.method ?? 'GET'} ${path} as a stock one does`, async () => {
      const stockPort = (stock.address() as AddressInfo).port;
      expect(await ask(ours.port, path, init)).to.deep.equal(await ask(stockPort, path, init));
    });
  }

  /** Sends bytes as they are and gives back what comes until the connection ends. */
  async function raw(bytes: string): Promise<string> {
    const socket = connect(ours.port, host);
    socket.write(bytes);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    return text;
  }

  const codeOf = (answer: string) => {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).to.contain('application/problem+json');
    return `${head.slice(9, 12)} ${(JSON.parse(body) as { code: string }).code}`;
  };

  it('answers what is no HTTP with a problem', async () => {
    expect(codeOf(await raw('hello\r\n\r\n'))).to.equal('400 invalid_request');
    expect(codeOf(await raw('GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n'))).to.contain('400');
  });

  it('answers headers that are too large with a problem', async () => {
    const large = `GET / HTTP/1.1\r\nhost: a\r\nx-large: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(codeOf(await raw(large))).to.equal('431 headers_too_large');
  });

  it('refuses a port that is taken', async () => {
    const taken = listen(everything(), { host, port: ours.port, requestTimeoutMs: 2000 });
    const failure: unknown = await taken.catch((error: unknown) => error);
    expect(failure).to.have.property('code', 'EADDRINUSE');
  });
});

describe('stopping a server', () => {
  async function slow() {
    let arrived: () => void = () => undefined;
    let release: () => void = () => undefined;
    const here = new Promise<void>((resolve) => (arrived = resolve));
    const gate = new Promise<void>((resolve) => (release = resolve));
    const app = express();
    app.get('/', async (_request, response) => {
      arrived();
      await gate;
      response.send('done');
    });
    const options = { host: '127.0.0.1', port: 0, requestTimeoutMs: 2000 };
    const server = await listen(app, options);
    const url = `http://127.0.0.1:${server.port}/`;
    return { server, url, here, release: () => release() };
  }

  it('answers what is in flight and takes nothing new', async () => {
    const { server, url, here, release } = await slow();
    const answer = fetch(url).then((response) => response.text());
    await here;
    const stopped = server.stop(10_000);
    const late: unknown = await fetch(url).catch((error: unknown) => error);
    expect(late).to.be.an('error');
    release();
    expect(await answer).to.equal('done');
    await stopped;
  });

  it('cuts off what does not end in time', async () => {
    const { server, url, here } = await slow();
    const answer = fetch(url).catch((error: unknown) => error);
    await here;
    await server.stop(50);
    expect(await answer).to.be.an('error');
  });
});
