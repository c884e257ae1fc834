/** The scan for card data finds what it is for: it would be easy to find nothing. */
import { expect } from 'chai';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { insert } from '../../core/storage/index.ts';
import { call, startTestSwitch } from './app.ts';
import { cardScan, scanDatabase, scanText } from './card-scan.ts';
import { describeOnEachDatabase, openPlace, removeAll } from './databases.ts';
import { pieceBytes, scanFiles } from './leftovers.ts';
import { openStore } from './storage.ts';

const number = '4242424242424242';

describe('the scan for card data', () => {
  const hits = (text: string) => scanText('here', text);

  it('finds a number plain, in groups, and encoded', () => {
    for (const text of [
      number,
      `"number":"${number}"`,
      'card 4242 4242-4242 4242 of Jane',
      Buffer.from(number).toString('hex'),
      ...['', 'x', 'xx', '{"number":"'].map((before) =>
        Buffer.from(`${before}${number}"}`).toString('base64'),
      ),
    ]) {
      expect(hits(text), text).to.deep.equal(['here: …4242']);
    }
  });

  it('finds a CVC by the name of its field, at any depth of quoting', () => {
    for (const text of ['{"cvc":"123"}', '{\\"cvc\\":\\"123\\"}', 'cvc=1234&x=1', "cvv: '123'"]) {
      expect(hits(text), text).to.deep.equal(['here: a CVC']);
    }
  });

  it('lets pass what may be there', () => {
    const fine = '{"bin":"424242","last4":"4242","cvc_check":"M","cvc":null,"amount":4242424242}';
    expect(hits(fine)).to.deep.equal([]);
  });

  it('reads long files in pieces, and misses nothing between two of them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pointsman-test-'));
    try {
      for (const before of [0, pieceBytes - 8, pieceBytes, 2 * pieceBytes - 300]) {
        writeFileSync(join(folder, 'long'), `${' '.repeat(before)}${number}${' '.repeat(9)}`);
        expect(scanFiles(folder), String(before)).to.deep.equal(['long: …4242']);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('looks through lines and texts, and says where', async () => {
    const db = { dialect: 'sqlite', knex: { raw: () => '' }, rows: async () => [] };
    const found = await cardScan({
      db: db as never,
      lines: ['fine', number],
      texts: { 'page source': 'cvc=123' },
    });
    expect(found).to.deep.equal(['log line 1: …4242', 'page source: a CVC']);
  });
});

describeOnEachDatabase('the scan for card data of a database', ({ name }) => {
  const at = '2026-11-21T10:00:00.000Z';
  const stamps = { created_at: at, updated_at: at, version: 1 };
  const merchant = (text: string) =>
    insert('merchants', { id: 'mer_1', name: text, mode: 'sandbox', ...stamps });

  it('reaches every table, and fails the suite that has left a number behind', async () => {
    const opened = await openPlace(name);
    const db = await openStore(opened.place);
    expect(await scanDatabase(db)).to.deep.equal([]);
    await db.commit([merchant(`card ${number}`)]);
    expect(await scanDatabase(db)).to.deep.equal(['merchants.name: …4242']);
    await db.close();
    const left = name === 'sqlite' ? 'pointsman.db' : 'merchants';
    expect(await failureOf(removeAll([opened]))).to.equal(
      `Error: card data was left behind in ${left}: …4242`,
    );
    expect(existsSync(opened.place.dataDir)).to.equal(false);
  });

  it('finds a CVC in the JSON of a row, and bytes that are a number', async () => {
    const opened = await openPlace(name);
    const hex = Buffer.from(number).toString('hex');
    const [type, bytes] = name === 'sqlite' ? ['blob', `x'${hex}'`] : ['bytea', `'\\x${hex}'`];
    const pragmas = [`create table notes (text ${type})`, `insert into notes values (${bytes})`];
    const db = await openStore(opened.place, { pragmas });
    await db.commit([merchant(JSON.stringify({ deep: JSON.stringify({ cvc: '123' }) }))]);
    await db.close();
    const failure = await failureOf(removeAll([opened]));
    for (const part of ['…4242', 'a CVC']) expect(failure).to.contain(part);
  });

  it('stops a switch that has logged a number, or written one into a file', async () => {
    const opened = await openPlace(name);
    const app = await startTestSwitch(opened.place);
    app.lines.push(`{"event":"paid","card":"${number}"}`);
    mkdirSync(join(opened.place.dataDir, 'outbox'));
    writeFileSync(join(opened.place.dataDir, 'outbox', 'mail.txt'), 'your code: cvc=123');
    const failure = await failureOf(app.stop());
    expect(failure).to.match(/left behind in log line \d+: …4242; outbox.mail\.txt: a CVC$/);
    await failureOf(removeAll([opened]));
  });
});

describe('the scan for card data of answers and pages', () => {
  it('fails a test whose answer shows a number', async () => {
    const server = createServer((_request, response) => response.end(`you paid with ${number}`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const failure = await failureOf(call(`http://127.0.0.1:${port}`, 'key', '/receipt'));
    server.closeAllConnections();
    server.close();
    expect(failure).to.contain('left behind in the answer to /receipt: …4242');
  });
});

const failureOf = (act: Promise<unknown>): Promise<string> =>
  act.then(() => 'nothing failed', String);
