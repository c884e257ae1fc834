/** Names asked of a name server that listens here, one that answers wrongly, late or never. */
import { expect } from 'chai';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { addressesOf, createResolve } from './resolve.ts';
import type { Receiver } from './webhook-url.ts';

const patient = new AbortController().signal;
const types = { a: 1, aaaa: 28 };

interface Zone {
  readonly a?: readonly number[][];
  readonly aaaa?: readonly number[][];
}

describe('the addresses of a receiver', () => {
  const endings: (() => void)[] = [];

  afterEach(() => {
    for (const end of endings.splice(0)) end();
  });

  /** Answers from the zone; NXDOMAIN for names that are not there, nothing for `silent.example`. */
  async function nameServer(zones: Readonly<Record<string, Zone>>) {
    const asked: string[] = [];
    const socket = createSocket('udp4');
    socket.on('message', (query: Buffer, from: RemoteInfo) => {
      const { name, end } = nameIn(query);
      asked.push(name);
      if (name !== 'silent.example') {
        socket.send(replyTo(query, end, zones[name]), from.port, from.address);
      }
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    endings.push(() => socket.close());
    return { asked, resolve: createResolve([`127.0.0.1:${socket.address().port}`]) };
  }

  function nameIn(query: Buffer): { name: string; end: number } {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    return { name: labels.join('.').toLowerCase(), end: at + 5 };
  }

  /** RFC 1035, 4.1: the question again, then a record for each address of the kind asked for. */
  function replyTo(query: Buffer, questionEnd: number, zone: Zone | undefined): Buffer {
    const kind = query.readUInt16BE(questionEnd - 4);
    const addresses = (kind === types.a ? zone?.a : zone?.aaaa) ?? [];
    const head = Buffer.from(query.subarray(0, questionEnd));
    head.writeUInt16BE(zone ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(addresses.length, 6);
    head.writeUInt32BE(0, 8);
    const records = addresses.map((bytes) =>
      Buffer.from([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes]),
    );
    return Buffer.concat([head, ...records]);
  }

  const ipv6 = (last: number) => [0x2d, ...Array<number>(14).fill(0), last];

  it('are all of both families, so that each can be looked at', async () => {
    const { resolve } = await nameServer({
      'shop.example': {
        a: [
          [1, 1, 1, 1],
          [127, 0, 0, 1],
        ],
        aaaa: [ipv6(1)],
      },
    });
    const found = await resolve('shop.example', 'public', patient);
    expect(found.toSorted()).to.deep.equal(['1.1.1.1', '127.0.0.1', '2d00::1']);
    expect(found.at(-1)).to.equal('2d00::1');
  });

  it('may be of one family only', async () => {
    const { resolve } = await nameServer({
      'four.example': { a: [[1, 1, 1, 1]] },
      'six.example': { aaaa: [ipv6(6)] },
    });
    expect(await resolve('four.example', 'public', patient)).to.deep.equal(['1.1.1.1']);
    expect(await resolve('six.example', 'public', patient)).to.deep.equal(['2d00::6']);
  });

  it('are refused with a code where there are none', async () => {
    const { resolve } = await nameServer({ 'empty.example': {} });
    const codeFor = (name: string) =>
      resolve(name, 'public', patient).then(
        (found) => found,
        (error: NodeJS.ErrnoException) => error.code,
      );
    expect(await codeFor('gone.example')).to.equal('ENOTFOUND');
    expect(await codeFor('empty.example')).to.equal('ENODATA');
  });

  it('are no longer waited for once the deadline has passed', async () => {
    const { resolve, asked } = await nameServer({});
    const deadline = new AbortController();
    const found = resolve('silent.example', 'public', deadline.signal).catch(
      (error: NodeJS.ErrnoException) => error.code,
    );
    while (asked.length < 2) await new Promise((next) => setImmediate(next));
    deadline.abort();
    expect(await found).to.equal('ECANCELLED');
  });

  it('are asked of the operating system for a host that the operator listed', async () => {
    const { resolve, asked } = await nameServer({});
    const found = await resolve('localhost', 'listed', patient);
    for (const address of found) expect(address).to.be.oneOf(['127.0.0.1', '::1']);
    expect(found).not.to.deep.equal([]);
    expect(asked).to.deep.equal([]);
  });

  it('are known without asking for an address and for this machine’s own names', async () => {
    const refusing = () => Promise.reject(new Error('nobody is to be asked'));
    const of = (host: string) => {
      const receiver: Receiver = {
        url: new URL('http://unused.example'),
        host,
        port: 80,
        trust: 'loopback',
      };
      return addressesOf(receiver, refusing, patient);
    };
    expect(await of('::1')).to.deep.equal(['::1']);
    expect(await of('127.0.0.1')).to.deep.equal(['127.0.0.1']);
    expect(await of('hook.localhost')).to.deep.equal(['127.0.0.1', '::1']);
  });
});
