/**
 * The processors' own contracts, kept beside the checkout and not in it (../shared/contracts; its
 * README tells where each file comes from). Whoever uses them must do without: they are
 * `undefined` where the folder is missing, and the suite then says so (test/support/skipped.ts).
 */
import { Ajv } from 'ajv';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as qs from 'qs';

/** One objection: the parameter's path (`card.number`) and what is wrong with it. */
export interface Objection {
  readonly path: string;
  readonly message: string;
}

/** Judges requests and responses against one OpenAPI document. */
export interface ContractChecker {
  /** `pathWithQuery` as sent; `body` the raw form. Answers [] when there is nothing to object. */
  request(method: string, pathWithQuery: string, body?: string): Objection[];
  /** `answer` is the parsed JSON body. Any status but 200 is held against the error schema. */
  response(method: string, path: string, status: number, answer: unknown): Objection[];
}

export interface StripeContracts {
  /** The API version that the connector pins; closes nested objects, knows no lengths. */
  readonly current: ContractChecker;
  /** Stripe's own document of 2023-08-16; knows integers and lengths. */
  readonly older: ContractChecker;
  /** One sample object for each resource, as Stripe publishes them. */
  readonly samples: Readonly<Record<string, unknown>>;
  /** The API versions a webhook endpoint or a `Stripe-Version` header may name. */
  readonly apiVersions: readonly string[];
}

/** What a suite that cannot run without the contracts tells in test/support/skipped.ts. */
export const missingContracts = 'no ../shared/contracts beside this checkout';

const folder = new URL('../../../shared/contracts/', import.meta.url);

interface CheckerModule {
  createChecker(document: unknown, libraries: { Ajv: unknown; qs: unknown }): ContractChecker;
}

/** The parsed JSON of one contract file; undefined where the folder is missing. */
export function contractFile(name: string): unknown {
  const path = fileURLToPath(new URL(name, folder));
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

async function load(): Promise<StripeContracts | undefined> {
  const checkerUrl = pathToFileURL(fileURLToPath(new URL('check-stripe-request.mjs', folder)));
  if (!existsSync(checkerUrl)) return undefined;
  const { createChecker } = (await import(checkerUrl.href)) as CheckerModule;
  const current = contractFile('stripe-openapi-sdk.json') as Record<string, unknown>;
  const samples = contractFile('stripe-fixtures.json') as { resources: Record<string, unknown> };
  return {
    current: createChecker(current, { Ajv, qs }),
    older: createChecker(contractFile('stripe-openapi.json'), { Ajv, qs }),
    samples: samples.resources,
    apiVersions: current['x-webhook-api-versions'] as string[],
  };
}

let loaded: Promise<StripeContracts | undefined> | undefined;

/** Both Stripe documents, compiled once in a process (2 MB of schemas). */
export function stripeContracts(): Promise<StripeContracts | undefined> {
  return (loaded ??= load());
}
