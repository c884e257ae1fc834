/** What survives: restarts, torn lines; what must never be on disk: card data. And the program. */
import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { testCards } from './cards.ts';
import { faultNames } from './faults.ts';
import { startProcessor, type Processor } from './server.ts';
import { chargeBody, SimulatorClient } from './spec-client.ts';

describe('card simulator: the ledger file', () => {
  let folder: string;
  let ledgerFile: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'card-simulator-'));
    ledgerFile = join(folder, 'deep', 'ledger.jsonl');
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((processor) => processor.close()));
    await rm(folder, { recursive: true });
  });

  const started: Processor[] = [];
  async function start(): Promise<Processor> {
    const processor = await startProcessor({ ledgerFile });
    started.push(processor);
    return processor;
  }

  it('has the line of every answer by the time it is given', async () => {
    const client = new SimulatorClient((await start()).url);
    for (let call = 0; call < 3; call += 1) {
      const { id } = (await client.post('/v1/charges', chargeBody())).body;
      expect(await readFile(ledgerFile, 'utf8')).to.contain(`"id":"${id}"`);
    }
  });

  it('survives a restart, a torn last line included', async () => {
    const first = await start();
    const client = new SimulatorClient(first.url);
    const body = chargeBody({ capture: false });
    const { id } = (await client.post('/v1/charges', body)).body;
    await client.post(`/v1/charges/${id}/captures`, { reference: 'op_cap', amount: 4_000 });
    const challenge = (await client.post('/v1/charges', chargeBody({}, '4000000000003220'))).body;
    await client.post('/v1/webhook_endpoints', { url: 'http://127.0.0.1:9/hook' });
    const before = (await client.get('/ledger')).body;
    await first.close();
    const whole = await readFile(ledgerFile, 'utf8');
    await appendFile(ledgerFile, whole.slice(0, 100));

    const second = await start();
    const again = new SimulatorClient(second.url);
    expect((await again.get('/ledger')).body).to.deep.equal(before);
    expect(await readFile(ledgerFile, 'utf8')).to.equal(whole);
    expect((await again.post('/v1/charges', body)).body).to.include({ id, replayed: true });
    const rest = { reference: 'op_rest', amount: 6_000 };
    const captured = await again.post(`/v1/charges/${id}/captures`, rest);
    expect(captured.body).to.include({ amount_captured: 10_000 });
    const { pathname } = new URL(challenge.next_action.url);
    expect((await again.send('POST', pathname, 'outcome=approve')).status).to.equal(200);
    expect((await again.get('/v1/webhook_endpoints')).body['data']).to.have.length(1);
    await second.close();
  });

  it('is refused when a line in the middle is damaged', async () => {
    const processor = await start();
    await new SimulatorClient(processor.url).post('/v1/charges', chargeBody());
    await processor.close();
    const text = await readFile(ledgerFile, 'utf8');
    await writeFile(ledgerFile, `${text}{"operation":\n${text}`);
    const failure = await start().catch((cause: unknown) => cause);
    expect(String(failure)).to.contain('cannot be read at byte');
  });

  it('never holds a card number, a CVC or a merchant’s key', async () => {
    const processor = await start();
    const client = new SimulatorClient(processor.url, 'sim_hush_hush');
    await Promise.all(
      testCards.map(({ number }) => {
        const card = { ...chargeBody({}, number).card, cvc: number.length === 15 ? '9876' : '987' };
        const metadata = { note: number };
        return client.post('/v1/charges', chargeBody({ card, metadata, description: number }));
      }),
    );
    await processor.close();
    const text = await readFile(ledgerFile, 'utf8');
    expect(text.trim().split('\n')).to.have.length(testCards.length);
    for (const { number, behaviour } of testCards) {
      expect(text, behaviour).not.to.contain(number);
    }
    expect(text).not.to.match(/cvc":|sim_hush/);
  });

  it('runs as a program that says where it listens and ends with its parent', async () => {
    const program = new URL(import.meta.url.replace('ledger-file.spec', 'main'));
    const args = process.execArgv.filter((arg) => !arg.startsWith('--inspect'));
    if (!args.some((arg) => arg.includes('tsx'))) args.push('--import', 'tsx', '-C', 'source');
    const child = spawn(
      process.execPath,
      [...args, fileURLToPath(program), '--port', '0', '--ledger', ledgerFile, '--with-parent'],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const [line] = await once(createInterface(child.stdout), 'line');
    const { event, url } = JSON.parse(String(line)) as { event: string; url: string };
    expect(event).to.equal('listening');
    const { body } = await new SimulatorClient(url).post('/v1/charges', chargeBody());
    expect(body).to.include({ status: 'captured' });
    child.stdin.end();
    const [code] = await once(child, 'exit');
    expect(code).to.equal(0);
    expect(await readFile(ledgerFile, 'utf8')).to.contain(body.id);
  });

  it('README lists every test card and every fault', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    for (const { number } of testCards) expect(readme).to.contain(number);
    for (const fault of faultNames) expect(readme).to.contain(`\`${fault}\``);
  });
});
