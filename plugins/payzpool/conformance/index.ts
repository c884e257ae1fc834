/** What clients of the document may rely on, row by row, checked from outside. */
import type { Conformance } from '#sdk';
import { checkoutRows } from './checkout-rows.ts';
import { intentRows } from './intent-rows.ts';
import { listRows } from './list-rows.ts';
import { poolRows } from './pool-rows.ts';
import { webhookRows } from './webhook-rows.ts';
import { wireRows } from './wire-rows.ts';

export const conformance: Conformance = {
  headersOf: ({ publicKey, secretKey }) => ({ 'x-api-key': publicKey, 'x-api-secret': secretKey }),
  // Those that move the clock come last.
  rows: [...wireRows, ...intentRows, ...listRows, ...webhookRows, ...poolRows, ...checkoutRows],
};
