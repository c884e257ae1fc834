/** What the load sends, as bytes of HTTP/1.1. */

/** The issue's own example; `reference` has a fixed length, so every request has the same size. */
export function paymentBody(reference: string): string {
  return (
    '{"amount":10000,"currency":"USD","confirm":true,"capture_method":"automatic",' +
    '"payment_method":{"type":"card","card":{"number":"4242424242424242","exp_month":12,' +
    '"exp_year":2034,"cvc":"123","holder_name":"Jane Doe"}},' +
    `"reference":"${reference}","metadata":{"order":"1"}}`
  );
}

/** Far above the references of recording.ts, which fills databases from 0 on. */
let count = 500_000_000_000;

function nextReference(): string {
  count += 1;
  return `bench-${count}`;
}

export type NextRequest = () => string;

/** Charges, one after the other; `keyed` with an Idempotency-Key each. */
export function charges(key: string, keyed: boolean): NextRequest {
  const length = Buffer.byteLength(paymentBody(nextReference()));
  const head =
    'POST /v1/payments HTTP/1.1\r\nhost: localhost\r\n' +
    `authorization: Bearer ${key}\r\n` +
    `content-type: application/json\r\ncontent-length: ${length}\r\n`;
  return () => {
    const reference = nextReference();
    const idempotency = keyed ? `idempotency-key: ${reference}\r\n` : '';
    return `${head}${idempotency}\r\n${paymentBody(reference)}`;
  };
}

/** Reads of these paths in a scattered order. */
export function reads(key: string, paths: readonly string[]): NextRequest {
  let at = 0;
  return () => {
    at = (at + 7919) % paths.length;
    return `GET ${paths[at]} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${key}\r\n\r\n`;
  };
}
