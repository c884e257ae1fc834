/** A mail server for tests: takes mails, or refuses as a test wants it to. */
import { SMTPServer } from 'smtp-server';
import type { AddressInfo } from 'node:net';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** As it came over the wire. */
  readonly raw: string;
}

export interface PostOffice {
  /** `smtp://shop:hunter2@127.0.0.1:<port>` */
  readonly url: string;
  readonly taken: readonly TakenMail[];
  /** What each of the next receivers is answered with; undefined takes the mail. */
  readonly refusals: (number | undefined)[];
  close(): Promise<void>;
}

export const postOfficeUser = { user: 'shop', password: 'hunter2' } as const;

/** Takes `shop` with the password `hunter2`, without TLS: it is on this machine. */
export async function openPostOffice(host = '127.0.0.1'): Promise<PostOffice> {
  const taken: TakenMail[] = [];
  const refusals: (number | undefined)[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    // It would wait for clients that keep their connection.
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, done) => {
      if (username === postOfficeUser.user && password === postOfficeUser.password) {
        done(null, { user: username });
      } else {
        done(Object.assign(new Error(`no, ${password} is wrong`), { responseCode: 535 }));
      }
    },
    onRcptTo: (_address, _session, done) => {
      const responseCode = refusals.shift();
      if (responseCode === undefined) done();
      else done(Object.assign(new Error('not here'), { responseCode }));
    },
    onData: (stream, { envelope }, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        const to = envelope.rcptTo.map(({ address }) => address);
        taken.push({ from, to, raw: Buffer.concat(parts).toString('utf8') });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.server.address() as AddressInfo;
  const { user, password } = postOfficeUser;
  return {
    url: `smtp://${user}:${password}@127.0.0.1:${port}`,
    taken,
    refusals,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The text of a mail, whichever way it was encoded. */
export function textOf(raw: string): string {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  const encoding = /^content-transfer-encoding: *(\S+)/im.exec(head)?.[1]?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
