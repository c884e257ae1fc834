/** Accounts as the native API shows them: settings with their secrets masked. */
import type { Json, JsonObject } from '../base/json.ts';
import type { AccountRecord } from './account.ts';

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

/** `opened` is absent when the connector is not installed any more. */
export function presentAccount(
  record: AccountRecord,
  opened: { readonly schema: object; readonly settings: unknown } | undefined,
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
    settings: opened ? masked(opened.schema, opened.settings as Json) : null,
    created_at: record.created_at,
    updated_at: record.updated_at,
  };
}
