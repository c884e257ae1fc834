/**
 * The table in each dialect's README: every row of the checklist that names its document is there,
 * and what stands beside it exists – a conformance row, a test by its exact title, or the honest
 * word that it was not built.
 */
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { plugins } from '../../plugins/index.ts';
import { skipped } from '../support/skipped.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** Dialect → its document in the checklist. */
const documents = { payzpool: 'S0', 'card-gateway': 'S3', paypool: 'S4' } as const;

interface Row {
  readonly id: string;
  readonly proof: string;
}

/** The lines of a table whose first cell is a row's id. */
function rowsOf(markdown: string): Row[] {
  return markdown.split('\n').flatMap((line) => {
    const [, id, , proof] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
    return id !== undefined && /^[A-Z]{2}-\d\d$/.test(id) ? [{ id, proof: proof ?? '' }] : [];
  });
}

/** `S0–S4` and `all` name every document; `~` only says that something was left open. */
function names(cell: string, document: string): boolean {
  if (/\ball\b/.test(cell)) return true;
  const range = /S(\d)\u2013S(\d)/.exec(cell);
  const number = Number(document.slice(1));
  if (range) return Number(range[1]) <= number && number <= Number(range[2]);
  return cell.split(/\s+/).some((word) => word.replace('~', '') === document);
}

/** Why the proof is none; undefined when it stands. */
function objection({ id, proof }: Row, checked: ReadonlySet<string>): string | undefined {
  if (proof === 'conformance') {
    return checked.has(id) ? undefined : `${id}: there is no conformance row`;
  }
  if (/^not built: .{10,}/.test(proof)) return undefined;
  const [, file = '', title = ''] = /^`?([\w./-]+\.spec\.ts)`?: (.+)$/.exec(proof) ?? [];
  if (file === '') return `${id}: "${proof}" is neither a test nor a reason`;
  if (!existsSync(new URL(file, root))) return `${id}: there is no ${file}`;
  const text = read(file).replaceAll("\\'", "'");
  return text.includes(title) ? undefined : `${id}: ${file} has no test "${title}"`;
}

for (const [dialect, document] of Object.entries(documents)) {
  describe(`the table of ${dialect}`, () => {
    const plugin = plugins.find(({ id }) => id === dialect);
    const checked = new Set((plugin?.conformance?.rows ?? []).map(({ id }) => id));
    const table = rowsOf(read(`plugins/${dialect}/README.md`));

    it('names a test for every row, and each of them exists', () => {
      expect(table.length).to.be.greaterThan(20);
      expect(table.flatMap((row) => objection(row, checked) ?? [])).to.deep.equal([]);
    });

    it('has every conformance row', () => {
      const known = new Set(table.map(({ id }) => id));
      expect([...checked].filter((id) => !known.has(id))).to.deep.equal([]);
    });

    it('has every row of the checklist that names its document', function () {
      const checklist = new URL('../shared/conformance.md', root);
      if (!existsSync(checklist)) {
        skipped.set('The checklist against the tables', 'there is no ../shared/conformance.md');
        return this.skip();
      }
      const known = new Set(table.map(({ id }) => id));
      const wanted = readFileSync(checklist, 'utf8')
        .split('\n')
        .flatMap((line) => {
          const [, id = '', , seed = ''] = line.split('|').map((cell) => cell.trim());
          return /^[A-Z]{2}-\d\d$/.test(id) && names(seed, document) ? [id] : [];
        });
      expect(wanted.length).to.be.greaterThan(20);
      expect(wanted.filter((id) => !known.has(id))).to.deep.equal([]);
    });
  });
}

describe('a table', () => {
  it('is not believed where nothing is behind it', () => {
    const checked = new Set(['AU-01']);
    const told = (proof: string) => objection({ id: 'AU-01', proof }, checked);
    expect(told('conformance')).to.equal(undefined);
    expect(objection({ id: 'AU-02', proof: 'conformance' }, checked)).to.contain('AU-02');
    expect(told('')).to.contain('neither');
    expect(told('test/dialects/none.spec.ts: x')).to.contain('there is no');
    expect(
      told('test/dialects/table.spec.ts: is not believed where nothing is behind it'),
    ).to.equal(undefined);
    expect(told(`test/dialects/table.spec.ts: ${['never', 'written'].join(' ')}`)).to.contain(
      'no test',
    );
  });

  it('knows which rows name a document', () => {
    expect(names('S0 S4', 'S4')).to.equal(true);
    expect(names('S1 S3', 'S4')).to.equal(false);
    expect(names('all ~', 'S3')).to.equal(true);
    expect(names('S0\u2013S4', 'S3')).to.equal(true);
    expect(names('S3~', 'S3')).to.equal(true);
  });
});
