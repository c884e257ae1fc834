/** `serve`: starts the switch, greets, and stops it on a signal with what is in flight answered. */
import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { Config } from '../../config/load.ts';
import { errorFields } from '../../core/wiring/log.ts';
import { credentialsFile } from '../../core/wiring/sandbox.ts';
import { start, type Running } from '../../core/wiring/start.ts';
import { version } from '../../core/wiring/version.ts';
import { refusedBoot } from './boot-refusal.ts';
import { define, type Parent, type Session } from './define.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { facts } from './render.ts';

export function addServe(parent: Parent): void {
  define(parent, {
    usage: 'serve',
    summary: 'Migrate the database and serve the API',
    examples: ['serve', 'serve --config /etc/pointsman.yaml', 'serve --data /var/lib/pointsman'],
    run: serve,
  });
}

async function serve(session: Session): Promise<ExitCode> {
  const config = session.config();
  // Before the start: a signal that comes during it is not lost, and a second one ends it.
  const stopping = firstSignal();
  const state: { running?: Running } = {};
  endOnFault(state);
  const running = await start(config).catch((error: unknown) => {
    throw refusedBoot(error, config);
  });
  state.running = running;
  rereadOnHangUp(running);
  session.terminal.out(session.json ? readyLine(running, config) : banner(running, config));
  const signal = await stopping;
  session.terminal.err(`${signal}: answering what is in flight. Once more to stop at once.\n`);
  await running.stop();
  session.remark('Stopped.\n');
  // Should anything still hold the process open, it ends all the same.
  setTimeout(() => process.exit(exitCodes.done), 2_000).unref();
  return exitCodes.done;
}

/** SIGHUP reads the rules again; without a rules file it ends the process, as it always does. */
function rereadOnHangUp({ routingFile, log }: Running): void {
  if (routingFile.file === undefined) return;
  process.on('SIGHUP', () => {
    routingFile.reload().catch((error: unknown) => {
      log.error('the routing rules could not be read', errorFields(error));
    });
  });
}

const endings = ['SIGINT', 'SIGTERM'] as const;

/** Resolves with the first of the two signals; any later one ends the process on the spot. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((settle) => {
    let asked = false;
    for (const name of endings) {
      process.on(name, () => {
        if (asked) process.exit(128 + constants.signals[name]);
        asked = true;
        settle(name);
      });
    }
  });
}

/**
 * A fault nobody caught leaves the process in a state nobody knows: it ends, and recovery follows.
 */
function endOnFault(state: { readonly running?: Running }): void {
  for (const kind of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(kind, (error: unknown) => {
      const fields = errorFields(error);
      state.running?.log.error(kind, fields);
      // Straight to the descriptor as well: the log may not get to write any more.
      writeSync(2, `${kind}: ${fields.stack ?? fields.error}\n`);
      process.exit(1);
    });
  }
}

/** One line among the log's, for machines; the keys are in the file it names. */
function readyLine(running: Running, config: Config): string {
  return `${JSON.stringify({
    event: 'ready',
    url: running.baseUrl,
    docs_url: `${running.baseUrl}/docs`,
    mode: config.mode,
    data_dir: resolve(config.data_dir),
    credentials_file: running.credentials ? resolve(credentialsFile(config.data_dir)) : null,
    simulator_url: running.simulatorUrl,
    version,
  })}\n`;
}

function banner(running: Running, config: Config): string {
  const { credentials, baseUrl, simulatorUrl, db } = running;
  const place = resolve(config.data_dir);
  const database = db.dialect === 'sqlite' ? 'SQLite' : 'keys; the books are in Postgres';
  return (
    `\nPointsman ${version} (${config.mode}) is ready: ${baseUrl}\n\n` +
    facts([
      ['Docs', `${baseUrl}/docs`],
      ['Data', `${place} (${database})`],
      ['Keys', credentials ? resolve(credentialsFile(config.data_dir)) : null],
      [
        'Simulator',
        simulatorUrl === null ? null : `${simulatorUrl} (its cards: npx pointsman cards)`,
      ],
    ]) +
    (credentials
      ? `\nCharge a test card:\n\n${curl(baseUrl, credentials.secret_key)}\n\n`
      : keyless(config)) +
    `Stop with Ctrl-C, or: kill ${process.pid}\n\n`
  );
}

/** Live mode prints no key; nor does a sandbox whose keys were written down elsewhere. */
function keyless({ mode }: Config): string {
  return mode === 'live'
    ? '\nFirst key of a new box: npx pointsman keys create Owner --admin\n\n'
    : '\nThe keys to this database’s merchants are in the data directory it was made with.\n' +
        'A new one: npx pointsman keys create Owner --admin\n\n';
}

/**
 * One line that charges a test card as often as it is pasted: no reference, so nothing is taken.
 */
function curl(baseUrl: string, secretKey: string): string {
  const body = {
    amount: 10_000,
    currency: 'USD',
    confirm: true,
    capture_method: 'automatic',
    payment_method: {
      type: 'card',
      card: {
        number: '4242424242424242',
        exp_month: 12,
        exp_year: new Date().getUTCFullYear() + 3,
        cvc: '123',
        holder_name: 'Jane Doe',
      },
    },
  };
  return [
    `curl -sS ${quoted(`${baseUrl}/v1/payments`)}`,
    `-H ${quoted(`Authorization: Bearer ${secretKey}`)}`,
    `-H ${quoted('Content-Type: application/json')}`,
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' ');
}

/** For sh and bash alike; plain words stay plain. */
function quoted(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
