/** From an id to the files of a new connector: templates with names filled in, nothing written. */
import { readdirSync, readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const templates = new URL('./template/', import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));

/** What stops the making of a connector, as a sentence for whoever asked for it. */
export class ScaffoldRefusal extends Error {
  override name = 'ScaffoldRefusal';
}

/**
 * Throws {@link ScaffoldRefusal} for an id that cannot be one. It is a folder's name, stored with
 * every account, and makes the names in the code.
 */
export function checkId(id: string, taken: readonly string[]): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id) || id.length > 30) {
    throw new ScaffoldRefusal(
      `"${id}" cannot be a connector's id: lower-case letters, digits and single hyphens, ` +
        'beginning with a letter, at most 30 characters. For example: acme-pay',
    );
  }
  if (taken.includes(id)) {
    throw new ScaffoldRefusal(
      `There is a connector "${id}" already. An id is for ever: choose another, or work on ` +
        `connectors/${id}.`,
    );
  }
}

/** `acme-pay` → `Acme Pay`, `AcmePay`, `acmePay`. */
export function namesOf(id: string): { name: string; pascal: string; camel: string } {
  const words = id.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const pascal = words.join('');
  return { name: words.join(' '), pascal, camel: pascal.charAt(0).toLowerCase() + pascal.slice(1) };
}

const secret = "secretText('Where the merchant finds it, and how it begins')";

export interface Wanted {
  readonly id: string;
  /** Where the folder will be, absolute. */
  readonly folder: string;
  readonly webhook: boolean;
}

const read = (name: string): string => readFileSync(new URL(name, templates), 'utf8');

/** File name → text. */
export function filesOf({ id, folder, webhook }: Wanted): Map<string, string> {
  const { name, pascal, camel } = namesOf(id);
  const kit = relative(folder, `${root}test/conformance/kit.ts`).split(sep).join('/');
  const blanks: Readonly<Record<string, string>> = {
    __WEBHOOK_IMPORT__: webhook ? "import { open } from './webhook.ts';" : '',
    __WEBHOOK_SAMPLE__: webhook ? read('webhook-sample.txt') : '',
    __WEBHOOK_SECRET__: webhook ? ", webhook_secret: 'kit_secret_bN4cK7pLw2'" : '',
    __WEBHOOK_STEP__: webhook
      ? '\n7. `webhook.ts`: how its news is signed, and which payment it is about.'
      : '',
    __WEBHOOK_SETTING__: webhook ? `webhook_secret: ${secret},` : '',
    __WEBHOOK__: webhook ? 'webhook: { open },' : '',
    __ID__: id,
    __NAME__: name,
    __Pascal__: pascal,
    __camel__: camel,
    __KIT__: kit.startsWith('.') ? kit : `./${kit}`,
  };
  const files = readdirSync(templates).filter((file) => /\.(ts|md)\.txt$/.test(file));
  return new Map(
    files
      .filter((file) => webhook || file !== 'webhook.ts.txt')
      .map((file) => [
        file.replace(/\.txt$/, ''),
        Object.entries(blanks).reduce(
          (text, [blank, fill]) => text.replaceAll(blank, fill),
          read(file),
        ),
      ]),
  );
}

/**
 * connectors/index.ts with one more line. Throws {@link ScaffoldRefusal} when the list is not of
 * the form it knows: better no line than one in the wrong place.
 */
export function withConnector(list: string, id: string): string {
  const { camel } = namesOf(id);
  const imports = [...list.matchAll(/^import \{ \w+ \} from '\.\/[^']+';$/gm)];
  const last = imports.at(-1);
  const entries = /(readonly AnyConnector\[\] = \[)([\s\S]*?)(,?\s*\];)/.exec(list);
  if (!last || !entries) {
    throw new ScaffoldRefusal('connectors/index.ts is not the list of imports it used to be.');
  }
  const line = `import { ${camel} } from './${id}/index.ts';`;
  return list
    .replace(entries[0], `${entries[1]}${entries[2]}, ${camel}];`)
    .replace(last[0], `${last[0]}\n${line}`);
}
