/**
 * The documentation, held against the tree: links lead somewhere, commands and codes exist, every
 * dependency has its reason, and the snippets of the API guide run as they stand.
 */
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { createProgram } from '../bin/cli/program.ts';
import { processTerminal } from '../bin/cli/terminal.ts';
import { problemCodes } from '../core/sdk/problem.ts';
import { startTestSwitch, type TestSwitch } from './support/app.ts';
import { skipped } from './support/skipped.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const notOurs = new Set(['.git', 'node_modules', 'dist', 'data', 'coverage', 'test-output']);

/** Every Markdown page, relative to the root, with slashes. */
function pages(folder = '.'): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

interface Fence {
  /** The word after the opening line. */
  readonly language: string;
  readonly code: string;
  /** The heading it stands under. */
  readonly heading: string;
}

/** Blocks between ``` lines. */
function fences(text: string): Fence[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = '', code = ''] = match;
    const above = withoutFences(text.slice(0, match.index));
    const heading = [...above.matchAll(/^#+ +(.+)$/gm)].at(-1)?.[1] ?? '';
    return { language, code, heading };
  });
}

const withoutFences = (text: string) => text.replace(/^```\w*\n[\s\S]*?^```$/gm, '');

/** What stands in code, in a line or in a block: where a command is meant to be typed. */
function codeIn(text: string): string {
  const inline = [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  return [...inline, ...fences(text).map(({ code }) => code)].join('\n');
}

/** The anchors of a page: its headings as the code host spells them, and ids written by hand. */
function anchors(text: string): Set<string> {
  const headings = [...withoutFences(text).matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
  return new Set([...headings, ...[...text.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id)]);
}

/** One sentence for each link of the page that leads nowhere. */
function deadLinks(page: string, text: string): string[] {
  const links = [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? page : posix.join(dirname(page), path);
    if (!existsSync(join(root, target))) return [`${page}: ${link} is not there.`];
    if (anchor === undefined || !target.endsWith('.md')) return [];
    return anchors(read(target)).has(anchor) ? [] : [`${page}: ${link} has no such heading.`];
  });
}

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;

/** `npm run bench` → `bench`, `npm start` → `start`: what package.json has to have. */
function scriptsNamed(text: string): string[] {
  const found = [...codeIn(text).matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g)];
  return found.map(([, script, short]) => String(script ?? short));
}

/** `npx pointsman keys create Owner` → `keys create`: words that have to be commands. */
function unknownCommands(text: string, program: Command): string[] {
  return [...codeIn(text).matchAll(/\bnpx pointsman ([a-z]+)(?: ([a-z]+))?/g)].flatMap(
    ([said, first, second]) => {
      const command = program.commands.find((one) => one.name() === first);
      if (!command) return [said];
      const isGroup = command.commands.length > 0 && second !== undefined;
      return isGroup && !command.commands.some((one) => one.name() === second) ? [said] : [];
    },
  );
}

