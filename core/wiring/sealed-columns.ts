/**
 * Every column that holds sealed text, in one place: what a new version of the master key has to
 * reach, and what still hangs on an old one. A purpose without an entry here does not compile;
 * test/api/secrets.spec.ts looks for sealed text in columns that are not listed.
 */
import type { JsonObject } from '../base/json.ts';
import type { Keyring, SealPurpose } from '../base/keyring.ts';
import { endpointBinding, settingsBinding } from '../accounts/account.ts';
import { bodyBinding } from '../incoming/record.ts';
import { tokenBinding } from '../methods/index.ts';
import { secretBinding } from '../webhooks/record.ts';
import type { Row } from '../storage/index.ts';

/** A row as far as resealing looks at it: its key and the column. */
export type SealedRow = Readonly<Record<string, string>>;

export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The columns that name a row; `id` is among them where rows are resealed. */
  readonly key: readonly string[];
  /** The rows it is about, where a table holds several kinds. */
  readonly where?: Row;
  /** What stands before the sealed text in the column, for a search with LIKE. */
  readonly before: string;
  /**
   * The column's text in the newest version. Undefined for what is not resealed because it goes by
   * itself, within the time that the reason names.
   */
  readonly reseal: ((keyring: Keyring, row: SealedRow, text: string) => string) | undefined;
}

type Binding = (row: SealedRow) => string;

/** The whole column is one sealed text. */
function whole(
  table: string,
  column: string,
  purpose: SealPurpose,
  binding: Binding,
  where: Row = {},
): SealedColumn {
  const reseal = (keyring: Keyring, row: SealedRow, text: string) =>
    keyring.reseal(purpose, binding(row), text);
  return { table, column, key: ['id'], where, before: '', reseal };
}

/** JSON with the secret of a next action somewhere inside; it is bound to what it opens. */
function action(table: string, column: string, key: readonly string[]): SealedColumn {
  const before = '%"client_secret":"';
  const reseal = (keyring: Keyring, _row: SealedRow, text: string) =>
    JSON.stringify(JSON.parse(text, (_key, value: unknown) => resealedAction(keyring, value)));
  return { table, column, key, before, reseal };
}

function resealedAction(keyring: Keyring, value: unknown): unknown {
  const { type, reference, client_secret: sealed } = (value ?? {}) as JsonObject;
  if (type !== 'confirm_in_browser') return value;
  if (typeof reference !== 'string' || typeof sealed !== 'string') return value;
  const binding = `next-action/${reference}`;
  const again = keyring.reseal('next-action', binding, sealed);
  return { ...(value as JsonObject), client_secret: again };
}

const idOf = (row: SealedRow) => row['id'] ?? '';
const methodBinding: Binding = (row) => tokenBinding(idOf(row));

export const sealedColumns: Readonly<Record<SealPurpose, readonly SealedColumn[]>> = {
  'account-settings': [
    whole('accounts', 'settings', 'account-settings', (row) => settingsBinding(idOf(row))),
  ],
  'endpoint-secret': (['webhook_secret', 'webhook_former_secret'] as const).map((column) =>
    whole('accounts', column, 'endpoint-secret', (row) => endpointBinding(idOf(row))),
  ),
  'webhook-signing': (['secret', 'previous_secret'] as const).map((column) =>
    whole('webhook_endpoints', column, 'webhook-signing', (row) => secretBinding(idOf(row))),
  ),
  'saved-method': [
    whole('payment_methods', 'token', 'saved-method', methodBinding, { kind: 'processor' }),
  ],
  'vault-card': [whole('payment_methods', 'token', 'vault-card', methodBinding, { kind: 'vault' })],
  'incoming-webhook': [
    whole('incoming_webhooks', 'body', 'incoming-webhook', (row) => bodyBinding(idOf(row))),
  ],
  'next-action': [
    action('payments', 'next_action', ['merchant_id', 'id']),
    action('operations', 'result', ['id']),
    action('setups', 'next_action', ['id']),
  ],
  // Answers are forgotten a day after they were given: that is sooner than it is worth the writing.
  'stored-answer': [
    {
      table: 'idempotency_keys',
      column: 'body',
      key: ['merchant_id', 'key'],
      before: '',
      reseal: undefined,
    },
    {
      table: 'dialect_answers',
      column: 'answer',
      key: ['merchant_id', 'plugin', 'key'],
      before: '',
      reseal: undefined,
    },
  ],
  'plugin-secret': [whole('plugin_secrets', 'sealed', 'plugin-secret', (row) => idOf(row))],
};

export const allSealedColumns: readonly SealedColumn[] = Object.values(sealedColumns).flat();
