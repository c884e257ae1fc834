/** Every command that speaks to a server, once and more, against a real switch. */
import { expect } from 'chai';
import { rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestSwitch, type TestSwitch } from '../../test/support/app.ts';
import { runCli, type Ran, type Surroundings } from './spec-terminal.ts';

describe('the command line, against a running switch', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'pointsman-cli-'));
  let app: TestSwitch;

  before(async () => {
    app = await startTestSwitch({ dataDir, url: undefined });
  });
  after(async () => {
    await app.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const cli = (line: string | readonly string[], around: Surroundings = {}): Promise<Ran> =>
    runCli([...(typeof line === 'string' ? line.split(' ') : line), '--data', dataDir], around);
  const json = async (line: string | readonly string[], exitCode = 0) => {
    const ran = await cli([...(typeof line === 'string' ? line.split(' ') : line), '--json']);
    expect(ran.exitCode, ran.out + ran.err).to.equal(exitCode);
    expect(ran.err, 'with --json stderr stays empty').to.equal('');
    return ran.document;
  };

  it('charges the good card when nothing else is said', async () => {
    const { exitCode, out, err } = await cli('pay');
    expect(exitCode, err).to.equal(0);
    expect(out).to.match(/^pay_\w{26} {2}captured {2}100\.00 USD\n/);
    expect(out).to.include('visa •••• 4242');
    expect(out).not.to.include('4242424242424242');
  });

  it('authorizes, captures a part, voids nothing twice and refunds', async () => {
    const held = await json('pay --amount 10000 --manual --reference cli-1 --metadata a=b=c');
    expect(held).to.include({ status: 'authorized', reference: 'cli-1' });
    expect(held['metadata']).to.deep.equal({ a: 'b=c' });
    const captured = await json(`capture ${held['id']} --amount 5000 --final`);
    expect(captured['amount_captured']).to.equal(5000);
    const refund = await json(['refund', held['id'], '--amount', '2000', '--reason', 'came back']);
    expect(refund).to.include({ status: 'succeeded', amount: 2000, reason: 'came back' });
    const tooMuch = await cli(`refund ${held['id']} --amount 4000`);
    expect(tooMuch.exitCode).to.equal(1);
    expect(tooMuch.out).to.equal('');
    expect(tooMuch.err).to.include('amount_too_large (400)').and.include('Param    amount');
    expect(tooMuch.err).to.match(/Request {2}req_/);
    const second = await json('pay --manual');
    expect((await json(`void ${second['id']} --reason no`))['status']).to.equal('voided');
    const refunds = await cli(`refunds list --payment ${held['id']}`);
    expect(refunds.out).to.include('20.00 USD').and.include('came back');
    const shown = await cli(`show ${held['id']}`);
    expect(shown.out).to.include('authorize').and.include('succeeded');
    expect((await json(`show ${refund['id']}`))['id']).to.equal(refund['id']);
  });

  it('moves the sandbox’s time, and checks the books', async () => {
    const before = await json('clock show');
    const after = await json('clock advance 1h30m');
    expect(after['offset_ms']).to.equal(Number(before['offset_ms']) + 5_400_000);
    expect((await cli('clock show')).out)
      .to.include('Ahead by')
      .and.include('5400 s');
    const verified = await json('ledger verify');
    expect(verified['ok']).to.equal(true);
    expect((await cli('ledger verify')).out).to.include('ok    refunded ≤ captured ≤ authorized');
  });

  it('ends with 4 when the card is declined, and says why', async () => {
    const ran = await cli('pay --card insufficient-funds');
    expect(ran.exitCode).to.equal(4);
    expect(ran.out).to.equal('');
    expect(ran.err).to.include('payment_declined (402)').and.include('processor code 51');
    const problem = await json('pay --card 4000000000009995', 4);
    expect(problem).to.include({ code: 'payment_declined', status: 402 });
    expect(problem['payment']['status']).to.equal('failed');
  });

  it('writes a payment down, confirms it later, cancels another', async () => {
    const created = await json('pay --no-confirm --amount 700 --currency JPY');
    expect(created['status']).to.equal('created');
    const { out } = await cli(`confirm ${created['id']} --card amex`);
    expect(out).to.include('captured  700 JPY').and.include('amex');
    const other = await json('pay --no-confirm');
    expect((await json(`cancel ${other['id']}`))['status']).to.equal('cancelled');
  });

  it('takes the card from standard input, spaces and all, and refuses what is none', async () => {
    const paid = await cli('pay --card -', { stdin: '5555 5555 5555 4444\n' });
    expect(paid.out).to.include('mastercard •••• 4444');
    const wrong = await cli('pay --card 42424242x', {});
    expect(wrong.exitCode).to.equal(2);
    expect(wrong.err).to.include('Names: visa').and.not.include('42424242x');
  });

  it('approves and rejects what is under review, and syncs', async () => {
    const one = await cli('pay --card review --json');
    expect([0, 5]).to.include(one.exitCode);
    expect(one.document['status']).to.equal('in_review');
    expect((await json(`approve ${one.document['id']}`))['status']).to.equal('captured');
    const two = await cli('pay --card review --json');
    const rejected = await json(['reject', two.document['id'], '--reason', 'no such street']);
    expect(rejected['status']).to.equal('cancelled');
    expect((await json(`sync ${one.document['id']}`))['status']).to.equal('captured');
  });

  it('ends with 5 when the processor has not said, and tells how to go on', async () => {
    const lost = { method: 'POST', body: JSON.stringify({ fault: 'cut_body', times: 4 }) };
    const lag = { method: 'POST', body: JSON.stringify({ kind: 'lookup', fault: 'status_503' }) };
    const faults = `${app.simulatorUrl}/control/faults`;
    await fetch(faults, lost);
    await fetch(faults, lag);
    const ran = await cli('pay');
    await fetch(faults, { method: 'DELETE' });
    expect(ran.exitCode, ran.out + ran.err).to.equal(5);
    expect(ran.out).to.match(/^pay_\w+ {2}processing/);
    expect(ran.err).to.include('pointsman sync');
    const id = /pay_\w+/.exec(ran.out)?.[0];
    expect((await cli(`sync ${id}`)).out).to.include('captured');
  });

  it('does with one idempotency key one payment', async () => {
    const line = 'pay --amount 1234 --idempotency-key once';
    const first = await cli(line);
    const second = await cli(line);
    expect(second.out).to.equal(first.out);
    expect(second.err).to.include('earlier request');
  });

  it('lists with filters, aligned, and says how to go on', async () => {
    const { out, err } = await cli('payments list --status captured --limit 1 --min 100');
    const [titles = '', row = ''] = out.split('\n');
    expect(titles).to.match(/^PAYMENT +STATUS +AMOUNT +METHOD/);
    expect(titles.indexOf('STATUS')).to.equal(row.indexOf('captured'));
    expect(err).to.match(/^There are more: --after pay_/);
    const none = await cli('payments list --reference nothing-here');
    expect(none.out).to.equal('Nothing found.\n');
    expect((await json('payments list --reference cli-1 --refunded'))['data']).to.have.length(1);
    expect((await json('payments list --reference cli-1 --no-refunded'))['data']).to.have.length(0);
    const bad = await cli('payments list --status nonsense');
    expect(bad.exitCode).to.equal(1);
    expect(bad.err).to.include('status');
    expect((await json('events list --type payment.captured --limit 3'))['data']).to.have.length(3);
    expect((await cli('events list --limit 2')).out).to.include('evt_');
  });

  it('keeps customers', async () => {
    const jane = await json(['customers', 'create', '--name', 'Jane Doe', '--reference', 'crm-1']);
    expect((await cli(`customers show ${jane['id']}`)).out).to.include('Jane Doe');
    const paid = await json(`pay --customer ${jane['id']}`);
    expect(paid['customer_id']).to.equal(jane['id']);
    expect((await cli('customers list --reference crm-1')).out).to.include(jane['id']);
    const no = await cli(`customers delete ${jane['id']}`, { reply: 'n' });
    expect(no.exitCode).to.equal(2);
    expect(no.err).to.include('[y/N]').and.include('Nothing was done');
    const yes = await cli(`customers delete ${jane['id']}`, { reply: 'y' });
    expect(yes.out).to.equal(`${jane['id']}  deleted\n`);
    expect((await cli(`show ${jane['id']}`)).exitCode).to.equal(1);
  });

  it('shows and forgets the cards of a customer', async () => {
    const { id: customer_id } = await json(['customers', 'create', '--name', 'Jane Doe']);
    const card = { number: '5555555555554444', exp_month: 12, exp_year: 2034 };
    const body = { type: 'card', card, customer_id };
    const { id } = (await app.call('/v1/payment_methods', { body })).body;
    const { out } = await cli(`payment-methods list --customer ${customer_id}`);
    expect(out).to.include(id).and.include('mastercard •••• 4444 12/2034');
    expect((await cli(`payment-methods show ${id}`)).out).to.include('vault');
    const gone = await cli(`payment-methods delete ${id} --yes`);
    expect(gone.out).to.equal(`${id}  deleted\n`);
    expect((await cli(`show ${id}`)).exitCode).to.equal(1);
    expect((await cli('payment-methods list')).exitCode).to.equal(2);
  });

  it('keeps processor accounts, and shows no credential', async () => {
    const secret = 'sim_quite_secret';
    const settings = join(dataDir, 'bank.json');
    writeFileSync(settings, JSON.stringify({ base_url: app.simulatorUrl, api_key: secret }));
    const added = await cli(
      ['accounts', 'add', 'card-simulator', '--name', 'Third', '--settings', `@${settings}`],
      {},
    );
    expect(added.exitCode, added.err).to.equal(0);
    expect(added.out).not.to.include(secret);
    const id = /acct_\w+/.exec(added.out)?.[0] ?? '';
    const list = await cli('accounts list');
    expect(list.out).to.include('Third').and.not.include(secret);
    expect((await json(`accounts update ${id} --priority 7 --weight 0`))['priority']).to.equal(7);
    expect((await cli(`accounts update ${id}`)).exitCode).to.equal(2);
    expect((await json(`accounts disable ${id}`))['status']).to.equal('disabled');
    expect((await json(`accounts enable ${id}`))['status']).to.equal('active');
    expect((await cli(`accounts show ${id} --json`)).out).not.to.include(secret);
    expect(added.out).to.include('registered');
    expect((await cli(`accounts check ${id}`)).out).to.include('takes the credentials');
    const rotated = await cli(['accounts', 'rotate', id, '--set', 'api_key=sim_rotated_secret']);
    expect(rotated.exitCode, rotated.err).to.equal(0);
    expect(rotated.out).to.include('[secret]').and.not.include('sim_rotated');
    expect((await cli(`accounts rotate ${id}`)).exitCode).to.equal(2);
    const refused = await cli(`accounts rotate ${id} --set api_key=sk_foreign`);
    expect(refused.err).to.include('does not take the credentials');
    const unchecked = await cli(`accounts rotate ${id} --set api_key=sk_foreign --no-check`);
    expect(unchecked.exitCode, unchecked.err).to.equal(0);
    expect((await cli(`accounts check ${id}`)).exitCode).to.equal(1);
    await cli(`accounts rotate ${id} --set api_key=sim_rotated_secret`);
    const none = ['accounts', 'add', 'card-simulator', '--check', '--settings', `@${settings}`];
    const foreign = await cli([...none, '--name', 'Foreign', '--set', 'api_key=sk_foreign']);
    expect(foreign.exitCode).to.equal(1);
    expect((await cli('accounts list')).out).not.to.include('Foreign');
    const offers = await cli('accounts connectors');
    expect(offers.out).to.include('card-simulator').and.include('base_url');
    expect((await json(`pay --account ${id}`))['account']).to.equal(id);
    expect((await cli(`accounts delete ${id}`)).out).to.include('deleted');
    const broken = await cli(['accounts', 'add', 'card-simulator', '--settings', `{${secret}`]);
    expect(broken.exitCode).to.equal(2);
    expect(broken.err).to.include('not a JSON object').and.not.include(secret);
  });

  it('makes, ends and revokes keys, and shows each once', async () => {
    const made = await json('keys create Reports --scope payments:read events:read');
    const { id, key } = made as { id: string; key: string };
    expect(made['scopes']).to.deep.equal(['payments:read', 'events:read']);
    const listed = await cli('keys list');
    expect(listed.out).to.include(id).and.not.include(key);
    expect((await json(['keys', 'rename', id, 'Monthly']))['name']).to.equal('Monthly');
    const expiry = '2027-01-31T00:00:00.000Z';
    expect((await json(`keys expire ${id} ${expiry}`))['expires_at']).to.equal(expiry);
    expect((await json(`keys expire ${id} never`))['expires_at']).to.equal(null);
    expect((await cli(`payments list --key ${key}`)).exitCode).to.equal(0);
    const forbidden = await cli('pay', { env: { POINTSMAN_KEY: key } });
    expect(forbidden.exitCode).to.equal(1);
    expect(forbidden.err).to.include('forbidden (403)').and.not.include(key);
    expect((await cli(`keys revoke ${id}`)).out).to.include('Revoked at');
    const revoked = await cli(`payments list --key ${key}`);
    expect(revoked.exitCode).to.equal(1);
    expect(revoked.err).to.include('unauthorized (401)').and.not.include(key);
    expect((await json(['keys', 'create', 'Shop', '--public']))['key']).to.match(/^pk_sandbox_/);
  });

  it('keeps merchants with the admin key, whatever key the environment holds', async () => {
    const env = { POINTSMAN_KEY: app.credentials.secret_key };
    const made = await cli(['merchants', 'create', 'Book shop'], { env });
    expect(made.exitCode, made.err).to.equal(0);
    expect(made.out).to.match(/Secret key {2}sk_sandbox_/);
    const id = /mer_\w+/.exec(made.out)?.[0] ?? '';
    expect((await cli('merchants list')).out).to.include('Book shop');
    expect((await json(`merchants show ${id}`))['name']).to.equal('Book shop');
    expect((await json('merchants show'))['id']).to.equal(app.credentials.merchant_id);
    const key = await json(`keys create Back --merchant ${id}`);
    expect((await json(`merchants show --key ${key['key']}`))['id']).to.equal(id);
    expect((await json(`show ${app.credentials.profile_id}`))['object']).to.equal('profile');
  });

  it('says that an id is none before it asks anybody', async () => {
    const ran = await cli('show order-17 --url http://127.0.0.1:1');
    expect(ran.exitCode).to.equal(2);
    expect(ran.err).to.include('pay_, re_');
    expect((await cli('accounts show pay_01aa')).exitCode).to.equal(2);
  });

  it('says what answers when it is not a switch', async () => {
    const ran = await cli(`payments list --url ${app.simulatorUrl}`);
    expect(ran.exitCode).to.equal(3);
    expect(ran.err).to.include('does not answer like Pointsman');
    const nobody = await cli('pay --url http://127.0.0.1:1 --json');
    expect(nobody.exitCode).to.equal(3);
    expect(nobody.document).to.include({ code: 'unavailable' });
    expect((await cli('pay --url ftp://x')).exitCode).to.equal(2);
  });

  it('examines itself with the server’s help', async () => {
    const report = await cli('doctor --json');
    expect(report.exitCode, report.out).to.equal(0);
    const checks = report.document['checks'] as { name: string; detail: string }[];
    const names = checks.map(({ name }) => name);
    expect(names).to.include.members(['node', 'disk', 'database', 'server', 'ready', 'simulator']);
    expect(checks.find(({ name }) => name === 'database')?.detail).to.include('asked instead');
    for (const secret of [app.credentials.secret_key, app.credentials.admin_key]) {
      expect(report.out).not.to.include(secret);
    }
  });
});
