/**
 * A plugin is pure: host in, contributions out. It says what it adds as data; the switch looks for
 * clashes, mounts it and calls it. Money moves through `host.call` alone, the same door that HTTP
 * comes through (docs/adr/0014).
 */
import type { Static, TObject } from 'typebox';
import type { Conformance } from './conformance.ts';
import type { Dialect } from './dialect.ts';
import type { Call, Host } from './host.ts';
import type { Problem } from './problem.ts';
import type { Reply, Route, Scope } from './route.ts';

/** Words of SQL that differ between the databases. */
export interface PluginSql {
  readonly name: 'sqlite' | 'postgres';
  /** The type of an id: text that sorts by bytes. */
  readonly id: string;
  /** At the end of a small table, to keep it inside its primary key on SQLite. */
  readonly clustered: string;
}

/** Forward only; never edited once released. Every table begins with the plugin's id: `<id>_…`. */
export interface PluginMigration {
  /** `0001_links`: number and subject. */
  readonly name: string;
  statements(sql: PluginSql): readonly string[];
}

/** Work that comes round, named `<plugin>.<id>`. */
export interface PluginJob {
  readonly id: string;
  /** Cron with seconds: every second is `* * * * * *`. */
  readonly every: string;
  /** One node at a time. Without it every node runs, and the job has to claim its rows. */
  readonly alone: boolean;
  run(): Promise<void>;
  /**
   * The earliest moment (ISO) at which there is something to do: the sandbox's clock stops there
   * and runs the job when it is moved on. Leave it out where nothing falls due by the clock.
   */
  nextAt?(): Promise<string | undefined>;
}

/** An event as `GET /v1/events/{id}` shows it. */
export interface PublishedEvent {
  readonly id: string;
  readonly type: string;
  readonly payment: string | null;
  readonly created_at: string;
  readonly data: { readonly object: unknown };
}

/**
 * Hears events after they are durable, at least once, and again later when it throws. What comes
 * twice must do no harm; the order is mostly but not always that of the events.
 */
export interface Subscriber {
  readonly id: string;
  /** Event types; all when left out. */
  readonly types?: readonly string[];
  handle(event: PublishedEvent, merchantId: string): Promise<void>;
}

/** A way to print and sign outgoing webhooks; endpoints choose it by id as their `signer`. */
export interface WebhookFormat {
  readonly id: string;
  /**
   * The body: the same bytes for the same event whenever it is asked for. Undefined when this
   * format has no word for the event: then nobody is told.
   */
  encode(
    event: PublishedEvent,
    merchantId: string,
  ): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Header names in lower case. `secrets`: the newest first. */
  sign(signing: {
    readonly eventId: string;
    readonly timestampS: number;
    readonly body: Uint8Array;
    readonly secrets: readonly string[];
  }): Readonly<Record<string, string>>;
  /** Those of `sign` that must not be seen in a log. */
  readonly secretHeaders: readonly string[];
  /** What counts as delivered, unless an endpoint says otherwise. By default any 2xx. */
  readonly success?: '2xx' | '200';
  /**
   * Seconds from the first moment to each attempt, ascending, unless an endpoint says otherwise. By
   * default five in six hours.
   */
  readonly scheduleS?: readonly number[];
  /**
   * Other formats that tell of the same events beside this one, to the same receiver and with the
   * same secret: for an event of ours that is two of theirs.
   */
  readonly companions?: readonly string[];
}

/** Who opens a page, and what was sent along. */
export interface PageVisit {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The fields of a form that was posted; empty on GET. */
  readonly form: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clientIp: string;
  readonly requestId: string;
  /** Native calls as nobody in particular; `host.call` with a principal does more. */
  readonly call: Call;
}

/**
 * A page for people: no key, no schema, counted per IP address. Unless the reply says otherwise it
 * is never cached, never framed, and may load nothing.
 */
export interface PageRoute {
  readonly id: string;
  readonly method: 'get' | 'post';
  /** `/checkout/{session_id}` */
  readonly path: string;
  /** The form field that may hold a card number; every other one refuses it. */
  readonly cardField?: string;
  handle(visit: PageVisit): Promise<Reply>;
  /** A refusal as a page; problem+json when left out. */
  problem?(problem: Problem, requestId: string): Reply;
}

/** What a plugin adds to the switch. */
export interface Contributions {
  /** In the native style: key, schemas, OpenAPI. */
  readonly routes?: readonly Route[];
  /** Another gateway's API, under a prefix or a host name of its own. */
  readonly dialect?: Dialect;
  readonly pages?: readonly PageRoute[];
  readonly jobs?: readonly PluginJob[];
  readonly subscribers?: readonly Subscriber[];
  readonly webhookFormats?: readonly WebhookFormat[];
}

export interface Plugin {
  /** Kebab-case: names its settings, its tables (`my-shop` → `my_shop_…`) and its prefix. */
  readonly id: string;
  readonly name: string;
  /** Of `plugin_settings.<id>`; `enabled`, `prefix` and `hosts` are the switch's own. */
  readonly settings?: TObject;
  /** What it may do for a merchant without a key of theirs (`host.actFor`); nothing by default. */
  readonly acts?: readonly Scope[];
  readonly migrations?: readonly PluginMigration[];
  /** What its dialect promises, as checks from outside: `pointsman dialects check`. */
  readonly conformance?: Conformance;
  /** Called once at every start; keeps the host and returns data. */
  contribute(host: Host<never>): Contributions;
}

/** Gives `contribute` the type of the plugin's own settings. */
export function definePlugin<S extends TObject = TObject>(
  plugin: Omit<Plugin, 'settings' | 'contribute'> & {
    readonly settings?: S;
    contribute(host: Host<Static<S>>): Contributions;
  },
): Plugin {
  return plugin;
}
