/** Processor accounts: a connector with one merchant's sealed settings. */
import { isoTime } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import type { Keyring } from '../base/keyring.ts';
import { Secret } from '../base/secret.ts';
import type { AnyConnector, Connector } from '../sdk/connector.ts';
import type { FaultKind } from '../sdk/fault.ts';
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
  /** JSON list of words that rules can name it by. */
  readonly tags: string;
  /** JSON of the account's limits; null: none. */
  readonly limits: string | null;
  /** Sealed JSON: credentials and the rest of the connector's settings. */
  readonly settings: string;
  /** The processor's own id of the account, when it was asked: tells two accounts apart. */
  readonly processor_reference: string | null;
  /** Where the endpoint at the processor stands; endpoint.ts moves it. */
  readonly webhook_state: 'none' | 'manual' | 'pending' | 'registered' | 'removing' | 'failed';
  /** The address that is, or is to be, registered. */
  readonly webhook_url: string | null;
  /** The processor's own id of the endpoint. */
  readonly webhook_reference: string | null;
  /** Sealed: what the processor signs its news with. */
  readonly webhook_secret: string | null;
  /** The one before, while news signed with it may still be on its way. */
  readonly webhook_former_secret: string | null;
  readonly webhook_former_until: string | null;
  /** The last try's fault, until one succeeds. */
  readonly webhook_fault: FaultKind | null;
  readonly webhook_tries: number;
  readonly webhook_next_try_at: string | null;
  /**
   * A fence of its own, so that a registration in the background never makes a merchant's change
   * of the account fail.
   */
  readonly webhook_version: number;
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
  /** Where the processor can send this account's news; undefined without a public address. */
  readonly webhookUrl: string | undefined;
  /** The secret of the endpoint that was registered for it, if one was. */
  readonly webhookSecret: Secret | undefined;
}

export interface ConnectorRegistry {
  readonly connectors: ReadonlyMap<string, AnyConnector>;
  /** One port an account, so that a slow processor fills its own queue and no other. */
  portOf(accountId: string): HttpPort;
}

export function settingsBinding(accountId: string): string {
  return `accounts/${accountId}/settings`;
}

/** What sealed endpoint secrets are bound to. */
export function endpointBinding(accountId: string): string {
  return `accounts/${accountId}/webhook`;
}

/** What the feature cannot know of by itself. */
export interface AccountsSurroundings {
  /**
   * Where processors reach the switch, without a slash at the end: its public address, or for test
   * doubles beside it the one it listens on. Undefined: nowhere.
   */
  webhookBase(connector: AnyConnector): string | undefined;
  /** An endpoint could not be registered or removed; `final`: it is not tried again by itself. */
  endpointFailed(record: AccountRecord, error: unknown, final: boolean): void;
}

const nowhere: AccountsSurroundings = {
  webhookBase: () => undefined,
  endpointFailed: () => undefined,
};

export class Accounts {
  readonly #db: Database;
  readonly #keyring: Keyring;
  readonly #registry: ConnectorRegistry;
  /** By merchant; kept on SQLite alone, where this process makes every change. */
  readonly #known = new Map<string, readonly Account[]>();
  /** Grows with every change: a list that was read before one is not kept. */
  #changes = 0;
  readonly #surroundings: AccountsSurroundings;

  constructor(
    db: Database,
    keyring: Keyring,
    registry: ConnectorRegistry,
    surroundings: AccountsSurroundings = nowhere,
  ) {
    this.#surroundings = surroundings;
    this.#db = db;
    this.#keyring = keyring;
    this.#registry = registry;
  }

  /** Every account of the merchant that was not deleted, oldest first. */
  async list(merchantId: string): Promise<readonly Account[]> {
    const known = this.#known.get(merchantId);
    if (known) return known;
    const seen = this.#changes;
    const records = await this.#db.find<AccountRecord>('accounts', {
      merchant_id: merchantId,
      deleted_at: null,
    });
    const accounts = records
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .flatMap((record) => this.open(record) ?? []);
    if (this.#db.dialect === 'sqlite' && seen === this.#changes) {
      this.#known.set(merchantId, accounts);
    }
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
    return record && this.open(record);
  }

  /** Whosever it is, deleted or not: for what arrives under the account's own address. */
  async findAnywhere(id: string): Promise<Account | undefined> {
    const [record] = await this.#db.find<AccountRecord>('accounts', { id });
    return record && this.find(record.merchant_id, id);
  }

  /** Called after any change of a merchant's accounts. */
  forget(merchantId: string): void {
    this.#changes += 1;
    this.#known.delete(merchantId);
  }

  sealSettings(accountId: string, settings: Json): string {
    return this.#keyring.seal(
      'account-settings',
      settingsBinding(accountId),
      JSON.stringify(settings),
    );
  }

  sealEndpointSecret(accountId: string, secret: Secret): string {
    return this.#keyring.seal('endpoint-secret', endpointBinding(accountId), secret.reveal());
  }

  connectorOf(id: string): AnyConnector | undefined {
    return this.#registry.connectors.get(id);
  }

  get connectorIds(): readonly string[] {
    return [...this.#registry.connectors.keys()];
  }

  /** The port to try credentials with that are no account's yet: one a merchant. */
  portFor(merchantId: string): HttpPort {
    return this.#registry.portOf(merchantId);
  }

  /** Where this account's news is taken; undefined when its processor has none, or no way to us. */
  webhookUrlOf(connector: AnyConnector, accountId: string): string | undefined {
    if (!connector.webhook) return undefined;
    const base = this.#surroundings.webhookBase(connector);
    return base === undefined ? undefined : `${base}/webhooks/${accountId}`;
  }

  endpointFailed(record: AccountRecord, error: unknown, final: boolean): void {
    this.#surroundings.endpointFailed(record, error, final);
  }

  /** Undefined when the connector is not installed any more: such an account takes no payments. */
  open(record: AccountRecord): Account | undefined {
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
      webhookUrl: this.webhookUrlOf(connector, record.id),
      webhookSecret: this.#endpointSecret(record.id, record.webhook_secret),
    };
  }

  /** The endpoint's secret before the present one; undefined when its time is over. */
  formerSecretOf(record: AccountRecord, nowMs: number): Secret | undefined {
    const { webhook_former_secret: sealed, webhook_former_until: until } = record;
    return until === null || until <= isoTime(nowMs)
      ? undefined
      : this.#endpointSecret(record.id, sealed);
  }

  #endpointSecret(accountId: string, sealed: string | null): Secret | undefined {
    if (sealed === null) return undefined;
    return new Secret(this.#keyring.open('endpoint-secret', endpointBinding(accountId), sealed));
  }
}
