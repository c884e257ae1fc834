/** What clients of the document may rely on, row by row, checked from outside. */
import type { Conformance } from '#sdk';
import { actionRows } from './action-rows.ts';
import { cardRows } from './card-rows.ts';
import { clockRows } from './clock-rows.ts';
import { intentRows } from './intent-rows.ts';
import { pageRows } from './page-rows.ts';
import { paymentRows } from './payment-rows.ts';
import { rateRows } from './rate-rows.ts';
import { repeatRows } from './repeat-rows.ts';
import { transactionRows } from './transaction-rows.ts';
import { webhookRows } from './webhook-rows.ts';
import { wireRows } from './wire-rows.ts';

export const conformance: Conformance = {
  headersOf: ({ secretKey }) => ({ 'x-api-key': secretKey }),
  rows: [
    ...wireRows,
    ...repeatRows,
    ...paymentRows,
    ...actionRows,
    ...intentRows,
    ...pageRows,
    ...transactionRows,
    ...cardRows,
    ...webhookRows,
    ...rateRows,
    // Those that move the clock come last.
    ...clockRows,
  ],
};
