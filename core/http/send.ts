/** Answers on the wire: JSON with the same few headers everywhere, problems as problem+json. */
import type { Response } from 'express';
import { Problem } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import { Conflict, StorageUnavailable } from '../storage/index.ts';

/** Sends a reply; a body that was serialised with its commit goes out exactly so. */
export function sendReply(response: Response, reply: Reply): void {
  const text = reply.text ?? (reply.contentType ? String(reply.body) : JSON.stringify(reply.body));
  const json = reply.status >= 400 ? 'application/problem+json' : 'application/json';
  response.writeHead(reply.status, {
    'content-type': reply.contentType ?? json,
    'content-length': Buffer.byteLength(text),
    ...reply.headers,
  });
  response.end(text);
}

/** Whatever was thrown, as a problem that tells the caller what he may know and nothing else. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StorageUnavailable) {
    return new Problem('storage_unavailable', 'the database cannot be written now; try again', {
      headers: { 'retry-after': '1' },
    });
  }
  if (error instanceof Conflict) {
    return new Problem(
      'concurrent_change',
      'something else changed it at the same moment; try again',
      {
        headers: { 'retry-after': '1' },
      },
    );
  }
  if (error instanceof URIError || (error as { status?: number } | null)?.status === 400) {
    return new Problem('invalid_request', 'the path is not valid percent-encoding');
  }
  return new Problem(
    'internal_error',
    'something broke on our side; the request id finds it in the log',
  );
}

export function sendProblem(response: Response, problem: Problem, requestId: string): void {
  sendReply(response, {
    status: problem.status,
    body: problem.toJson(requestId),
    ...(problem.options.headers ? { headers: problem.options.headers } : {}),
  });
}
