/**
 * A lean HTTP/1.1 client: keep-alive sockets, one request at a time on each, answers with a
 * content-length. A client that costs as much as the server would measure itself.
 */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export interface Connection {
  /** `done` hears the status. Not before the answer to the request before it. */
  send(request: string, done: (status: number) => void): void;
  close(): void;
}

export class Broken extends Error {
  override name = 'Broken';
}

export async function openConnection(url: string): Promise<Connection> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  let waiting: ((status: number) => void) | undefined;
  let received: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = received.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (received.length < end + 4 + length) return;
    received = received.subarray(end + 4 + length);
    const done = waiting;
    waiting = undefined;
    done?.(Number(head.slice(9, 12)));
  });
  socket.on('close', () => {
    if (waiting) throw new Broken('the server closed a connection in the middle of a request');
  });
  return {
    send: (request, done) => {
      waiting = done;
      socket.write(request, 'latin1');
    },
    close: () => {
      waiting = undefined;
      socket.destroy();
    },
  };
}

/** The connections of one run, opened before it and closed after. */
export async function withConnections<T>(
  url: string,
  width: number,
  work: (connections: readonly Connection[]) => Promise<T>,
): Promise<T> {
  const connections = await Promise.all(Array.from({ length: width }, () => openConnection(url)));
  try {
    return await work(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}
