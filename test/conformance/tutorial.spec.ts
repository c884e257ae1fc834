/** docs/connectors.md, followed to the letter: its files compile, and the kit finds them right. */
import { expect } from 'chai';
import { createHmac } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '#sdk';
import { loadPackages } from '../../core/wiring/packages.ts';
import { processorNames, violations } from '../support/import-rules.ts';
import { importsOf, sourceFiles } from '../support/tree.ts';
import { acmePaySample } from './acme-pay/spec-sample.ts';
import { alternativesIn, type Base64, type MinorUnits, type Parts } from './alternatives.ts';
import { casesOf, type Sample } from './kit.ts';
import { compileFolder, makeFolder, root, runKit } from './newcomer.ts';

/** Each block under a line that is a path: `connectors/acme-pay/index.ts` and the like. */
function filesIn(page: string): Map<string, string> {
  const blocks = page.matchAll(
    /^`([\w./-]+\.(?:ts|js|json))`\n\n```(?:ts|js|json)\n([\s\S]*?)^```$/gm,
  );
  return new Map([...blocks].map(([, path = '', code = '']) => [path, code]));
}

const { hosts, ref, places, spell, sync, refused, authorize } = acmePaySample;

/** The package takes cards, and does no more than that. */
const packagedSample: Sample<unknown, unknown> = {
  settings: { api_key: 'ak_test_5hT2mQx8Rv' },
  hosts,
  ref,
  places,
  spell,
  sync,
  refused,
  authorize: {
    card: {
      succeeds: 'never',
      declines: 'never',
      ...authorize.card,
      pends: (command, request) => {
        const answer = authorize.card?.succeeds;
        const { body } = answer === 'never' || !answer ? { body: {} } : answer(command, request);
        return { body: { ...(body as JsonObject), status: 'processing' } };
      },
    },
  },
};

describe('the tutorial about connectors', () => {
  const page = readFileSync(join(root, 'docs/connectors.md'), 'utf8');
  const files = filesIn(page);
  const check = 'connectors/acme-pay/check.ts';
  const connector = [...files].filter(
    ([path]) => path.startsWith('connectors/acme-pay/') && path !== check,
  );
  const nameOf = (path: string) => path.split('/').at(-1) ?? '';
  // As deep in the tree as connectors/acme-pay is, so that its imports lead to the same places.
  const folder = makeFolder('tutorial');

  before(() => {
    for (const [path, code] of connector) writeFileSync(join(folder, nameOf(path)), code);
    writeFileSync(join(folder, 'check.ts'), files.get(check) ?? '');
    const alternatives = alternativesIn(page, files.get('connectors/acme-pay/fields.ts') ?? '');
    for (const [name, code] of alternatives) writeFileSync(join(folder, name), code);
    const script = files.get('data/acme-sandbox.ts') ?? '';
    mkdirSync(join(folder, 'scratch'));
    const moved = script
      .replace('../connectors/acme-pay/', '../')
      .replace('../core/', '../../../core/');
    writeFileSync(join(folder, 'scratch/sandbox.ts'), moved);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('shows every file of the connector, as it stands in test/conformance/acme-pay', () => {
    const kept = join(root, 'test/conformance/acme-pay');
    const names = connector.map(([path]) => nameOf(path));
    expect(names).to.have.members(readdirSync(kept));
    for (const [path, code] of connector) {
      const theirs = readFileSync(join(kept, nameOf(path)), 'utf8');
      expect(code.replace('../../test/conformance/kit.ts', '../kit.ts'), path).to.equal(theirs);
    }
  });

  it('keeps to the rules about imports, with the id it uses', () => {
    const imports = [...connector, [check, files.get(check) ?? ''] as const];
    expect(
      violations(imports.map(([path, code]) => ({ path, imports: importsOf(code) }))),
    ).to.deep.equal([]);
    expect(processorNames(sourceFiles(), ['acme-pay'])).to.deep.equal([]);
  });

  it('builds a connector of fewer than 400 lines', () => {
    const own = connector.filter(([path]) => !/sample|spec/.test(path));
    const lines = own.flatMap(([, code]) => code.trimEnd().split('\n'));
    expect(lines).to.have.length.within(200, 399);
  });

  it('compiles, the script for the sandbox included', async () => {
    expect(await compileFolder(folder)).to.equal('');
  });

  // Its sdk may be another copy than ours: errors are known by their names here.
  const load = async <T>(name: string) => (await import(join(folder, name))) as T;

  it('shows a check of the credentials that the kit finds right', async () => {
    const { passes, failures } = await runKit(folder, 'check.spec.ts');
    expect([...failures.entries()]).to.deep.equal([]);
    expect(passes.filter((title) => title.startsWith('check:'))).to.have.length.at.least(20);
  });

  it('shows answers in another envelope, and amounts that are whole minor units', async () => {
    const { sync: envelope } = await load<Parts>('parts.ts');
    expect(envelope.found({ id: 'pay_1' }).body).to.have.nested.property('data[0].id', 'pay_1');
    expect(envelope.absent().body).to.deep.equal({ data: [] });
    const { moneyOf } = await load<MinorUnits>('minor-units.ts');
    expect(moneyOf({ amount: 0, currency: 'JPY' })).to.deep.equal({ amount: 0, currency: 'JPY' });
    for (const amount of [undefined, null, '1050', 10.5, -1, NaN, 2 ** 53]) {
      expect(() => moneyOf({ amount, currency: 'USD' }), String(amount))
        .to.throw()
        .with.property('name', 'Fault');
    }
  });

  it('shows a comparison of base64 that forgives nothing', async () => {
    const { verify } = await load<Base64>('base64.ts');
    const mac = createHmac('sha256', 'ws').update('{}').digest('base64');
    verify('ws', '{}', mac);
    // The first three decode to the same bytes; the last has as many letters, and more bytes.
    const forged = [mac.slice(0, -1), ` ${mac}`, `${mac}=`, '', mac.replace(/^./, 'é')];
    for (const header of forged) {
      expect(() => verify('ws', '{}', header), header)
        .to.throw()
        .with.property('name', 'WebhookRefusal');
    }
  });

  it('shows a package that the switch loads and the kit finds right', async () => {
    const place = join(folder, 'acme-pay-connector');
    mkdirSync(place);
    for (const name of ['package.json', 'index.js']) {
      writeFileSync(join(place, name), files.get(`acme-pay-connector/${name}`) ?? '');
    }
    const [packaged] = await loadPackages([place], [folder], []);
    if (!packaged) throw new Error('nothing was loaded');
    const failures: string[] = [];
    for (const { title, run } of casesOf(packaged, packagedSample)) {
      await run().catch((error: unknown) => failures.push(`${title}: ${String(error)}`));
    }
    expect(failures).to.deep.equal([]);
  });

  it('ends with a green kit', async () => {
    const { passes, failures } = await runKit(folder);
    expect([...failures.entries()]).to.deep.equal([]);
    expect(passes).to.have.length.at.least(200);
  });
});
