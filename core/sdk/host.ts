/** What a plugin sees of the switch: one door to everything native, and a corner of its own. */
import type { JsonObject } from '../base/json.ts';
import type { Noun } from '../base/id.ts';
import { Problem } from './problem.ts';
import type { IdempotencySlot, Principal, Reply } from './route.ts';

/** Kept in the commit that makes the object; refused as `reference_taken` when it is taken. */
export interface NewAlias {
  /** What is made: `payment` for createPayment. */
  readonly noun: Noun;
  readonly kind: string;
  readonly value: string;
}

export interface CallOptions {
  readonly params?: Readonly<Record<string, string>>;
  /** Members that are undefined are left out, here and in the body. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  /** Lands with the object that the call makes, or the call is refused. */
  readonly alias?: NewAlias;
}

export interface HostCallOptions extends CallOptions {
  /** Whom the call is made for: from `keys.authenticate`, `actFor`, or the request. */
  readonly principal?: Principal;
  /** Of the plugin's own: never mixed up with those of merchants. POST only. */
  readonly idempotencyKey?: string;
  readonly requestId?: string;
  readonly clientIp?: string;
}

export interface NativeAnswer<T = JsonObject> {
  /** 200, 201, or 202 while the outcome is not known. */
  readonly status: number;
  readonly body: T;
  /** The answer to an earlier call with the same idempotency key. */
  readonly replayed: boolean;
}

/**
 * Calls a native operation by its operationId, with the same rights, checks, idempotency and books
 * as over HTTP. Throws the Problem that HTTP would answer; a decline is `payment_declined` with the
 * payment in `options.members.payment`.
 */
export type Call = <T = JsonObject>(
  operation: string,
  options?: CallOptions,
) => Promise<NativeAnswer<T>>;

export type Cell = string | number | null;
export type StoreRow = Readonly<Record<string, Cell>>;

export interface CellRange {
  readonly below?: Cell;
  readonly atMost?: Cell;
  readonly above?: Cell;
  readonly atLeast?: Cell;
}

/** Equal to a value, one of several, or within a range. */
export type Where = Readonly<Record<string, Cell | readonly Cell[] | CellRange>>;

export interface RowOrder {
  readonly by: string;
  readonly descending?: boolean;
}

/** A write as data; made by {@link insertRow}, {@link updateRow}, {@link removeRows}. */
export type StoreChange =
  | { readonly kind: 'insert'; readonly table: string; readonly row: StoreRow }
  | {
      readonly kind: 'update';
      readonly table: string;
      readonly set: StoreRow;
      readonly where: StoreRow;
      readonly guard: string;
    }
  | { readonly kind: 'delete'; readonly table: string; readonly where: StoreRow };

/** A clash with a unique index refuses the whole change set. */
export function insertRow(table: string, row: StoreRow): StoreChange {
  return { kind: 'insert', table, row };
}

/** One row that still is as `where` says, or the whole change set is refused by `guard`. */
export function updateRow(
  table: string,
  set: StoreRow,
  where: StoreRow,
  guard: string,
): StoreChange {
  return { kind: 'update', table, set, where, guard };
}

export function removeRows(table: string, where: StoreRow): StoreChange {
  return { kind: 'delete', table, where };
}

/** Nothing was written: a guard of an update, or a unique index, refused the change set. */
export class StoreConflict extends Problem {
  override name = 'StoreConflict';
  /** The update's guard, or the name of the index (`<table>_pkey` for the primary key). */
  readonly guard: string;

  constructor(guard: string) {
    super('concurrent_change', 'something else changed it at the same moment; try again', {
      headers: { 'retry-after': '1' },
    });
    this.guard = guard;
  }
}

/** Lands a row once: that it is there already, from an earlier try, is no clash. */
export async function keepRow(store: PluginStore, table: string, row: StoreRow): Promise<void> {
  try {
    await store.commit([insertRow(table, row)]);
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
  }
}

/** The plugin's own tables, and no others. */
export interface PluginStore {
  find<T>(
    table: string,
    where: Where,
    more?: { readonly order?: readonly RowOrder[]; readonly limit?: number },
  ): Promise<readonly T[]>;
  /** All of it lands durably, or nothing. Throws {@link StoreConflict}. */
  commit(changes: readonly StoreChange[]): Promise<void>;
  /**
   * The same with the answer to a request: for native-style routes that write, so that a repeat
   * with the same Idempotency-Key hears the same answer.
   */
  commitWithAnswer(
    slot: IdempotencySlot | undefined,
    answer: { readonly status: number; readonly body: unknown },
    changes: readonly StoreChange[],
  ): Promise<Reply>;
}

/** Other names for native objects: one value ↔ one object, per plugin, merchant and kind. */
export interface Aliases {
  /** The object's native id. */
  find(merchantId: string, kind: string, value: string): Promise<string | undefined>;
  /** Native id → value, for those that have one. */
  of(
    merchantId: string,
    kind: string,
    objectIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Keeps a name for an object that is there already; the same pair again is no clash. Throws
   * `reference_taken`. For new objects use the `alias` of a call: it lands with the object.
   */
  put(merchantId: string, kind: string, value: string, objectId: string): Promise<void>;
  /** The object's running number (1, 2, 3 …); given out when first asked for, then kept. */
  number(merchantId: string, kind: string, objectId: string): Promise<number>;
}

/** Sealed texts of the plugin's own; a new master key reaches them like every other. */
export interface PluginSecrets {
  put(name: string, text: string): Promise<void>;
  get(name: string): Promise<string | undefined>;
  remove(name: string): Promise<void>;
}

export interface HostLog {
  info(event: string, more?: HostLogFields): void;
  warn(event: string, more?: HostLogFields): void;
  error(event: string, more?: HostLogFields): void;
}

/** Nothing else is written, so that no body gets into a log. */
export interface HostLogFields {
  readonly requestId?: string;
  readonly merchantId?: string;
  readonly paymentId?: string;
  /** What was thrown. */
  readonly error?: unknown;
  readonly reason?: string;
  readonly count?: number;
}

/** A mail in plain text. */
export interface Mail {
  /** Names it (Message-ID, file name): sent twice, it is one mail. Letters, digits, `_`, `-`. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Host<Settings = unknown> {
  readonly settings: Settings;
  readonly mode: 'sandbox' | 'live';
  /** How the outside reaches the switch, without a slash at the end; known once it listens. */
  baseUrl(): string;
  /** Where this plugin's dialect begins: its first host name, or the base URL and its prefix. */
  dialectUrl(): string;
  /** Milliseconds since 1970 in the switch's own time. */
  readonly clock: { now(): number };
  readonly log: HostLog;
  call<T = JsonObject>(operation: string, options?: HostCallOptions): Promise<NativeAnswer<T>>;
  readonly keys: {
    /** Whose key it is; undefined when it is none, revoked, expired or of the other mode. */
    authenticate(key: string): Promise<Principal | undefined>;
  };
  /** Acts for a merchant without a key of theirs, with the scopes that the plugin declares. */
  actFor(merchant: { readonly merchantId: string; readonly profileId?: string }): Principal;
  readonly store: PluginStore;
  readonly aliases: Aliases;
  readonly secrets: PluginSecrets;
  readonly mail: {
    /**
     * Sends through the SMTP server of the configuration; without one the mail is a file in the
     * outbox. `refused`: the server will never take it. Throws when it is worth trying again.
     */
    send(mail: Mail): Promise<'sent' | 'refused'>;
  };
  /** For somebody outside, as files in `<data_dir>/outbox/<plugin>/`. Whole or not at all. */
  readonly outbox: { write(name: string, text: string): Promise<void> };
}
