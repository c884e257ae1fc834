/** Accounts as the native API shows them: settings with their secrets masked. */
import type { Json, JsonObject } from '../base/json.ts';
import type { AnyConnector } from '../sdk/connector.ts';
import type { AccountRecord } from './account.ts';
import type { LimitsBody } from './limits.ts';

export const mask = '[secret]';

/** A node of JSON Schema, as far as masking looks at it. */
interface SchemaNode {
  readonly writeOnly?: boolean;
  readonly properties?: Readonly<Record<string, object>>;
  readonly items?: object;
}

/** A reference hides what it leads to, so it counts as a secret. */
function mayHoldSecret(schema: object): boolean {
  return /"writeOnly":true|"\$(?:dynamicR|r)ef":/.test(JSON.stringify(schema));
}

/**
 * A value with every secret in it replaced by a mask. Where the schema does not say plainly that a
 * part is harmless (a union with a secret in it, an unknown field beside one), the part is masked.
 */
export function masked(schema: object, value: Json): Json {
  if (!mayHoldSecret(schema)) return value;
  const { writeOnly, properties, items }: SchemaNode = schema;
  if (writeOnly !== true && value !== null && typeof value === 'object') {
    if (Array.isArray(value)) {
      if (items) return value.map((item: Json) => masked(items, item));
    } else if (properties) {
      return Object.fromEntries(
        Object.entries(value as JsonObject).flatMap(([key, item]) => {
          if (item === undefined) return [];
          const field = Object.hasOwn(properties, key) ? properties[key] : undefined;
          return [[key, field ? masked(field, item) : mask]];
        }),
      );
    }
  }
  return mask;
}

/** `connector` is absent when it is not installed any more. */
export function presentAccount(
  record: AccountRecord,
  connector: AnyConnector | undefined,
  settings: unknown,
) {
  return {
    id: record.id,
    object: 'account' as const,
    connector: record.connector,
    name: record.name,
    status: record.status,
    priority: record.priority,
    weight: record.weight,
    hold_validity_hours: record.hold_validity_hours,
    tags: JSON.parse(record.tags) as string[],
    limits: record.limits === null ? null : (JSON.parse(record.limits) as LimitsBody),
    settings: connector ? masked(connector.settings, settings as Json) : null,
    webhook: {
      state: record.webhook_state,
      url: record.webhook_url,
      detail: webhookDetail(record, connector),
    },
    created_at: record.created_at,
    updated_at: record.updated_at,
  };
}

/** What to know, or to do by hand, about the way news takes; null when all is well. */
function webhookDetail(record: AccountRecord, connector: AnyConnector | undefined): string | null {
  const fault = record.webhook_fault === null ? '' : ` The last try: ${record.webhook_fault}.`;
  switch (record.webhook_state) {
    case 'registered':
      return null;
    case 'none':
      return connector?.webhook
        ? 'The switch has no public address: set server.base_url, and restart.'
        : 'The processor sends no news; the switch asks.';
    case 'manual':
      return connector?.endpoint
        ? 'Only an https address is registered in live mode: set server.base_url to one.'
        : "Enter the address as that for notifications in the processor's own pages.";
    case 'pending':
      return `The address is being registered at the processor.${fault}`;
    case 'removing':
      return `The address is being removed at the processor.${fault}`;
    case 'failed':
      return `Given up; rotate the credentials or restart to try again.${fault}`;
  }
}
