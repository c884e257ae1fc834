/** Stands at the switch's public address, lets all through, and remembers what came by. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A processor's delivery as it went over the wire. */
export interface Genuine {
  readonly account: string;
  /** Without those that belong to the connection. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface Recorder {
  readonly url: string;
  /** What the switch took, in the order it came. */
  readonly taken: readonly Genuine[];
  /** Where everything goes on to. */
  passOnTo(url: string): void;
  close(): Promise<void>;
}

const ofTheConnection = new Set(['host', 'connection', 'content-length', 'transfer-encoding']);

function headersOf({ rawHeaders }: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? '';
    if (!ofTheConnection.has(name)) pairs.push([name, rawHeaders[at + 1] ?? '']);
  }
  return pairs;
}

export async function startRecorder(): Promise<Recorder> {
  const taken: Genuine[] = [];
  let target = '';
  const passOn = async (request: IncomingMessage) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const headers = headersOf(request);
    const { method = 'GET', url: path = '/' } = request;
    const sent = method === 'GET' ? {} : { body };
    const answer = await fetch(target + path, { method, headers, redirect: 'manual', ...sent });
    const account = /^\/webhooks\/(\w+)$/.exec(path)?.[1];
    if (answer.ok && account !== undefined) taken.push({ account, headers, body });
    const type = answer.headers.get('content-type') ?? 'application/json';
    return { status: answer.status, type, text: await answer.text() };
  };
  const server = createServer((request, response) => {
    passOn(request).then(
      ({ status, type, text }) => response.writeHead(status, { 'content-type': type }).end(text),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    passOnTo: (url) => {
      target = url;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
