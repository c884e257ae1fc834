/** What Midtrans documents about the headers of requests. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Checker } from './checker.ts';

export const maximumIdempotencyKey = 46;

export function checkHeaders(
  checker: Checker,
  operation: string,
  headers: IncomingHttpHeaders,
  hasBody: boolean,
): void {
  if (!String(headers.accept).includes('application/json')) {
    checker.breach('the Accept header must be application/json');
  }
  if (hasBody && !String(headers['content-type']).startsWith('application/json')) {
    checker.breach('the Content-Type header must be application/json');
  }
  const key = headers['idempotency-key'];
  if (typeof key === 'string' && key.length > maximumIdempotencyKey) {
    checker.breach('an Idempotency-Key of more than 46 characters is ignored');
  }
  for (const name of ['x-override-notification', 'x-append-notification']) {
    const value = headers[name];
    if (typeof value !== 'string') continue;
    if (!['charge', 'snap_create'].includes(operation)) {
      checker.breach(`${name} has no effect here`);
    }
    const urls = value.split(',').map((url) => url.trim());
    if (urls.length > 3) checker.breach(`${name} takes 3 addresses at most`);
    for (const url of urls) if (!URL.canParse(url)) checker.breach(`${name}: ${url} is no address`);
  }
}
