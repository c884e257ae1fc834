/** The dialect of docs/plugins.md, as a package from elsewhere, exactly as it is printed. */
import { expect } from 'chai';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks, simulatorLedger } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';

const guide = readFileSync(new URL('../../docs/plugins.md', import.meta.url), 'utf8');
const fence = (language: string) =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(guide)?.[1] ?? '';

describeOnEachDatabase('the dialect of docs/plugins.md', (database) => {
  let app: TestSwitch;

  before(async () => {
    const place = await database.open();
    const folder = join(place.dataDir, 'node_modules', 'acme-dialect');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"name":"acme-dialect","type":"module"}');
    writeFileSync(join(folder, 'index.js'), fence('js'));
    app = await startTestSwitch(place, { yaml: fence('yaml') });
  });
  after(() => closeBooks(app));

  const ask = (path: string, body?: object, headers: Record<string, string> = {}) =>
    app.call(`/acme-dialect${path}`, {
      key: null,
      headers: { 'acme-key': app.credentials.secret_key, ...headers },
      ...(body ? { body } : {}),
    });
  const good = { price: '12.50', card: '4242424242424242', expires: '12/34', code: '123' };

  it('charges, finds, refuses and repeats', async () => {
    const paid = await ask('/charges', { ...good, note: 'blue' }, { 'acme-once': 'a' });
    expect(paid.status, paid.text).to.equal(201);
    const { charge } = paid.body;
    expect(paid.body).to.deep.equal({ charge, price: '12.50', state: 'paid', note: 'blue' });
    const again = await ask('/charges', { ...good, note: 'blue' }, { 'acme-once': 'a' });
    expect(again.text).to.equal(paid.text);
    expect((await ask(`/charges/${charge}`)).body).to.deep.equal(paid.body);
    const wrong = await ask('/charges', { ...good, price: 'free', code: undefined });
    expect(wrong.body).to.deep.equal({ error: 'invalid_request', wrong: ['code', 'price'] });
    const declined = await ask('/charges', { ...good, card: '4000000000000002' });
    expect(declined.status).to.equal(402);
    expect(declined.body).to.deep.equal({ error: 'payment_declined', wrong: [] });
    expect((await ask('/charges', good, { 'acme-key': 'sk_none' })).status).to.equal(401);
    expect((await ask('/elsewhere')).body).to.deep.equal({ error: 'not_found', wrong: [] });
    expect((await simulatorLedger(app)).operations).to.have.length(2);
  });
});
