/** `dialects check`, against a switch that keeps its promises and a server that keeps none. */
import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSwitch, type TestSwitch } from '../../test/support/app.ts';
import { runCli } from './spec-terminal.ts';

interface Row {
  readonly id: string;
  readonly outcome: string;
  readonly told?: string;
}

describe('dialects on the command line', () => {
  let dataDir: string;
  let app: TestSwitch;
  let yesSayer: Server;

  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'pointsman-test-'));
    app = await startTestSwitch({ dataDir, url: undefined });
    yesSayer = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    }).listen(0, '127.0.0.1');
    await once(yesSayer, 'listening');
  });
  after(async () => {
    yesSayer.closeAllConnections();
    yesSayer.close();
    await (app as TestSwitch | undefined)?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const dialects = (...argv: string[]) => runCli(['--data', dataDir, 'dialects', ...argv]);

  it('lists them, with where they begin', async () => {
    const { out, exitCode } = await dialects('list');
    expect(exitCode).to.equal(0);
    for (const id of ['payzpool', 'card-gateway', 'paypool']) {
      expect(out).to.match(new RegExp(`^${id} +/${id} +\\d+ rows`, 'm'));
    }
  });

  for (const [id, row] of [
    ['payzpool', 'AU-01'],
    ['card-gateway', 'AU-04'],
    ['paypool', 'AU-06'],
  ] as const) {
    it(`sees ${id} keep ${row}, with the keys of the data directory`, async () => {
      const kept = await dialects('check', id, '--row', row);
      expect(kept.out).to.match(new RegExp(`^ok +${row} .+\\n1 held, 0 broken, 0 not checked\\n$`));
      expect(kept.exitCode).to.equal(0);
    });

    it(`sees a server that says yes to everything break ${row}`, async () => {
      const { port } = yesSayer.address() as AddressInfo;
      const url = `http://127.0.0.1:${port}/`;
      const broken = await dialects('check', id, '--base-url', url, '--row', row, '--json');
      expect(broken.exitCode).to.equal(1);
      const [told] = broken.document['rows'] as Row[];
      expect(told).to.include({ id: row, outcome: 'broken' });
      expect(told?.told).to.contain('expected');
    });
  }

  it('says of rows that look behind a strange server that they were not checked', async () => {
    const { port } = yesSayer.address() as AddressInfo;
    const at = ['--base-url', `http://127.0.0.1:${port}`];
    const { document } = await dialects('check', 'paypool', ...at, '--json');
    const rows = document['rows'] as Row[];
    const unchecked = rows.filter(({ outcome }) => outcome === 'unchecked');
    expect(unchecked.length).to.be.greaterThan(0);
    for (const { told } of unchecked) expect(told).to.match(/^needs /);
    const held = rows.filter(({ outcome }) => outcome === 'held').map((row) => row.id);
    expect(held, 'rows that a server passes by saying yes to everything').to.deep.equal([]);
  }).timeout(60_000);

  it('names the dialects and rows there are when it is asked for others', async () => {
    const other = await dialects('check', 'acme');
    expect(other.exitCode).to.equal(2);
    expect(other.err).to.contain('payzpool');
    const row = await dialects('check', 'payzpool', '--row', 'ZZ-99');
    expect(row.exitCode).to.equal(2);
    expect(row.err).to.contain('ZZ-99');
  });
});
