/** The command line as a whole: global options, every command, and how a run ends. */
import { Command, CommanderError } from 'commander';
import { version } from '../../core/wiring/version.ts';
import { addAccounts } from './accounts.ts';
import { addCustomers } from './customers.ts';
import { addDatabase } from './database.ts';
import type { Outcome, Parent } from './define.ts';
import { addDialects } from './dialects.ts';
import { addDoctor } from './doctor.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { tell } from './failure.ts';
import { addEvents } from './events.ts';
import { addListen } from './listen.ts';
import { addKeys, addMerchants } from './merchants.ts';
import { addClock, addLedger } from './owner.ts';
import { addPay } from './pay.ts';
import { addPaymentMethods } from './payment-methods.ts';
import { addLists, addPaymentVerbs, addShow } from './payments.ts';
import { addReference } from './reference.ts';
import { addRoutes } from './routes.ts';
import { addSecrets } from './secrets.ts';
import { addServe } from './serve.ts';
import type { Terminal } from './terminal.ts';
import { addTrigger } from './trigger.ts';
import { addWebhooks } from './webhooks.ts';

const epilogue = `
Examples:
  $ pointsman serve                                 # then, in another terminal:
  $ pointsman pay --amount 10000 --card visa
  $ pointsman refund pay_01… --amount 6000

Exit codes: 0 done, 1 refused, 2 usage or configuration, 3 not started or not reached,
4 declined, 5 not known yet.
`;

/** Every command, ready to parse. The outcome is filled in by the command that runs. */
export function createProgram(terminal: Terminal, outcome: Outcome, json: boolean): Command {
  const program = new Command('pointsman')
    .description('A self-hostable payment switch.')
    .version(version, '-V, --version', 'print the version')
    .option('--json', 'machine output: one JSON document on standard output')
    .option('--url <url>', 'the server; default POINTSMAN_URL, then credentials.json')
    .option('--key <key>', 'API key; default POINTSMAN_KEY, then credentials.json')
    .option('--data <directory>', 'data directory; default POINTSMAN_DATA, then the configuration')
    .option('--config <file>', 'default POINTSMAN_CONFIG, then ./pointsman.yaml')
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      // With --json the failure is the document, printed when the run ends.
      writeErr: (text) => (json ? undefined : terminal.err(text)),
    })
    .addHelpText('after', epilogue);
  const parent: Parent = { command: program, terminal, outcome };
  for (const add of [
    addServe,
    addDatabase,
    addDoctor,
    addPay,
    addPaymentVerbs,
    addShow,
    addLists,
    addEvents,
    addWebhooks,
    addListen,
    addTrigger,
    addCustomers,
    addPaymentMethods,
    addAccounts,
    addRoutes,
    addDialects,
    addKeys,
    addMerchants,
    addClock,
    addLedger,
    addSecrets,
    addReference,
  ]) {
    add(parent);
  }
  return program;
}

/** Runs one command line (without node and script) and answers with its exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const outcome: Outcome = { exitCode: exitCodes.done };
  const json = argv.includes('--json');
  const program = createProgram(terminal, outcome, json);
  try {
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return exitCodes.usage;
    }
    await program.parseAsync(argv, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    // Help and version end by an exception as well.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    return tell(terminal, error, json);
  }
}
