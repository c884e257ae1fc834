/** A body in bytes: how many, of what kind, whole or cut off; then text, then JSON. */
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Problem } from '../sdk/problem.ts';
import { parseJson, readBytes } from './body.ts';

function refusalOf(error: unknown): string {
  return error instanceof Problem ? error.code : String(error);
}

describe('reading bytes', () => {
  let server: Server;
  let reads: Promise<string>[];
  let wake: (() => void) | undefined;

  beforeEach(async () => {
    reads = [];
    server = createServer((incoming, response) => {
      const read = readBytes(incoming, 1000).then((bytes) => `${bytes.length} bytes`, refusalOf);
      reads.push(read);
      wake?.();
      void read.then((said) => response.end(said));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const open = (headers: Record<string, string | number> = {}) => {
    const { port } = server.address() as AddressInfo;
    const outgoing = request({ port, host: '127.0.0.1', method: 'POST', headers });
    // Cutting a request off is an error on this side, too.
    outgoing.on('error', (error) => expect(error).to.be.an('error'));
    return outgoing;
  };

  /** What the server made of the next request. */
  const nextRead = async () => {
    if (reads.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return reads[0];
  };

  it('takes as many as are allowed, in however many pieces', async () => {
    const outgoing = open();
    for (let piece = 0; piece < 10; piece += 1) outgoing.write('x'.repeat(100));
    outgoing.end();
    expect(await nextRead()).to.equal('1000 bytes');
  });

  it('takes none', async () => {
    open().end();
    expect(await nextRead()).to.equal('0 bytes');
  });

  it('refuses more by what the request announces, before a byte of it is read', async () => {
    open({ 'content-length': 1001 }).flushHeaders();
    expect(await nextRead()).to.equal('body_too_large');
  });

  it('refuses more while it comes in, when nothing was announced', async () => {
    const outgoing = open({ 'transfer-encoding': 'chunked' });
    outgoing.write('x'.repeat(1001));
    expect(await nextRead()).to.equal('body_too_large');
    outgoing.destroy();
  });

  it('does not take half a body for a whole one', async () => {
    const outgoing = open({ 'content-length': 500 });
    outgoing.write('{"amount":');
    const reading = nextRead();
    await Promise.race([reading, new Promise((resolve) => setImmediate(resolve))]);
    outgoing.destroy();
    expect(await reading).not.to.match(/bytes$/);
  });
});

describe('reading JSON', () => {
  const parse = (
    text: string | Buffer,
    headers: Record<string, string> = { 'content-type': 'application/json' },
  ) => parseJson({ headers } as unknown as IncomingMessage, Buffer.from(text));

  function refusal(...args: Parameters<typeof parse>): string {
    try {
      parse(...args);
    } catch (error) {
      return `${refusalOf(error)}: ${error instanceof Error ? error.message : ''}`;
    }
    return 'taken';
  }

  it('gives the value, or undefined for no body, whatever its type', () => {
    expect(parse('{"a":[1,null]}')).to.deep.equal({ a: [1, null] });
    expect(parse('', {})).to.equal(undefined);
  });

  for (const type of ['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"']) {
    it(`takes ${type}`, () => {
      expect(refusal('{}', { 'content-type': type })).to.equal('taken');
    });
  }

  for (const type of ['text/json', 'application/json; charset=latin1', 'application/jsonp', '']) {
    it(`refuses "${type}"`, () => {
      expect(refusal('{}', { 'content-type': type })).to.match(/^unsupported_media_type/);
    });
  }

  it('refuses a body that is compressed', () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(refusal('{}', headers)).to.match(/^unsupported_media_type/);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).to.equal(
      'invalid_json: the body is not UTF-8',
    );
  });

  it('says where JSON ends to be JSON, and repeats nothing of the body', () => {
    const said = refusal('{"number":"4242424242424242",}');
    expect(said).to.match(/^invalid_json: the body is not JSON/);
    expect(said).not.to.contain('4242');
    expect(refusal('{"number": 4242424242424242x}')).not.to.contain('4242');
    for (const text of ['{', 'NaN', "{'a':1}", '\u0000', '{} {}']) {
      expect(refusal(text)).to.match(/^invalid_json/);
    }
  });
});
