/** Processor accounts: a connector with one merchant's sealed settings. */
import type { Json } from '../base/json.ts';
import type { Keyring } from '../base/keyring.ts';
import type { AnyConnector, Connector } from '../sdk/connector.ts';
import type { HttpPort } from '../sdk/http.ts';
import type { Database } from '../storage/index.ts';

export interface AccountRecord {
  readonly id: string;
  readonly merchant_id: string;
  readonly connector: string;
  readonly name: string;
  readonly status: 'active' | 'disabled';
  readonly priority: number;
  readonly weight: number;
  /** How long this processor keeps an authorization; after that it is voided and expires. */
  readonly hold_validity_hours: number;
  /** Sealed JSON: credentials and the rest of the connector's settings. */
  readonly settings: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  readonly version: number;
}

/** An account with its connector at hand and its settings open. */
export interface Account {
  readonly record: AccountRecord;
  readonly connector: Connector<unknown, unknown>;
  readonly settings: unknown;
  readonly http: HttpPort;
}

export interface ConnectorRegistry {
  readonly connectors: ReadonlyMap<string, AnyConnector>;
  /** One port an account, so that a slow processor fills its own queue and no other. */
  portOf(accountId: string): HttpPort;
}

export function settingsBinding(accountId: string): string {
  return `accounts/${accountId}/settings`;
}

export class Accounts {
  readonly #db: Database;
  readonly #keyring: Keyring;
  readonly #registry: ConnectorRegistry;
  /** By merchant; kept on SQLite alone, where this process makes every change. */
  readonly #known = new Map<string, readonly Account[]>();

  constructor(db: Database, keyring: Keyring, registry: ConnectorRegistry) {
    this.#db = db;
    this.#keyring = keyring;
    this.#registry = registry;
  }

  /** Every account of the merchant that was not deleted, oldest first. */
  async list(merchantId: string): Promise<readonly Account[]> {
    const known = this.#known.get(merchantId);
    if (known) return known;
    const records = await this.#db.find<AccountRecord>('accounts', {
      merchant_id: merchantId,
      deleted_at: null,
    });
    const accounts = records
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .flatMap((record) => this.#open(record) ?? []);
    if (this.#db.dialect === 'sqlite') this.#known.set(merchantId, accounts);
    return accounts;
  }

  /** One account, deleted ones included: operations of the past still have to be asked about. */
  async find(merchantId: string, id: string): Promise<Account | undefined> {
    const listed = (await this.list(merchantId)).find(({ record }) => record.id === id);
    if (listed) return listed;
    const [record] = await this.#db.find<AccountRecord>('accounts', {
      merchant_id: merchantId,
      id,
    });
    return record && this.#open(record);
  }

  /** Called after any change of a merchant's accounts. */
  forget(merchantId: string): void {
    this.#known.delete(merchantId);
  }

  sealSettings(accountId: string, settings: Json): string {
    return this.#keyring.seal(
      'account-settings',
      settingsBinding(accountId),
      JSON.stringify(settings),
    );
  }

  connectorOf(id: string): AnyConnector | undefined {
    return this.#registry.connectors.get(id);
  }

  get connectorIds(): readonly string[] {
    return [...this.#registry.connectors.keys()];
  }

  /** Undefined when the connector is not installed any more: such an account takes no payments. */
  #open(record: AccountRecord): Account | undefined {
    const connector = this.#registry.connectors.get(record.connector);
    if (!connector) return undefined;
    const text = this.#keyring.open(
      'account-settings',
      settingsBinding(record.id),
      record.settings,
    );
    return {
      record,
      connector,
      settings: JSON.parse(text),
      http: this.#registry.portOf(record.id),
    };
  }
}
