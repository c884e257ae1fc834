/**
 * Reading a request's body: bytes, then text, then JSON, each with its limit and its own refusal.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Json } from '../base/json.ts';
import { Problem } from '../sdk/problem.ts';

const jsonType = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

/** The raw bytes, at most `limit` of them. */
export function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () =>
    new Problem('body_too_large', `a body has at most ${limit} bytes`, {
      headers: { connection: 'close' },
    });
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data').pause();
        reject(tooLarge());
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
    );
    request.on('error', reject);
    request.on('aborted', () => reject(new Problem('invalid_request', 'the request was cut off')));
  });
}

/** The body as JSON; undefined when there is none. */
export function parseJson(request: IncomingMessage, bytes: Buffer): Json | undefined {
  if (bytes.length === 0) return undefined;
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem('unsupported_media_type', 'send the body without content-encoding');
  }
  if (!jsonType.test(request.headers['content-type'] ?? '')) {
    throw new Problem('unsupported_media_type', 'send the body as application/json');
  }
  if (!isUtf8(bytes)) throw new Problem('invalid_json', 'the body is not UTF-8');
  try {
    return JSON.parse(bytes.toString('utf8')) as Json;
  } catch (cause) {
    // V8's message quotes the body, which may hold a card number: only the position is passed on.
    const place = /position (\d+)/.exec(String(cause))?.[1];
    throw new Problem('invalid_json', `the body is not JSON${place ? ` (at byte ${place})` : ''}`);
  }
}
