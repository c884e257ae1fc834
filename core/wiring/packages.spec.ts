/** Connectors from elsewhere: a real folder in node_modules, loaded, or refused with the reason. */
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectors } from '../../connectors/index.ts';
import { loadPackages, PackageRefused } from './packages.ts';

/** A whole connector in the words of a package that knows the sdk only by what it is handed. */
const source = (changes = '', more = '') => `
export const sdk = 1;
export default (sdk) => sdk.defineConnector({
  id: 'parcel-pay',
  name: 'Parcel Pay',
  settings: {
    type: 'object',
    additionalProperties: false,
    required: ['key'],
    properties: { key: sdk.secretText('The key') },
  },
  ref: { type: 'object', properties: { id: { type: 'string' } } },
  replayWindowMs: 0,
  sandboxOnly: false,
  methods: {
    card: {
      currencies: ['USD'],
      capture: ['automatic'],
      partialCapture: false,
      multipleCapture: false,
      refund: 'whole',
    },
  },
  operations: {
    authorize: async () => { throw new sdk.Fault('unreachable', 'it is a sample'); },
    sync: async () => 'not_found',
    ${more}
  },
  ${changes}
});
`;

describe('connector packages', () => {
  let folder: string;
  let count = 0;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'pointsman-packages-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A new name each time: a module is loaded once in a process. */
  function put(text: string, description: object = { exports: { '.': { import: './main.js' } } }) {
    count += 1;
    const name = `@parcel/pay-${count}`;
    const place = join(folder, 'node_modules', name);
    mkdirSync(place, { recursive: true });
    const facts = { name, type: 'module', ...description };
    writeFileSync(join(place, 'package.json'), JSON.stringify(facts));
    writeFileSync(join(place, 'main.js'), text);
    return name;
  }
  const load = (...names: string[]) =>
    loadPackages(names, [join(folder, 'deep', 'er')], connectors);

  async function refusal(...names: string[]): Promise<string> {
    try {
      await load(...names);
    } catch (error) {
      if (error instanceof PackageRefused) return error.message;
      throw error;
    }
    return expect.fail('it was loaded');
  }

  it('a package is found above the working directory, made and frozen', async () => {
    const [connector, ...more] = await load(put(source()));
    expect(more).to.deep.equal([]);
    expect(connector).to.include({ id: 'parcel-pay', name: 'Parcel Pay' });
    expect(Object.isFrozen(connector)).to.equal(true);
    expect(connector?.settings['properties' as never]).to.have.nested.property('key.writeOnly');
  });

  it('every common way of naming the entry is understood, and paths are', async () => {
    for (const description of [{ main: 'main.js' }, { main: './main' }, { exports: './main.js' }]) {
      expect(await load(put(source(), description))).to.have.length(1);
    }
    const name = put(source());
    const place = join(folder, 'node_modules', name);
    expect(
      await loadPackages([`./node_modules/${put(source())}/main.js`], [folder], []),
    ).to.have.length(1);
    expect(await load(place)).to.have.length(1);
  });

  it('what is not there is named, with the places it was looked for in', async () => {
    const message = await refusal('parcel-missing');
    expect(message).to.contain('connectors: "parcel-missing" was not found');
    expect(message).to.contain(folder);
    expect(await refusal('./parcel')).to.contain(join(folder, 'deep', 'er', 'parcel'));
  });

  it('another version of the sdk, or none, is refused by number', async () => {
    expect(await refusal(put(source().replace('sdk = 1', 'sdk = 2')))).to.match(
      /exports version 2 of the sdk as "sdk", and this switch has version 1$/,
    );
    expect(await refusal(put('export default () => ({});'))).to.contain('exports no version');
  });

  it('an id that is taken is refused, whoever has it', async () => {
    const ours = put(source().replace("'parcel-pay'", "'card-simulator'"));
    expect(await refusal(ours)).to.match(/"card-simulator", and so does a connector of ours$/);
    const [first, second] = [put(source()), put(source())];
    expect(await refusal(first, second)).to.contain(`and so does "${first}"`);
  });

  const broken: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['no function', 'export const sdk = 1; export default {};', /no function as its default/],
    ['code that does not parse', 'export const sdk = ;', /cannot be loaded from .*main\.js/],
    ['a maker that throws', source('...absent(),'), /failed to make its connector: absent/],
    ['no connector', 'export const sdk = 1; export default () => 7;', /it is no object/],
    ['an id in capitals', source("id: 'Parcel',"), /id must match pattern/],
    ['a fact of the wrong kind', source("replayWindowMs: '0',"), /replayWindowMs must be integer/],
    ['a method nobody knows', source('methods: { cheque: {} },'), /methods/],
    ['no sync', source('', 'sync: undefined,'), /operations\.sync is no function/],
    ['a misspelt operation', source('', 'refnd: async () => {},'), /"refnd" is no function of/],
    ['a misspelt part', source('webhooks: {},'), /"webhooks" is no part of a connector/],
    ['half a part', source('endpoint: { remove() {} },'), /endpoint\.register is no function/],
    [
      'a schema that is none',
      source("settings: { type: 'objekt' },"),
      /settings is no JSON Schema/,
    ],
  ];
  for (const [what, text, message] of broken) {
    it(`a package with ${what} is refused`, async () => {
      const name = put(text);
      const told = await refusal(name);
      expect(told).to.match(message);
      expect(told).to.contain(`connectors: "${name}"`);
    });
  }
});