describe('the documentation', () => {
  it('has no link that leads nowhere', () => {
    const all = pages();
    expect(all).to.include.members(['README.md', 'docs/ARCHITECTURE.md', 'docs/api-guide.md']);
    expect(all.flatMap((page) => deadLinks(page, read(page)))).to.deep.equal([]);
    expect(deadLinks('README.md', '[a](docs/none.md) [b](#none) [c](LICENSE)')).to.have.length(2);
  });

  it('names npm scripts that exist', () => {
    const named = pages().flatMap((page) =>
      scriptsNamed(read(page)).map((script) => `${page}: npm run ${script}`),
    );
    expect(named).not.to.have.length(0);
    const missing = named.filter(
      (one) => manifest.scripts[one.split(' ').at(-1) ?? ''] === undefined,
    );
    expect([...new Set(missing)]).to.deep.equal([]);
  });

  it('names commands of the command line that exist', () => {
    const program = createProgram(processTerminal(), { exitCode: 0 }, false);
    const wrong = pages().flatMap((page) =>
      unknownCommands(read(page), program).map((said) => `${page}: ${said}`),
    );
    expect(wrong).to.deep.equal([]);
    const slips = '`npx pointsman keys crate` `npx pointsman srve` `npx pointsman keys create`';
    expect(unknownCommands(slips, program)).to.have.length(2);
  });

  it('lists the errors of the catalogue, all of them and no other', () => {
    const listed = [...read('docs/errors.md').matchAll(/^\| .*?`([a-z_]+)` /gm)].map(
      ([, code]) => code,
    );
    expect(listed).to.have.members([...problemCodes]);
  });

  it('gives every dependency its reason', () => {
    const listed = [...read('docs/DEPENDENCIES.md').matchAll(/^\| `([^`]+)`/gm)].map(
      ([, name]) => name,
    );
    const types = (name: string) => name.startsWith('@types/');
    const wanted = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(listed).to.have.members(wanted.filter((name) => !types(name)));
  });

  it('keeps decision records to one page each, numbered without gaps', () => {
    const records = readdirSync(join(root, 'docs/adr')).filter((name) => name.endsWith('.md'));
    const numbers = records.map((name) => Number(name.slice(0, 4))).toSorted((a, b) => a - b);
    expect(numbers).to.deep.equal(numbers.map((_, at) => at + 1));
    for (const name of records) {
      expect(read(`docs/adr/${name}`).trimEnd().split('\n').length, name).to.be.at.most(40);
    }
  });
});

/** `# → 402 payment_declined later`: the status, and words of the answer, quotes around each. */
function expectationsOf(code: string): { statuses: number[]; words: string[] } {
  const lines = [...code.matchAll(/^# → (\d{3})(.*)$/gm)];
  return {
    statuses: lines.map(([, status]) => Number(status)),
    words: lines.flatMap(([, , words = '']) => words.split(' ').filter((word) => word !== '')),
  };
}

const statusesIn = (output: string) =>
  [...output.matchAll(/HTTP(?:\/1\.1)? (\d{3})\b/g)].map(([, status]) => Number(status));

function hasProgram(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(name, ['--version'], (error) => resolve(error?.code !== 'ENOENT'));
  });
}

describe('the API guide', () => {
  const snippets = fences(read('docs/api-guide.md')).filter(({ language }) => language === 'sh');
  const place = mkdtempSync(join(tmpdir(), 'pointsman-docs-'));
  let app: TestSwitch | undefined;
  let outputs: string[] = [];

  before(async function () {
    if (process.platform === 'win32' || !(await hasProgram('curl'))) {
      skipped.set('API guide', 'its snippets need sh and curl');
      this.skip();
    }
    app = await startTestSwitch({ dataDir: place, url: undefined }, { jobs: false });
    outputs = await runAll(app);
  });

  after(async () => {
    await app?.stop();
    rmSync(place, { recursive: true, force: true });
  });

  /** One shell for all snippets, as a reader has one terminal; what each printed, in order. */
  function runAll({ url, credentials }: TestSwitch): Promise<string[]> {
    const mark = '@@ next snippet @@';
    const script = snippets.map(({ code }) => `echo '${mark}'\n${code}`).join('\n');
    const env = {
      PATH: process.env['PATH'],
      BASE_URL: url,
      SECRET_KEY: credentials.secret_key,
      PUBLIC_KEY: credentials.public_key,
      ADMIN_KEY: credentials.admin_key,
    };
    return new Promise((resolve, reject) => {
      execFile('sh', ['-euc', `exec 2>&1\n${script}`], { cwd: place, env }, (error, stdout) => {
        const printed = stdout.split(`${mark}\n`).slice(1);
        const last = `${snippets[printed.length - 1]?.code ?? ''}\n${printed.at(-1) ?? ''}`;
        if (error) reject(new Error(`a snippet ended with ${error.code}:\n${last}`));
        else resolve(printed);
      });
    });
  }

  it('expects something of most snippets', () => {
    expect(snippets.length).to.be.greaterThan(15);
    const expecting = snippets.filter(({ code }) => expectationsOf(code).statuses.length > 0);
    expect(expecting.length).to.be.at.least(snippets.length - 1);
  });

  for (const [at, { code, heading }] of snippets.entries()) {
    const { statuses, words } = expectationsOf(code);
    it(`tells the truth in snippet ${at + 1}, under “${heading}”`, () => {
      const output = outputs[at] ?? '';
      expect(statusesIn(output), output).to.deep.equal(statuses);
      for (const word of words) expect(output).to.contain(`"${word}"`);
    });
  }
});
