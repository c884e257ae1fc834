/** Endpoints, deliveries and `listen`, against a real switch and a real receiver. */
import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { systemClock } from '../../core/base/clock.ts';
import { startTestSwitch, type TestSwitch } from '../../test/support/app.ts';
import { runCli } from './spec-terminal.ts';

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

describe('webhooks on the command line', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-cli-'));
  const received: Received[] = [];
  let app: TestSwitch;
  let receiver: Server;
  let url = '';

  before(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      request.on('end', () => {
        received.push({ headers: request.headers as Record<string, string>, body });
        response.end('thanks');
      });
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
    app = await startTestSwitch({ dataDir, url: undefined }, { clock: systemClock });
  });
  after(async () => {
    await app?.stop();
    receiver.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  beforeEach(() => {
    received.length = 0;
  });

  const cli = (line: string) => runCli([...line.split(' '), '--data', dataDir]);
  const json = async (line: string) => {
    const ran = await cli(`${line} --json`);
    expect(ran.exitCode, ran.out + ran.err).to.equal(0);
    return ran.document;
  };
  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const verified = ({ body, headers }: Received, secret: string) =>
    new Webhook(secret).verify(body, headers) as { id: string; type: string };

  it('makes an endpoint, pings it, rotates its secret, sends again, deletes it', async () => {
    const made = await json(`webhooks create ${url} --events customer.*,refund.*`);
    expect(made['events']).to.deep.equal(['customer.*', 'refund.*']);
    const ping = await json(`webhooks test ${made['id']}`);
    await until(() => received.length === 1);
    expect(verified(received[0]!, made['secret'])).to.include({ type: 'ping' });
    await until(async () => {
      const shown = await json(`webhooks delivery ${ping['id']}`);
      return shown['state'] === 'delivered';
    });
    const text = (await cli(`webhooks delivery ${ping['id']}`)).out;
    expect(text).to.include('Attempt 1').and.include('thanks').and.include('200');
    const rotated = await json(`webhooks rotate ${made['id']} --overlap 60`);
    expect(rotated['secret']).to.match(/^whsec_/);
    await json(`webhooks resend ${ping['id']}`);
    await until(() => received.length === 2);
    expect(verified(received[1]!, rotated['secret'])).to.include({ type: 'ping' });
    expect((await cli('webhooks list')).out)
      .to.include(made['id'])
      .and.include('customer.*');
    expect((await cli('webhooks deliveries')).out).to.include(ping['id']);
    const event = await json('trigger customer.created');
    await until(() => received.length === 3);
    await json(`events resend ${event['id']}`);
    await until(() => received.length === 4);
    expect(verified(received[3]!, rotated['secret'])).to.include({ id: event['id'] });
    const off = await json(`webhooks update ${made['id']} --disable`);
    expect(off).to.include({ status: 'disabled', disabled_reason: 'by_you' });
    expect((await json(`webhooks delete ${made['id']} --yes`))['deleted']).to.equal(true);
  });

  it('says how an endpoint is tried, and in which format', async () => {
    const plan = '--schedule 0,60 --expire-after 600 --jitter 20 --success 200';
    const made = await json(`webhooks create ${url} --signer hex-sha256 ${plan}`);
    expect(made).to.deep.include({ schedule_s: [0, 60], success: '200', signer: 'hex-sha256' });
    expect(made).to.include({ expire_after_s: 600, jitter_percent: 20 });
    const changed = await json(`webhooks update ${made['id']} --schedule 5`);
    expect(changed['schedule_s']).to.deep.equal([5]);
    const odd = await cli(`webhooks update ${made['id']} --schedule 0,soon`);
    expect(odd.exitCode).to.equal(2);
    await cli(`webhooks delete ${made['id']} --yes`);
  });

  it('names the format of what goes to a payment’s own URL', async () => {
    const told = `--webhook-url ${url} --webhook-signer hex-sha512`;
    const paid = await json(`pay ${told}`);
    expect(paid).to.include({ webhook_url: url, webhook_signer: 'hex-sha512' });
    await until(() => received.length > 0);
    expect(received[0]?.headers).to.have.property('x-webhook-signature-512');
  });

  it('shows what processors told, and looks at it again', async () => {
    await json('trigger dispute.opened');
    const [first] = (await json('webhooks incoming list --state applied'))['data'];
    expect(first).to.include({ object: 'incoming_webhook' });
    expect((await cli('webhooks incoming list')).out).to.include(first.id);
    const shown = await json(`webhooks incoming show ${first.id}`);
    expect(JSON.parse(shown['body'])).to.include({ type: first.type });
    const none = await json('webhooks incoming list --to 2020-01-01');
    expect(none['data']).to.deep.equal([]);
    const again = await json(`webhooks incoming replay ${first.id}`);
    expect(again).to.include({ id: first.id, state: 'waiting' });
  });

  it('sends an event to an endpoint that never got it', async () => {
    const event = await json('trigger customer.created');
    const { id } = await json(`webhooks create ${url}`);
    await json(`events resend ${event['id']} --endpoint ${id}`);
    await until(() => received.length > 0);
    expect(JSON.parse(received[0]?.body ?? '{}')).to.include({ id: event['id'] });
    const alone = await cli(`events resend evt_${'0'.repeat(26)}`);
    expect(alone.exitCode).to.equal(1);
    await cli(`webhooks delete ${id} --yes`);
  });

  it('forwards what happens to a local address, signed, in order', async () => {
    const heard = cli(`listen --forward-to ${url} --count 3 --events payment.*`);
    await until(async () => {
      // What happened before it listened is not its business: pay until something arrives.
      if (received.length === 0) await cli('pay');
      return received.length > 0;
    });
    if (received.length < 3) await cli('pay');
    const ran = await heard;
    expect(ran.exitCode, ran.err).to.equal(0);
    expect(ran.out.split('\n').filter((line) => line.includes('→ 200'))).to.have.length(3);
    const types = received
      .slice(0, 3)
      .map((one) => verified(one, app.credentials.webhook_secret).type);
    expect(types).to.include.members(['payment.created', 'payment.captured']);
    expect(ran.err).to.include(`Forwarding to ${url}`);
  }).timeout(20_000);
});
