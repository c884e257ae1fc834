/** Every key of pointsman.yaml with its meaning, and every default, in this one place. */
import { Type, type Static } from 'typebox';
import type { Secret } from '../core/base/secret.ts';

const closed = { additionalProperties: false };
const port = (description: string) => Type.Integer({ minimum: 0, maximum: 65_535, description });
const perSecond = (description: string) => Type.Integer({ minimum: 1, description });

const Server = Type.Object(
  {
    host: Type.String({ minLength: 1, description: 'The address the API listens on.' }),
    port: port('The port of the API; 0 takes any free one.'),
    base_url: Type.Optional(
      Type.String({
        format: 'web-url',
        description: 'How the outside reaches this server; links and return pages start with it.',
      }),
    ),
    trusted_proxies: Type.Array(Type.String({ format: 'proxy-address' }), {
      description: 'Proxies whose X-Forwarded-For is believed: addresses, networks, loopback.',
    }),
    request_timeout_ms: Type.Integer({
      minimum: 1_000,
      maximum: 300_000,
      description: 'How long a request may take to arrive in full.',
    }),
    body_limit_bytes: Type.Integer({
      minimum: 1_024,
      maximum: 10_485_760,
      description: 'The largest request body that is read.',
    }),
  },
  { ...closed, description: 'The HTTP API.' },
);

const Database = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        format: 'postgres-url',
        writeOnly: true,
        description: 'PostgreSQL; without it an SQLite file in data_dir is used.',
      }),
    ),
    pool_size: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description: 'Connections to PostgreSQL at most.',
    }),
  },
  { ...closed, description: 'Where the books are kept.' },
);

const Secrets = Type.Object(
  {
    master_key: Type.Optional(
      Type.String({
        format: 'key-32-bytes',
        writeOnly: true,
        description: 'Everything encrypted or signed here hangs on it; lost means lost.',
      }),
    ),
  },
  { ...closed, description: 'Keys; name them by ${NAME} instead of writing them down.' },
);

const Simulator = Type.Object(
  {
    enabled: Type.Boolean({ description: 'Start the card simulator; never in live mode.' }),
    port: port('The port of the simulator; 0 takes any free one.'),
    url: Type.Optional(
      Type.String({
        format: 'web-url',
        description: 'A simulator that runs elsewhere already: none is started.',
      }),
    ),
  },
  { ...closed, description: 'The processor to practise with.' },
);

const Processors = Type.Object(
  {
    timeout_ms: Type.Integer({
      minimum: 100,
      maximum: 120_000,
      description: 'How long one call to a processor may take as a whole.',
    }),
    concurrency: Type.Integer({
      minimum: 1,
      maximum: 10_000,
      description: 'Calls at a time to one processor account.',
    }),
    absence_grace_ms: Type.Integer({
      minimum: 0,
      maximum: 86_400_000,
      description: 'A processor must have said "not found" this long before it counts as proof.',
    }),
  },
  { ...closed, description: 'Calls to processors.' },
);

const Webhooks = Type.Object(
  {
    allow_loopback: Type.Boolean({
      description: 'Webhooks may be sent to this machine; never in live mode.',
    }),
    allow_hosts: Type.Array(Type.String({ format: 'receiver-host' }), {
      description:
        'Receivers that may be private, use http and any port: host, host:port or *.suffix.',
    }),
    ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), {
      minItems: 1,
      description: 'The ports of all other receivers.',
    }),
  },
  { ...closed, description: 'Where webhooks may be sent; see docs/webhook-security.md.' },
);

const Mail = Type.Object(
  {
    smtp_url: Type.Optional(
      Type.String({
        format: 'smtp-url',
        writeOnly: true,
        description: 'The server that sends mails; without it they are files in data_dir/outbox.',
      }),
    ),
    from: Type.String({ format: 'mail-address', description: 'The sender of all mails.' }),
  },
  { ...closed, description: 'Mails to customers: payment links.' },
);

const Routing = Type.Object(
  {
    rules_file: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_000,
        description: 'Routing rules, relative to this file; see docs/routing.md.',
      }),
    ),
  },
  { ...closed, description: 'Which account takes a payment.' },
);

const RateLimits = Type.Object(
  {
    payments: Type.Object(
      {
        per_second: perSecond('Payment requests of one merchant in a second.'),
        per_hour: Type.Optional(
          Type.Integer({ minimum: 1, description: 'The same in an hour; no limit when left out.' }),
        ),
      },
      closed,
    ),
    queries: Type.Object({ per_second: perSecond('Reads of one merchant in a second.') }, closed),
    management: Type.Object(
      { per_second: perSecond('Changes to keys, accounts and settings in a second.') },
      closed,
    ),
    public: Type.Object(
      { per_second: perSecond('Requests without a secret key from one IP in a second.') },
      closed,
    ),
    webhooks: Type.Object(
      { per_second: perSecond("Processors' webhooks from one IP in a second.") },
      closed,
    ),
  },
  { ...closed, description: 'Above these a caller gets 429 and Retry-After.' },
);

