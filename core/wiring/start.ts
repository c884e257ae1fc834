/** Boot, in reading order; whatever was opened is closed again when a later step fails. */
import type { Config } from '../../config/load.ts';
import { Access } from '../access/access.ts';
import { Merchants } from '../access/merchants.ts';
import { Accounts } from '../accounts/account.ts';
import { followPublicUrl } from '../accounts/endpoint.ts';
import { listen, type Listening } from '../http/server.ts';
import type { IncomingDesk } from '../incoming/desk.ts';
import type { Desk } from '../payments/desk.ts';
import type { Database } from '../storage/index.ts';
import type { WebhookDesk } from '../webhooks/desk.ts';
import { Dispatcher } from '../webhooks/dispatcher.ts';
import { assemble } from './assemble.ts';
import { createContainer, tokens } from './container.ts';
import type { Log } from './log.ts';
import { openOutside, type Closers, type Opened, type Substitutes } from './outside.ts';
import type { RoutingFile } from './routing-file.ts';
import { prepareSandbox, registerSimulators, type Credentials } from './sandbox.ts';

export type { Substitutes } from './outside.ts';

export interface Running {
  readonly baseUrl: string;
  readonly simulatorUrl: string | null;
  readonly credentials: Credentials | undefined;
  readonly db: Database;
  readonly desk: Desk;
  readonly incoming: IncomingDesk;
  readonly webhooks: WebhookDesk;
  readonly dispatcher: Dispatcher;
  readonly log: Log;
  readonly routingFile: RoutingFile;
  /** Jobs and HTTP first (what is in flight is answered), then what they stand on. */
  stop(): Promise<void>;
}

/** How long a stop waits for requests in flight; a processor call may take this long. */
const stopGraceMs = 30_000;

export async function start(config: Config, substitutes: Substitutes = {}): Promise<Running> {
  const closers: Closers = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  };
  try {
    const opened = await openOutside(config, substitutes, closers);
    return await serve(opened, substitutes, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function serve(
  opened: Opened,
  substitutes: Substitutes,
  closers: Closers,
  closeAll: () => Promise<void>,
): Promise<Running> {
  const { config, db, log, simulatorUrl } = opened;
  const state = { baseUrl: '', accepting: false };
  const container = createContainer({ ...opened, baseUrl: () => state.baseUrl });
  const { app, runner, ringOrphans } = await assemble(opened, container, substitutes, state);

  const { server } = config;
  const listening = await listen(app, {
    host: server.host,
    port: server.port,
    requestTimeoutMs: server.request_timeout_ms,
  });
  closers.push(() => listening.stop(stopGraceMs));
  state.baseUrl = server.base_url ?? urlOf(server.host, listening);
  const accounts = container.get(Accounts);
  const { mode } = config;
  const parts = {
    ...opened,
    access: container.get(Access),
    merchants: container.get(Merchants),
    accounts,
  };
  const urls = { base: state.baseUrl, simulator: simulatorUrl };
  const credentials =
    mode === 'sandbox' ? await prepareSandbox(parts, config.data_dir, urls) : undefined;
  await followPublicUrl({ ...opened, accounts, mode });
  if (credentials) await registerSimulators(parts, credentials.merchant_id);
  await opened.routingFile.announce();

  const dispatcher = container.get(Dispatcher);
  closers.push(() => dispatcher.stop());
  closers.push(() => runner.stop());
  if (substitutes.jobs !== false) {
    runner.start();
    ringOrphans();
  }
  state.accepting = true;
  log.info('listening', { url: state.baseUrl, database: db.dialect });
  return {
    baseUrl: state.baseUrl,
    simulatorUrl,
    credentials,
    db,
    desk: container.get(tokens.desk),
    incoming: container.get(tokens.incoming),
    webhooks: container.get(tokens.webhooks),
    dispatcher,
    log,
    routingFile: opened.routingFile,
    stop: async () => {
      state.accepting = false;
      await closeAll();
    },
  };
}

function urlOf(host: string, { port }: Listening): string {
  const anywhere = ['0.0.0.0', '::', '127.0.0.1', 'localhost'].includes(host);
  return `http://${anywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;
}
