/**
 * Deliveries as a forger, a broken proxy or a mistaken configuration would send them: a genuine one
 * changed in one place, or sent where it does not belong. And what of it still is the processor's.
 */
import { gzipSync } from 'node:zlib';
import type { Random } from '../chaos/random.ts';
import type { Genuine } from './recorder.ts';

export interface Bent {
  /** How it was changed, for the message of a failure. */
  readonly how: string;
  readonly account: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** The head may not be readable any more. */
  readonly headBent: boolean;
}

type Change = (genuine: Genuine, random: Random, all: readonly Genuine[]) => Omit<Bent, 'how'>;

/** One of each class of byte: what may stand in the place of any other. */
const classes = Buffer.from(
  '0009 0a0d 1f20 2227 2c2d 3039 3a3d 415a 5c61 7a7b 7d7f 80bf c3e2 f0fe ff'.replaceAll(' ', ''),
  'hex',
);

type Bytes = (bytes: Buffer, random: Random) => Buffer;

const place = (bytes: Buffer, random: Random) => random.between(0, Math.max(0, bytes.length - 1));

function swapped(bytes: Buffer, at: number): Buffer {
  const letter = String.fromCharCode(bytes[at] ?? 0);
  const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(other, 'latin1'),
    bytes.subarray(at + 1),
  ]);
}

const byBytes: Readonly<Record<string, Bytes>> = {
  'a bit is flipped': (bytes, random) => {
    const at = place(bytes, random);
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ (1 << random.between(0, 7));
    return copy;
  },
  'a byte is another one': (bytes, random) => {
    const copy = Buffer.from(bytes);
    copy[place(bytes, random)] = random.pick([...classes]);
    return copy;
  },
  'a byte is missing': (bytes, random) => {
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  },
  'a byte is put in': (bytes, random) => {
    const at = place(bytes, random);
    const byte = Buffer.from([random.pick([...classes])]);
    return Buffer.concat([bytes.subarray(0, at), byte, bytes.subarray(at)]);
  },
  'a part comes twice': (bytes, random) => {
    const from = place(bytes, random);
    const to = random.between(from, Math.min(bytes.length, from + 40));
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  },
  'a letter has the other case': (bytes, random) => {
    const letters = [...bytes.keys()].filter((at) =>
      /[a-z]/i.test(String.fromCharCode(bytes[at] ?? 0)),
    );
    return letters.length === 0 ? bytes : swapped(bytes, random.pick(letters));
  },
  'it is cut off': (bytes, random) => bytes.subarray(0, place(bytes, random)),
};

/** As {@link byBytes}, for what only a body can be. */
const byBody: Readonly<Record<string, Bytes>> = {
  'there is none': () => Buffer.alloc(0),
  'white space before': (bytes) => Buffer.concat([Buffer.from(' \n'), bytes]),
  'white space after': (bytes, random) =>
    Buffer.concat([bytes, Buffer.from(random.pick(['\n', '\r\n', ' ', '\t', '\0']))]),
  'a byte order mark': (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  'in UTF-16': (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le'),
  'in a single-byte charset': (bytes) =>
    Buffer.from(bytes.toString('utf8').replace('"', '"\u00e9'), 'latin1'),
  'written anew': (bytes) => {
    const value = JSON.parse(bytes.toString('utf8')) as unknown;
    const dense = JSON.stringify(value);
    return Buffer.from(dense === bytes.toString('utf8') ? JSON.stringify(value, null, 2) : dense);
  },
  'its members turned round': (bytes) => {
    const value = JSON.parse(bytes.toString('utf8')) as object;
    return Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(value).toReversed())));
  },
  'a member more': (bytes) =>
    Buffer.from(bytes.toString('utf8').replace(/\}\s*$/, ',"status_code":"200","more":1}')),
  'an amount is another': (bytes, random) =>
    Buffer.from(
      bytes.toString('utf8').replace(/\d{3,}/, (it) => `${it.slice(1)}${random.between(0, 9)}`),
    ),
  'a status is another': (bytes, random) =>
    Buffer.from(
      bytes
        .toString('utf8')
        .replace(/succeeded|settlement|capture|pending|refund\b/, () =>
          random.pick(['failed', 'deny', 'expire', 'chargeback', 'refund']),
        ),
    ),
  'in an array': (bytes) => Buffer.concat([Buffer.from('['), bytes, Buffer.from(']')]),
  packed: (bytes) => gzipSync(bytes),
};

/** The headers in which a signature can stand. */
const signing = /signature/;

