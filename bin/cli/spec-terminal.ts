/** A terminal for tests: what was printed, and what a person would answer. */
import { run } from './program.ts';
import type { ExitCode } from './exit.ts';

/** Parsed JSON whose fields a test names and compares. */
type Document = Record<string, ReturnType<typeof JSON.parse>>;

export interface Ran {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
  /** Standard output as the one JSON document it must be. */
  readonly document: Document;
}

export interface Surroundings {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** What is typed at the first question; without it nobody sits there. */
  readonly reply?: string;
  readonly stdin?: string;
}

export async function runCli(argv: readonly string[], around: Surroundings = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const exitCode = await run(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    env: around.env ?? {},
    cwd: around.cwd ?? process.cwd(),
    interactive: around.reply !== undefined,
    ask: async (question) => {
      err += question;
      return around.reply ?? '';
    },
    read: async () => around.stdin ?? '',
  });
  return {
    exitCode,
    out,
    err,
    get document() {
      return JSON.parse(out) as Document;
    },
  };
}
