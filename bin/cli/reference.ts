/** `cards`, `openapi` and the hidden `docs`: what can be said without a server. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { generatedDocs, openApiDocument } from '../../core/wiring/docs.ts';
import { namedCards } from '../../core/wiring/test-cards.ts';
import { define, option, type Parent, type Session } from './define.ts';
import { exitCodes, usageError, type ExitCode } from './exit.ts';
import { table } from './render.ts';

export function addReference(parent: Parent): void {
  define(parent, {
    usage: 'cards',
    summary: 'The test cards of the simulator',
    examples: ['cards', 'pay --card insufficient-funds'],
    run: async (session) => {
      const rows = namedCards.map(({ name, number, brand, description, code }) => [
        name,
        number,
        brand,
        description,
        code ?? '',
      ]);
      const titles = ['NAME', 'NUMBER', 'BRAND', 'WHAT HAPPENS', 'CODE'];
      const text =
        table(
          titles.map((title) => ({ title })),
          rows,
        ) + '\nAny future date, any CVC. Either column goes with: pointsman pay --card\n';
      session.print({ object: 'list', data: namedCards, has_more: false }, text);
    },
  });
  define<{ output?: string }>(parent, {
    usage: 'openapi',
    summary: 'The OpenAPI 3.1 document of this version, without a server',
    options: [option('--output <file>', 'into a file instead of standard output')],
    examples: ['openapi --output openapi.json', 'openapi | less'],
    run: async (session, { output }) => {
      const text = `${JSON.stringify(openApiDocument(), null, 2)}\n`;
      if (output === undefined) return session.terminal.out(text);
      const file = resolve(session.terminal.cwd, output);
      write(file, text);
      session.print({ file }, `Wrote ${file}\n`);
    },
  });
  define<{ check?: boolean; output: string }>(parent, {
    usage: 'docs',
    summary: 'Write the generated pages: openapi.json, errors.md, states.md, capabilities.md',
    hidden: true,
    options: [
      option('--check', 'write nothing; exit 1 when a page differs'),
      option('--output <directory>', 'where they lie').default('docs'),
    ],
    examples: ['docs', 'docs --check'],
    run: writeDocs,
  });
}

async function writeDocs(
  session: Session,
  { check, output }: { check?: boolean; output: string },
): Promise<ExitCode> {
  const folder = resolve(session.terminal.cwd, output);
  const differing = Object.entries(generatedDocs()).filter(
    ([name, text]) => current(join(folder, name)) !== text,
  );
  if (!check) for (const [name, text] of differing) write(join(folder, name), text);
  const names = differing.map(([name]) => name);
  const verb = check ? 'Differs' : 'Wrote';
  const lines = names.map((name) => `${verb}: ${join(folder, name)}\n`).join('');
  session.print({ differing: names, written: !check }, lines || 'Up to date.\n');
  return check && names.length > 0 ? exitCodes.refused : exitCodes.done;
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw usageError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}
