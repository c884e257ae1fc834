/**
 * `npm run new:connector acme-pay`: writes connectors/acme-pay and its line in connectors/index.ts.
 * What it writes compiles and understands no answer: the kit names what is left to write.
 *
 * `--into FOLDER` writes there and leaves the list alone; `--no-webhook` leaves out the webhook.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format } from 'prettier';
import { checkId, filesOf, ScaffoldRefusal, withConnector } from './scaffold.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const list = join(root, 'connectors/index.ts');
const usage = 'Usage: npm run new:connector <id> [-- --into FOLDER] [-- --no-webhook]';

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { into: { type: 'string' }, 'no-webhook': { type: 'boolean' } },
  });
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new ScaffoldRefusal(usage);
  const { into } = values;
  const folder = into === undefined ? join(root, 'connectors', id) : resolve(into);
  checkId(id, takenIds());
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new ScaffoldRefusal(`${relative(process.cwd(), folder)} is not empty.`);
  }
  const updated = into === undefined ? withConnector(readFileSync(list, 'utf8'), id) : undefined;
  const files = filesOf({ id, folder, webhook: values['no-webhook'] !== true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(folder, name), await tidied(name, text));
  if (updated !== undefined) writeFileSync(list, await tidied(list, updated));
  const spec = relative(process.cwd(), join(folder, 'conformance.spec.ts'));
  process.stdout.write(
    `Wrote ${files.size} files to ${relative(process.cwd(), folder)}.\n` +
      `It compiles and understands nothing yet. What is left to write, says: npx mocha ${spec}\n` +
      'How it is done, step by step: docs/connectors.md\n',
  );
}

function takenIds(): string[] {
  return readdirSync(join(root, 'connectors'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** Names differ in length, so where lines break is known only now. */
const tidied = (name: string, text: string): Promise<string> =>
  format(text, { filepath: name, printWidth: 100, singleQuote: true, trailingComma: 'all' });

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error;
  if (!(error instanceof ScaffoldRefusal) && !isUsage) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
