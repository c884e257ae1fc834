/** A socket instead of a client: for what no HTTP library would send. */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** The headers as they came, in lower case. */
  readonly head: string;
  readonly body: Record<string, unknown>;
}

/**
 * Sends bytes as they are, and reads until the other side closes (ask it to: `connection: close`).
 */
export async function sendRaw(
  url: string,
  ...parts: readonly (string | Buffer)[]
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A refusal may come while bytes are still on their way: the reset is not what is looked at.
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  for (const part of parts) socket.write(part);
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString('utf8');
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    head: head.toLowerCase(),
    body: body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : {},
  };
}

/** A request's head, `connection: close` included. */
export function headOf(request: string, headers: Record<string, string | number>): string {
  const lines = Object.entries({ host: 'switch.test', connection: 'close', ...headers });
  return [`${request} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  );
}
