/** A connection that is kept: thousands of requests as bytes, each waiting for its answer. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Far longer than an answer takes on a busy machine: what waits longer hangs. */
const hangMs = 15_000;

export class Wire {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
  }

  /**
   * Sends a request and answers with the status of the first answer. `once` ends the connection
   * after it: what follows a bent head may be taken for another request.
   */
  async send(head: string, body: Buffer, { once: last = false } = {}): Promise<number> {
    const socket = await this.#open();
    const answer = this.#answerOf(socket);
    socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
    const { status, ended } = await answer;
    if (last || ended) this.close();
    return status;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  async #open(): Promise<Socket> {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const socket = connect(this.#port, '127.0.0.1');
    this.#socket = socket;
    // A refusal may come while bytes are still on their way: the reset shows as the end.
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  #answerOf(socket: Socket): Promise<{ status: number; ended: boolean }> {
    return new Promise((resolve, reject) => {
      let text = '';
      const settle = (act: () => void) => {
        clearTimeout(timer);
        socket.off('data', take).off('close', end);
        act();
      };
      const timer = setTimeout(() => {
        settle(() => reject(new Error(`no answer within ${hangMs} ms: ${text}`)));
      }, hangMs);
      const finish = (ended: boolean) =>
        settle(() =>
          resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), ended }),
        );
      const take = (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (isWhole(text)) finish(/\r\nconnection: close\r\n/i.test(text));
      };
      const end = () => finish(true);
      socket.on('data', take).on('close', end);
    });
  }
}

/** Whether head and body have come; a body without a length goes on until the end. */
function isWhole(text: string): boolean {
  const border = text.indexOf('\r\n\r\n');
  if (border === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, border))?.[1];
  return length !== undefined && text.length - border - 4 >= Number(length);
}
