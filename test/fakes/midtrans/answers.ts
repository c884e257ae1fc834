/** Answers that are not about a transaction: refusals in the two families' own shapes. */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from './wire.ts';

export interface Answer {
  readonly http: number;
  readonly body: JsonObject | string;
  readonly contentType?: string;
}

/** Core reports most business errors inside HTTP 200. */
export function core(body: JsonObject, http = 200): Answer {
  return { http, body };
}

const coreMessages = {
  401: 'Transaction cannot be authorized with the current client/server key.',
  402: "Merchant doesn't have access for this payment type",
  404: 'The requested resource is not found',
  406: 'order_id has been paid and utilized, please use another order ID',
  411: 'Token id is missing, invalid, or timed out',
  412: 'Merchant cannot modify the status of the transaction',
  413: 'The request cannot be processed due to malformed syntax in the request body',
  414: 'Refund request is rejected due to invalid amount',
  429: 'API rate limit exceeded',
  500: 'Internal Server Error',
} as const;

/** 401, 429 and 500 are HTTP statuses too; the others hide in HTTP 200. */
export function coreError(code: keyof typeof coreMessages, message?: string): Answer {
  const body = { status_code: String(code), status_message: message ?? coreMessages[code] };
  return core(body, [401, 429, 500].includes(code) ? code : 200);
}

export function coreInvalid(messages: readonly string[]): Answer {
  return core(
    {
      status_code: '400',
      status_message: 'One or more parameters in the payload is invalid.',
      validation_messages: messages,
      id: randomUUID(),
    },
    400,
  );
}

export function snapError(http: number, ...messages: string[]): Answer {
  return { http, body: { error_messages: messages } };
}

export function snapUnauthorized(): Answer {
  return snapError(
    401,
    'Access denied due to unauthorized transaction, please check client or server key',
    'Visit https://snap-docs.midtrans.com/#request-headers for more details',
  );
}

export function page(title: string, http = 200): Answer {
  return {
    http,
    body: `<!doctype html><title>${title}</title><h1>${title}</h1>`,
    contentType: 'text/html; charset=utf-8',
  };
}