/** Where no header signs, any of them is bent. */
function bendOne(
  genuine: Genuine,
  random: Random,
  bend: (name: string, value: string) => readonly (readonly [string, string])[],
): Omit<Bent, 'how'> {
  const signed = genuine.headers.findIndex(([name]) => signing.test(name));
  const at = signed === -1 ? place(Buffer.alloc(genuine.headers.length), random) : signed;
  const [name, value] = genuine.headers[at] ?? ['x-nothing', ''];
  const headers = genuine.headers.toSpliced(at, 1, ...bend(name, value));
  return { ...genuine, headers, headBent: true };
}

const text = (bytes: Buffer) => bytes.toString('latin1');

const byHead: Readonly<Record<string, Change>> = {
  'a header is missing': (it, random) => bendOne(it, random, () => []),
  'a header is empty': (it, random) => bendOne(it, random, (name) => [[name, '']]),
  'a header comes twice': (it, random) =>
    bendOne(it, random, (name, value) => [
      [name, value],
      [name, value],
    ]),
  'a header comes twice, one forged': (it, random) =>
    bendOne(it, random, (name, value) => [
      [
        name,
        text(byBytes['a byte is another one']?.(Buffer.from(value), random) ?? Buffer.from('')),
      ],
      [name, value],
    ]),
  'a header has another name': (it, random) =>
    bendOne(it, random, (name, value) => [[`x-${name}`, value]]),
  'a name has the other case': (it, random) =>
    bendOne(it, random, (name, value) => [[name.toUpperCase(), value]]),
  'another scheme': (it, random) =>
    bendOne(it, random, (name, value) => [
      [name, value.replace('v1=', random.pick(['v0=', 'v2=']))],
    ]),
  'no scheme': (it, random) =>
    bendOne(it, random, (name, value) => [[name, value.replace(/v1=\w+,?/, '')]]),
  'another time': (it, random) =>
    bendOne(it, random, (name, value) => [
      [
        name,
        value.replace(/t=(\d+)/, (_, t) => `t=${Number(t) + random.pick([-301, -1, 1, 301])}`),
      ],
    ]),
  'no time': (it, random) =>
    bendOne(it, random, (name, value) => [[name, value.replace(/t=\d+,?/, '')]]),
  'two times': (it, random) =>
    bendOne(it, random, (name, value) => [[name, value.replace(/(t=\d+)/, '$1,$1')]]),
  'white space in a header': (it, random) =>
    bendOne(it, random, (name, value) => [[name, value.replace(/[,;]/, ' , ')]]),
  'another content type': (it, random) => ({
    ...it,
    headers: [
      ...it.headers.filter(([name]) => name !== 'content-type'),
      ['content-type', random.pick(['text/plain', 'application/json; charset=utf-16', 'x', ''])],
    ],
    headBent: true,
  }),
  'said to be packed': (it) => ({
    ...it,
    headers: [...it.headers, ['content-encoding', 'gzip']],
    headBent: true,
  }),
};

const byPlace: Readonly<Record<string, Change>> = {
  'as it was': (it) => ({ ...it, headBent: false }),
  'sent to another account': (it, random, all) => ({
    ...it,
    account: random.pick(all.filter(({ account }) => account !== it.account)).account,
    headBent: false,
  }),
  'sent to an account that is not there': (it, random) => ({
    ...it,
    account: random.pick([`${it.account.slice(0, -1)}0`, 'acct_', 'x', '..%2f..', '%00']),
    headBent: false,
  }),
  'the body of another delivery': (it, random, all) => ({
    ...it,
    body: random.pick(all.filter(({ body }) => !body.equals(it.body))).body,
    headBent: false,
  }),
  'the headers of another delivery': (it, random, all) => ({
    ...it,
    headers: random.pick(all.filter((other) => other !== it)).headers,
    headBent: false,
  }),
};

const changes: readonly (readonly [how: string, change: Change])[] = [
  ...Object.entries({ ...byBytes, ...byBody }).map(([how, bend]): readonly [string, Change] => [
    `body: ${how}`,
    (it, random) => ({ ...it, body: bend(it.body, random), headBent: false }),
  ]),
  ...Object.entries(byBytes).map(([how, bend]): readonly [string, Change] => [
    `header: ${how}`,
    (it, random) =>
      bendOne(it, random, (name, value) => [[name, text(bend(Buffer.from(value), random))]]),
  ]),
  ...Object.entries(byHead),
  ...Object.entries(byPlace),
];

/** The ways there are, each as often as any other. */
export function bent(all: readonly Genuine[], random: Random, at: number): Bent {
  const [how, change] = changes[at % changes.length] ?? ['', byPlace['as it was'] as Change];
  return { how, ...change(random.pick(all), random, all) };
}

/** The bytes of the request's head. */
export function headOf({ account, headers, body }: Bent): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  const own = [`content-length: ${body.length}`, 'connection: keep-alive'];
  return [`POST /webhooks/${account} HTTP/1.1`, 'host: switch.test', ...lines, ...own, '', ''].join(
    '\r\n',
  );
}
