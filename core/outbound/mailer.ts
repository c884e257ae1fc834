/**
 * The way out for mails: nodemailer lives here. It prints a mail (RFC 5322) and hands it to the
 * SMTP server of the configuration. What a server says is never repeated, for it may repeat the
 * password.
 */
import { createTransport } from 'nodemailer';
import type { Mail } from '../sdk/host.ts';
import type { Secret } from '../base/secret.ts';

export interface MailerOptions {
  /** `smtp://user:password@host:port`, or `smtps://`; without it mails are only printed. */
  readonly smtpUrl: Secret | undefined;
  readonly from: string;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Mailer {
  /** Whether there is a server to send to. */
  readonly canSend: boolean;
  /** The mail as it goes over the wire, lines ended by CR LF. */
  print(mail: Mail): Promise<string>;
  /** `refused`: this mail will never be taken. Throws MailFault when another try may help. */
  send(mail: Mail): Promise<'sent' | 'refused'>;
  close(): void;
}

export class MailFault extends Error {
  override name = 'MailFault';
}

/** Each far above what a server that works needs, each short enough for a job to come round. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

export function createMailer({ smtpUrl, from, now }: MailerOptions): Mailer {
  const printer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const server = smtpUrl && createTransport(serverOf(smtpUrl));
  const domain = from.split('@').at(-1) ?? 'localhost';
  const whole = ({ id, to, subject, text }: Mail) => ({
    from: { name: '', address: from },
    to: { name: '', address: to },
    subject,
    text,
    date: new Date(now()),
    messageId: `<${id}@${domain}>`,
    // Nothing of a mail is a file or an address to be read from.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    canSend: server !== undefined,
    print: async (mail) => {
      const { message } = (await printer.sendMail(whole(mail))) as { message: Buffer };
      return message.toString('utf8');
    },
    send: async (mail) => {
      if (!server) throw new MailFault('no mail server is configured');
      try {
        await server.sendMail(whole(mail));
        return 'sent';
      } catch (error) {
        if (isRefusal(error)) return 'refused';
        throw new MailFault(`the mail server did not take the mail (${wordsOf(error)})`);
      }
    },
    close: () => server?.close(),
  };
}

function serverOf(smtpUrl: Secret) {
  const url = new URL(smtpUrl.reveal());
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isHere = host === 'localhost' || host === '127.0.0.1' || host === '::1';
  const auth = { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  return {
    ...timeouts,
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // A password crosses no network in the clear (RFC 8314).
    requireTLS: !secure && auth.user !== '' && !isHere,
    ...(auth.user !== '' && { auth }),
  };
}

interface SmtpError {
  /** nodemailer's own word: ECONNECTION, EAUTH, EENVELOPE … */
  readonly code?: string;
  /** The server's three digits. */
  readonly responseCode?: number;
}

/** A 5xx about this mail or its receiver (RFC 5321, 4.2.1); a wrong password may be put right. */
function isRefusal(error: unknown): boolean {
  const { code, responseCode = 0 } = error as SmtpError;
  return responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
}

function wordsOf(error: unknown): string {
  const { code = 'no code', responseCode } = error as SmtpError;
  return responseCode === undefined ? code : `${code}, ${responseCode}`;
}
