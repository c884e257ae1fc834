/** Stands before a processor and keeps back one of its answers, while all else goes through. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HeldAnswers {
  readonly url: string;
  /** The next answer to a request whose `METHOD /path` matches is kept back. */
  keepBack(what: RegExp): { readonly reached: Promise<void>; readonly release: () => void };
  close(): Promise<void>;
}

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

export async function holdAnswersOf(target: string): Promise<HeldAnswers> {
  let wanted: { what: RegExp; reach: () => void; released: Promise<void> } | undefined;
  const forward = async (request: IncomingMessage) => {
    const { method = 'GET', url = '/', headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _host, connection: _connection, 'content-length': _length, ...rest } = headers;
    const answer = await fetch(target + url, {
      method,
      headers: rest as Record<string, string>,
      redirect: 'manual',
      ...(method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (wanted?.what.test(`${method} ${url}`)) {
      const { reach, released } = wanted;
      wanted = undefined;
      reach();
      await released;
    }
    const { status } = answer;
    const type = answer.headers.get('content-type') ?? 'application/json';
    return { status, type, body, requestId: answer.headers.get('request-id') ?? 'none' };
  };
  const server = createServer((request, response) => {
    forward(request).then(
      ({ status, type, body, requestId }) =>
        response.writeHead(status, { 'content-type': type, 'request-id': requestId }).end(body),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    keepBack: (what) => {
      const reached = gate();
      const released = gate();
      wanted = { what, reach: reached.open, released: released.opened };
      return { reached: reached.opened, release: released.open };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
