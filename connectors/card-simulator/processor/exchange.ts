/** One HTTP exchange: reading a bounded body, writing a reply, knowing when the caller left. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRecord, type Body } from './fields.ts';
import { Refusal } from './refusal.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The merchant account; empty on routes that are open to anyone. */
  readonly merchant: string;
}

export interface Reply {
  readonly status: number;
  /** Printed as JSON unless `text` is there. */
  readonly body?: unknown;
  readonly text?: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Send half of it and hang up. */
  readonly cut?: boolean;
}

/** `gone`: the caller is not to get an answer. */
export type Answer = Reply | 'gone';

const bodyMaxBytes = 64 * 1024;

export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // Read to the end all the same: an answer to a half-read request would break the connection.
      if (size <= bodyMaxBytes) chunks.push(chunk);
    });
    request.on('end', () => {
      if (size > bodyMaxBytes) {
        reject(new Refusal('body_too_large', `a body has at most ${bodyMaxBytes} bytes`));
      } else resolve(chunks.length === 1 ? String(chunks[0]) : String(Buffer.concat(chunks)));
    });
    request.on('error', reject);
  });
}

/** The body as a JSON object; an empty body is an empty object. */
export async function readJsonBody(request: IncomingMessage): Promise<Body> {
  const text = await readBody(request);
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal('invalid_json', 'the body is not JSON');
  }
  if (isRecord(value)) return value;
  throw new Refusal('invalid_json', 'the body must be a JSON object');
}

export function refusalReply(refusal: Refusal): Reply {
  const { code, message, param, status } = refusal;
  return { status, body: { error: { code, message, ...(param !== undefined && { param }) } } };
}

/** Resolves when the caller has hung up or the server closes. */
export function whenGone(response: ServerResponse): Promise<void> {
  if (response.destroyed || response.closed) return Promise.resolve();
  return new Promise((resolve) => response.once('close', () => resolve()));
}

export function writeReply(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  const text = reply.text ?? JSON.stringify(reply.body);
  const bytes = Buffer.byteLength(text);
  response.writeHead(reply.status, {
    'content-type': reply.contentType ?? 'application/json',
    'content-length': bytes,
    ...reply.headers,
  });
  if (!reply.cut) {
    response.end(text);
    return;
  }
  // The promised length never comes: half the body, then the connection ends.
  response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy());
}