const Log = Type.Object(
  {
    level: Type.Enum(['error', 'warn', 'info', 'debug'], {
      description: 'The least urgent lines that are written.',
    }),
  },
  { ...closed, description: 'JSON lines on standard output.' },
);

export const ConfigSchema = Type.Object(
  {
    mode: Type.Enum(['sandbox', 'live'], {
      description: 'sandbox moves no real money and may move the clock.',
    }),
    data_dir: Type.String({
      minLength: 1,
      description: 'State on disk; relative to the working directory.',
    }),
    server: Server,
    database: Database,
    secrets: Secrets,
    simulator: Simulator,
    processors: Processors,
    connectors: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      description:
        'Connectors from elsewhere: names of packages, or paths that begin with ./ or /.',
    }),
    plugins: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      description: 'Plugins from elsewhere: names of packages, or paths that begin with ./ or /.',
    }),
    plugin_settings: Type.Record(Type.String(), Type.Object({}), {
      description: 'What each plugin wants to know, by its id; enabled: false turns one off.',
    }),
    webhooks: Webhooks,
    mail: Mail,
    routing: Routing,
    rate_limits: RateLimits,
    log: Log,
  },
  { ...closed, description: 'The configuration of Pointsman.' },
);

/** The configuration as a file spells it, all defaults filled in. */
export type ConfigDocument = Static<typeof ConfigSchema>;

type Frozen<T> = T extends Secret
  ? T
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/** The checked configuration: frozen, secrets wrapped so that printing it shows none. */
export type Config = Frozen<
  Omit<ConfigDocument, 'database' | 'secrets' | 'plugin_settings' | 'mail'> & {
    /** JSON, checked by whoever knows the plugins: there may be passwords in it. */
    plugin_settings: Record<string, Secret>;
    database: Omit<ConfigDocument['database'], 'url'> & { url?: Secret };
    secrets: { master_key?: Secret };
    mail: Omit<ConfigDocument['mail'], 'smtp_url'> & { smtp_url?: Secret };
  }
>;

/** What holds where neither the file nor the environment says anything. */
export const defaults = {
  mode: 'sandbox',
  data_dir: './data',
  server: {
    host: '127.0.0.1',
    port: 8080,
    trusted_proxies: [],
    request_timeout_ms: 30_000,
    body_limit_bytes: 65_536,
  },
  database: { pool_size: 10 },
  secrets: {},
  // simulator.enabled and simulator.port follow from mode and server.port: see simulatorDefaults.
  simulator: {},
  processors: { timeout_ms: 30_000, concurrency: 64, absence_grace_ms: 600_000 },
  connectors: [],
  plugins: [],
  plugin_settings: {},
  // webhooks.allow_loopback follows from mode: see webhookDefaults.
  webhooks: { allow_hosts: [], ports: [80, 443, 8080, 8443] },
  mail: { from: 'no-reply@localhost' },
  // routing.rules_file is routing.yaml beside the configuration, when it is there.
  routing: {},
  rate_limits: {
    payments: { per_second: 10_000 },
    queries: { per_second: 10_000 },
    management: { per_second: 1_000 },
    public: { per_second: 200 },
    webhooks: { per_second: 1_000 },
  },
  log: { level: 'info' },
} as const satisfies Omit<
  ConfigDocument,
  'simulator' | 'server' | 'connectors' | 'plugins' | 'webhooks'
> & {
  connectors: readonly string[];
  plugins: readonly string[];
  server: Omit<ConfigDocument['server'], 'trusted_proxies'> & {
    trusted_proxies: readonly string[];
  };
  simulator: object;
  webhooks: { readonly allow_hosts: readonly string[]; readonly ports: readonly number[] };
};

/** A receiver on this machine is how one begins, and none of a live switch's. */
export function webhookDefaults(
  mode: ConfigDocument['mode'],
): Pick<ConfigDocument['webhooks'], 'allow_loopback'> {
  return { allow_loopback: mode === 'sandbox' };
}

/**
 * The simulator runs in sandbox mode, one port above the API (any free one where there is none).
 */
export function simulatorDefaults(
  mode: ConfigDocument['mode'],
  serverPort: number,
): ConfigDocument['simulator'] {
  const next = serverPort > 0 && serverPort < 65_535 ? serverPort + 1 : 0;
  return { enabled: mode === 'sandbox', port: next };
}
