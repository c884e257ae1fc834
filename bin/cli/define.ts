/** How a command is written down: one literal each, and what its function is handed. */
import { Argument, InvalidArgumentError, Option, type Command } from 'commander';
import { Api, type Answer } from './api.ts';
import { usageError, exitCodes, type ExitCode } from './exit.ts';
import { configOf, keyOf, urlOf, type GlobalOptions, type KeyKind } from './settings.ts';
import type { Terminal } from './terminal.ts';
import type { Config } from '../../config/load.ts';

/** One run of one command. */
export class Session {
  readonly terminal: Terminal;
  readonly options: GlobalOptions;

  constructor(terminal: Terminal, options: GlobalOptions) {
    this.terminal = terminal;
    this.options = options;
  }

  get json(): boolean {
    return this.options.json === true;
  }

  /** Throws ConfigError. */
  config(): Config {
    return configOf(this.terminal, this.options);
  }

  /** Throws CliError when the address or the key is missing. */
  api(kind: KeyKind = 'secret'): Api {
    const key = keyOf(this.terminal, this.options, kind);
    return new Api(urlOf(this.terminal, this.options), key);
  }

  /** The document with `--json`, the text otherwise: one of them, and nothing else on stdout. */
  print(document: unknown, text: string): void {
    this.terminal.out(this.json ? `${JSON.stringify(document, null, 2)}\n` : text);
  }

  /** A remark for people; stdout belongs to the result. */
  remark(text: string): void {
    if (!this.json) this.terminal.err(text);
  }

  /** Prints an answer; 202 is an exit code of its own. */
  answer({ status, body, replayed }: Answer, text: string): ExitCode {
    this.print(body, text);
    if (replayed) this.remark('The answer to an earlier request with this idempotency key.\n');
    if (status !== 202) return exitCodes.done;
    this.remark('Not known yet: the processor has not said. Ask again with: pointsman sync\n');
    return exitCodes.unknownYet;
  }

  /** Throws CliError when a person at a terminal says no. Without a terminal nobody is asked. */
  async confirm(what: string, yes: boolean | undefined): Promise<void> {
    if (yes === true || this.json || !this.terminal.interactive) return;
    const reply = await this.terminal.ask(`${what} [y/N] `);
    if (!/^y(es)?$/i.test(reply.trim())) throw usageError('Nothing was done.');
  }
}

export interface CommandSpec<O> {
  /** `capture <payment>`, as commander writes it. */
  readonly usage: string;
  readonly summary: string;
  /** What the arguments mean, in order. */
  readonly arguments?: readonly string[];
  readonly options?: readonly Option[];
  /** Without the leading `pointsman`; at least one. */
  readonly examples: readonly [string, ...string[]];
  readonly hidden?: boolean;
  run(session: Session, options: O, ...args: string[]): Promise<ExitCode | void>;
}

/** Where the exit code of the command that ran ends up. */
export interface Outcome {
  exitCode: ExitCode;
}

export interface Parent {
  readonly command: Command;
  readonly terminal: Terminal;
  readonly outcome: Outcome;
}

export function define<O>(parent: Parent, spec: CommandSpec<O>): void {
  const [name = '', ...args] = spec.usage.split(' ');
  const command = parent.command
    .command(name, { hidden: spec.hidden === true })
    .description(spec.summary)
    .allowExcessArguments(false);
  args.forEach((arg, at) => command.addArgument(new Argument(arg, spec.arguments?.[at] ?? '')));
  for (const one of spec.options ?? []) command.addOption(one);
  command.addHelpText('after', exampleText(spec.examples));
  command.action(async () => {
    const session = new Session(parent.terminal, command.optsWithGlobals());
    const code = await spec.run(session, command.opts() as O, ...command.args);
    parent.outcome.exitCode = code ?? exitCodes.done;
  });
}

/** A command that only holds others: `keys`. */
export function group(parent: Parent, name: string, summary: string, example: string): Parent {
  const command = parent.command
    .command(name)
    .description(summary)
    .addHelpText('after', exampleText([example]));
  return { ...parent, command };
}

function exampleText(examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((line) => `  $ pointsman ${line}\n`).join('')}`;
}

export function option(flags: string, description: string): Option {
  return new Option(flags, description);
}

/** Reads a whole number from `minimum` up; the message says what would be right. */
export function wholeNumber(what: string, minimum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= minimum) return value;
    throw new InvalidArgumentError(`It is ${what}.`);
  };
}

export function amountOption(flags: string, description: string): Option {
  const what = 'a whole number of minor units: 10000 is 100.00 USD';
  return option(flags, description).argParser(wholeNumber(what, 1));
}

/** Collects `name=value` pairs into one object. */
export function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is name=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export const yesOption = () => option('-y, --yes', 'do not ask');

export const idempotencyOption = () =>
  option('--idempotency-key <key>', 'the same key and request: the first answer, done once');

/** The options of every list. */
export const pageOptions = () => [
  option('--limit <count>', 'objects to show, 1 to 100').argParser(
    wholeNumber('a number from 1 to 100', 1),
  ),
  option('--after <id>', 'older than this one'),
  option('--before <id>', 'newer than this one'),
];

export interface PageOptions {
  readonly limit?: number;
  readonly after?: string;
  readonly before?: string;
}

export function pageQuery({ limit, after, before }: PageOptions) {
  return { limit: limit ?? 20, starting_after: after, ending_before: before };
}
