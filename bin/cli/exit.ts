/** How a command ends: the exit codes (docs/cli.md) and the error that carries one. */

export const exitCodes = {
  done: 0,
  /** The API refused; its problem is printed. */
  refused: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** The server could not be started, or not be reached. */
  unavailable: 3,
  /** The card was declined (402). */
  declined: 4,
  /** Not known yet (202): sync later. */
  unknownYet: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** A failure that is fully told by its message; nobody needs its stack. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: ExitCode;
  /** What may be done about it. */
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export function usageError(message: string, hint?: string): CliError {
  return new CliError(exitCodes.usage, message, hint);
}
