/** What Paypool's document promises, as checks from outside: `pointsman dialects check paypool`. */
import type { Conformance } from '#sdk';
import { accessRows } from './access-rows.ts';
import { createRows } from './create-rows.ts';
import { lifeRows } from './life-rows.ts';
import { pageRows } from './page-rows.ts';
import { webhookRows } from './webhook-rows.ts';

export const conformance: Conformance = {
  headersOf: ({ secretKey }) => ({ authorization: `Bearer ${secretKey}` }),
  rows: [...accessRows, ...createRows, ...lifeRows, ...pageRows, ...webhookRows],
};
