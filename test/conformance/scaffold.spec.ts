/** `npm run new:connector`: what it writes compiles, and the kit says what is left to write. */
import { expect } from 'chai';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { check } from 'prettier';
import { checkId, filesOf, withConnector } from '../../bin/scaffold/scaffold.ts';
import { compileFolder, makeFolder, root, runKit, runNode, type Run } from './newcomer.ts';

describe('npm run new:connector', () => {
  const place = makeFolder('scaffold');
  const folder = join(place, 'first-pay');
  let made: Run;

  const scaffold = (...args: string[]): Promise<Run> =>
    runNode('--conditions=source', '--import', 'tsx', 'bin/scaffold/main.ts', ...args);

  before(async () => {
    made = await scaffold('first-pay', '--into', folder);
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  it('writes a connector, its README and its spec, and says how to go on', () => {
    expect(made).to.include({ code: 0, err: '' });
    expect(made.out).to.include('conformance.spec.ts').and.include('docs/connectors.md');
    const files = 'README.md answers.ts authorize.ts calls.ts capture.ts conformance.spec.ts';
    expect(readdirSync(folder)).to.include.members([
      ...files.split(' '),
      ...'fields.ts index.ts refund.ts settings.ts spec-sample.ts sync.ts void.ts webhook.ts'.split(
        ' ',
      ),
    ]);
  });

  it('writes what compiles and is formatted as the tree is', async () => {
    expect(await compileFolder(folder)).to.equal('');
    const style = { printWidth: 100, singleQuote: true, trailingComma: 'all' } as const;
    for (const name of readdirSync(folder).filter((one) => !one.endsWith('.json'))) {
      const text = readFileSync(join(folder, name), 'utf8');
      expect(await check(text, { ...style, filepath: name }), name).to.equal(true);
      if (!name.endsWith('.ts')) continue;
      expect(text, name)
        .to.match(/^\/\*\*/)
        .and.not.match(/__\w+__|.{101}/);
    }
  });

  it('writes what fails the kit wherever an answer is not written yet, and nowhere else', async () => {
    const { passes, failures } = await runKit(folder);
    for (const [title, message] of failures) {
      expect(message, title).to.match(/^not written yet: /);
    }
    const failed = [...failures.keys()];
    for (const act of ['authorize by card', 'capture', 'void', 'refund']) {
      expect(failed).to.include(`${act}: a success is one, with the id and the amount`);
      expect(failed).to.include(`${act}: a decline is an outcome, not a fault`);
    }
    expect(failed).to.include(
      'sync of a refund: finds it by its id alone when the answer was lost',
    );
    expect(failed).to.include('webhook: a genuine delivery says what it is about');
    expect(failed).to.include('the literal: names the processor’s own hosts');
    expect(passes).to.include(
      'authorize by qris: not declared, so refused before anything is sent',
    );
    expect(passes.filter((title) => title.startsWith('the literal:'))).to.have.length(6);
  });

  it('leaves the webhook out when asked to', () => {
    const files = filesOf({ id: 'first-pay', folder, webhook: false });
    expect([...files.keys()]).not.to.include('webhook.ts');
    for (const name of ['index.ts', 'settings.ts', 'spec-sample.ts', 'README.md']) {
      expect(files.get(name), name).not.to.match(/webhook/i);
    }
  });

  it('adds one line to the list of connectors', () => {
    const list = readFileSync(join(root, 'connectors/index.ts'), 'utf8');
    const entriesIn = (text: string) => {
      const [, entries = ''] = /= \[\s*(cardSimulator,[^\]]*)\]/.exec(text) ?? [];
      return entries.split(',').flatMap((entry) => entry.trim() || []);
    };
    const importsIn = (text: string) =>
      text.split('\n').filter((line) => line.startsWith('import '));
    // The list on one line, and as it stands once it is too long for one.
    const broken = list.replace(/= \[([^\]]*)\]/, (_, names: string) => {
      const lines = names.split(',').flatMap((name) => name.trim() || []);
      return `= [\n${lines.map((name) => `  ${name},\n`).join('')}]`;
    });
    for (const text of [list, broken]) {
      const longer = withConnector(text, 'first-pay');
      const line = "import { firstPay } from './first-pay/index.ts';";
      expect(entriesIn(longer)).to.deep.equal([...entriesIn(text), 'firstPay']);
      expect(importsIn(longer)).to.deep.equal([...importsIn(text), line]);
    }
    expect(() => withConnector('export const connectors = none;', 'first-pay')).to.throw(/list/);
  });

  it('makes the folder and the line where the connectors are, once', async () => {
    // A tree with nothing in it but the list: the real one is not for tests to change.
    const tree = join(place, 'tree');
    cpSync(join(root, 'bin/scaffold'), join(tree, 'bin/scaffold'), { recursive: true });
    mkdirSync(join(tree, 'connectors'));
    const list = join(tree, 'connectors/index.ts');
    cpSync(join(root, 'connectors/index.ts'), list);
    const main = join(tree, 'bin/scaffold/main.ts');
    const first = await runNode('--import', 'tsx', main, 'first-pay');
    expect(first).to.include({ code: 0, err: '' });
    expect(readdirSync(join(tree, 'connectors/first-pay'))).to.include('index.ts');
    const sample = readFileSync(join(tree, 'connectors/first-pay/spec-sample.ts'), 'utf8');
    expect(sample).to.include("from '../../test/conformance/kit.ts'");
    const written = readFileSync(list, 'utf8');
    expect(written.match(/firstPay/g)).to.have.length(2);
    const again = await runNode('--import', 'tsx', main, 'first-pay');
    expect(again.code).to.equal(1);
    expect(again.err).to.match(/There is a connector "first-pay" already/);
    expect(readFileSync(list, 'utf8')).to.equal(written);
  });

  const bad: readonly [string, RegExp][] = [
    ['Acme', /cannot be a connector's id/],
    ['acme_pay', /cannot be a connector's id/],
    ['9pay', /cannot be a connector's id/],
    ['acme--pay', /cannot be a connector's id/],
    ['a'.repeat(31), /at most 30 characters/],
    ['../acme', /cannot be a connector's id/],
    ['card-simulator', /There is a connector "card-simulator" already/],
  ];
  for (const [id, reason] of bad) {
    it(`refuses ${id}`, () => {
      expect(() => checkId(id, ['card-simulator'])).to.throw(reason);
    });
  }

  it('refuses a full folder, a missing id and an unknown option, and writes nothing', async () => {
    const before = readFileSync(join(root, 'connectors/index.ts'), 'utf8');
    const full = await scaffold('second-pay', '--into', folder);
    expect(full.code).to.equal(1);
    expect(full.err).to.match(/is not empty/);
    expect(await scaffold()).to.include({ code: 1, out: '' });
    expect(await scaffold('second-pay', '--onto', place)).to.include({ code: 1, out: '' });
    expect(await scaffold('stripe')).to.include({ code: 1, out: '' });
    expect(readFileSync(join(root, 'connectors/index.ts'), 'utf8')).to.equal(before);
  });
});
