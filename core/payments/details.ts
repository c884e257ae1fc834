/** The descriptive part of a request as it is stored. */
import type { StoredDetails } from './record.ts';
import type { CreateBody, UpdateBody } from './schema.ts';

const keys = [
  'description',
  'metadata',
  'customer',
  'billing',
  'shipping',
  'order_details',
  'statement_descriptor',
  'return_url',
  'webhook_url',
  'webhook_signer',
  'authentication_type',
  'setup_future_usage',
  'off_session',
  'browser_info',
] as const satisfies readonly (keyof StoredDetails & keyof UpdateBody)[];

/** Only what was given: an absent field takes no room. */
export function detailsOf(body: CreateBody | UpdateBody): StoredDetails {
  const given = keys.filter((key) => body[key] !== undefined).map((key) => [key, body[key]]);
  return Object.fromEntries(given) as StoredDetails;
}
