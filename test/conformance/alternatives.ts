/**
 * The blocks of docs/connectors.md that are no files but show how it is done for another processor:
 * put into files that compile, so that they too are code that works.
 */
import type { Json, Money } from '#sdk';

/** What `parts.ts` exports: fields of a sample. */
export interface Parts {
  readonly sync: { found(body: Json): { body: Json }; absent(): { body: Json } };
}

/** What `minor-units.ts` exports. */
export interface MinorUnits {
  moneyOf(fields: Readonly<Record<string, unknown>>): Money;
}

/** What `base64.ts` exports; it throws a WebhookRefusal. */
export interface Base64 {
  verify(secret: string, body: string, header: string): void;
}

/** File name → code. `fields` is the page's fields.ts, of which one shows another `moneyOf`. */
export function alternativesIn(page: string, fields: string): Map<string, string> {
  const blocks = [...page.matchAll(/^(.*)\n\n```ts\n([\s\S]*?)^```$/gm)]
    .filter(([, before = '']) => !/^`[\w./-]+`$/.test(before))
    .map(([, , code = '']) => code);
  const used = new Set<string>();
  const block = (beginning: string): string => {
    const [found, ...more] = blocks.filter((code) => code.startsWith(beginning));
    if (found === undefined || more.length > 0) throw new Error(`not one block: ${beginning}…`);
    used.add(found);
    return found;
  };
  const files = new Map([
    ['parts.ts', partsFile(['void: {', 'sync: {', 'check: {'].map(block).join(''))],
    [
      'minor-units.ts',
      fields
        .replace('fromDecimal', 'money')
        .replace(/export function moneyOf[\s\S]*?^\}$/m, () => block('export function moneyOf')),
    ],
    ['check.spec.ts', checkSpec],
    ['base64.ts', base64File(block('const expected ='))],
  ]);
  const forgotten = blocks.filter((code) => !used.has(code));
  if (forgotten.length > 0) throw new Error(`nobody tries this block:\n${forgotten.join('\n')}`);
  return files;
}

const partsFile = (fields: string): string => `
import type { JsonObject } from '#sdk';
import type { Sample } from '../../test/conformance/kit.ts';
import type { AcmePayRef, AcmePaySettings } from './settings.ts';

const says = (object: string, status: string) => () => ({ body: { object, status } });

export const { sync, check } = {
${fields}
} satisfies Partial<Sample<AcmePaySettings, AcmePayRef>>;
`;

const checkSpec = `
import { describeConnector } from '../../test/conformance/kit.ts';
import { check } from './check.ts';
import { acmePay } from './index.ts';
import { check as part } from './parts.ts';
import { acmePaySample } from './spec-sample.ts';

describeConnector(Object.freeze({ ...acmePay, check }), { ...acmePaySample, check: part });
`;

const base64File = (lines: string): string => `
import { createHmac, timingSafeEqual } from 'node:crypto';
import { WebhookRefusal } from '#sdk';

export function verify(secret: string, body: string, header: string): void {
${lines}
}
`;
