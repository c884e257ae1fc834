/** The rules of docs/STYLE.md that a machine can check and the linter does not. */
import { expect } from 'chai';
import { codeOnly, sourceFiles, withoutStrings, type SourceFile } from './support/tree.ts';

const longestLine = 100;
const longestFile = 300;

/** Files that may be longer, each with the reason why it reads better whole. */
const longFiles: Readonly<Record<string, string>> = {
  'config/findings.spec.ts': 'one table: broken configurations and what is said of each',
  'test/api/access.spec.ts': 'one table: every route with what it guards',
  'core/outbound/axios-port.spec.ts': 'every case needs the same server that misbehaves',
};

/** Rule → what breaks it in a file's code, comments and strings taken out. */
const never: Readonly<Record<string, RegExp>> = {
  'no any: unknown is checked before use':
    /(?:[:<,|&=(]|\bas\b|\bextends\b)\s*any\b(?!\s*[:(.?'=])/,
  'no default export: a name can be searched for': /\bexport\s+default\b|\bas\s+default\b/,
  'no .only: the other tests would not run': /\b(?:describe|context|it)\.only\b/,
  'no .skip: say why in test/support/skipped.ts': /\b(?:x?describe|x?context|x?it)\.skip\b/,
  'no empty catch: say what is ignored, or let it rise': /\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}/,
  'no empty catch: say what is ignored, or let it pass': /\.catch\(\s*\(\w*\)\s*=>\s*\{\s*\}\s*\)/,
};

/** One sentence for each breach. */
function breaches(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n');
    const found: string[] = [];
    // A sentence for a reader stays in one piece, however long: so that it can be searched for.
    const withoutSentences = withoutStrings(text).trimEnd().split('\n');
    withoutSentences.forEach((line, at) => {
      if (line.length > longestLine) found.push(`line ${at + 1} is longer than ${longestLine}`);
    });
    if (lines.length > longestFile && longFiles[path] === undefined) {
      found.push(`${lines.length} lines, more than ${longestFile}`);
    }
    const code = codeOnly(text);
    for (const [rule, breach] of Object.entries(never)) if (breach.test(code)) found.push(rule);
    if (/\b(?:TO\x44O|FIX\x4dE)\b/.test(text)) found.push('no notes to self: do it or file it');
    if (path.endsWith('.ts') && !/^(?:#!.*\n)?\/\*\*/.test(text)) {
      found.push('open with a /** comment that says what the file is for');
    }
    return found.map((what) => `${path}: ${what}.`);
  });
}

describe('the tree', () => {
  it('keeps to the style that can be checked', () => {
    const files = sourceFiles();
    expect(files.length, 'files read').to.be.greaterThan(20);
    expect(breaches(files)).to.deep.equal([]);
  });

  const opening = '/** What it is for. */\n';
  const bad: Readonly<Record<string, string>> = {
    'a long line': `${opening}const a = ${'x'.repeat(100)};`,
    'a long comment': `${opening}// ${'x'.repeat(100)}`,
    'a long file': `${opening}${'a();\n'.repeat(300)}`,
    'any as a type': `${opening}let a: any;`,
    'any as a cast': `${opening}f(b as any);`,
    'any as an argument': `${opening}const a = new Map<string, any>();`,
    'a default export': `${opening}export default 1;`,
    'a lonely test': `${opening}it.only('a', f);`,
    'a skipped test': `${opening}describe.skip('a', f);`,
    'a swallowed error': `${opening}try { a(); } catch (error) {\n}`,
    'a swallowed rejection': `${opening}a().catch(() => {});`,
    'a note to self': `${opening}// ${['TO', 'DO later'].join('')}`,
    'no opening comment': 'export const a = 1;',
  };
  for (const [what, text] of Object.entries(bad)) {
    it(`notices ${what}`, () => {
      expect(breaches([{ path: 'core/base/sample.ts', text }])).to.have.length(1);
    });
  }

  it('minds code only, not words', () => {
    const text = `${opening}f('as any'); // : any\nconst list = { any: 1 }; Promise.any([]);`;
    expect(breaches([{ path: 'core/base/sample.ts', text }])).to.deep.equal([]);
  });
});
