/** What the SDK serves, to whom, and how heavy it is; test/browser has it in real Chromium. */
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describePlugin } from '../../test/conformance/plugin-kit.ts';
import { startTestSwitch, type TestSwitch } from '../../test/support/app.ts';
import { closeBooks } from '../../test/support/books.ts';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { browserSdk } from './index.ts';
import { allowedOrigin } from './settings.ts';
import { libraryTypes } from './library-types.ts';
import { localeOf } from './texts.ts';

describePlugin({
  plugin: browserSdk,
  settings: { allowed_origins: ['https://shop.example', 'http://localhost:3000'] },
});

describe('the origins that may show a card form', () => {
  const local = ['http://localhost', 'http://localhost:8090', 'https://127.0.0.1:8443'];
  const others = [
    undefined,
    '',
    'null',
    'http://localhost.evil.example',
    'http://localhost:80/',
    'http://localhost:80@evil.example',
    'https://shop.example',
    "http://localhost; script-src 'unsafe-inline'",
    '*',
  ];

  it('are those of this machine in the sandbox, and none in live mode', () => {
    for (const origin of local) {
      expect(allowedOrigin({}, 'sandbox', origin)).to.equal(origin);
      expect(allowedOrigin({}, 'live', origin)).to.equal(undefined);
    }
    for (const origin of others) {
      expect(allowedOrigin({}, 'sandbox', origin), origin).to.equal(undefined);
    }
  });

  it('are those of the list and no other, once there is one', () => {
    const settings = { allowed_origins: ['https://shop.example'] };
    for (const mode of ['sandbox', 'live'] as const) {
      expect(allowedOrigin(settings, mode, 'https://shop.example')).to.equal(
        settings.allowed_origins[0],
      );
      for (const origin of [...local, 'https://shop.example:444', 'http://shop.example']) {
        expect(allowedOrigin(settings, mode, origin), origin).to.equal(undefined);
      }
    }
  });
});

describe('the languages of the card form', () => {
  it('are found by their tags, and are English otherwise', () => {
    const names = ['ar-EG', 'ID', 'fr_CA', 'de', '', 'constructor'].map(
      (tag) => localeOf(tag).name,
    );
    expect(names).to.deep.equal(['ar', 'id', 'fr', 'en', 'en', 'en']);
    expect(localeOf('ar').direction).to.equal('rtl');
  });
});

describeOnEachDatabase('the browser SDK over HTTP', (database) => {
  let app: TestSwitch;

  before(async () => {
    const yaml = 'plugin_settings: { browser-sdk: { allowed_origins: [https://shop.example] } }\n';
    app = await startTestSwitch(await database.open(), { plugins: [browserSdk], yaml });
  });
  after(() => closeBooks(app));

  const get = (path: string) => app.call(path, { key: null });

  it('serves its script in less than 10 kB, for pages of any origin', async () => {
    const { status, headers, text } = await get('/pointsman.js');
    expect(status).to.equal(200);
    expect(Buffer.byteLength(text)).to.be.within(1000, 10_000);
    expect(Object.fromEntries(headers)).to.include({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
    });
    expect((await get('/pointsman.d.ts')).text).to.equal(libraryTypes);
  });

  it('answers a frame for one origin of the list, with a policy for nothing else', async () => {
    for (const path of ['/elements/card', '/elements/bridge']) {
      const { status, headers, text } = await get(`${path}?origin=https://shop.example&locale=ar`);
      expect(status).to.equal(200);
      const policy = headers.get('content-security-policy') ?? '';
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(policy).to.equal(
        `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; ` +
          "connect-src 'self'; base-uri 'none'; form-action 'none'; " +
          'frame-ancestors https://shop.example',
      );
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(headers.get('referrer-policy')).to.equal('no-referrer');
      expect(headers.get('set-cookie')).to.equal(null);
      expect(text).to.contain('lang="ar" dir="rtl" data-origin="https://shop.example"');
      expect(text).not.to.match(/(src|href)=/);
      const { secret_key, public_key, admin_key } = app.credentials;
      for (const key of [secret_key, public_key, admin_key]) expect(text).not.to.contain(key);
      expect((await get(`${path}?origin=https://shop.example`)).text).not.to.contain(nonce);
    }
  });

  it('answers no frame for anybody else', async () => {
    for (const query of ['', '?origin=null', '?origin=http://localhost:3000', '?origin=*']) {
      const { status, headers, text } = await get(`/elements/card${query}`);
      expect(status, query).to.equal(403);
      expect(headers.get('content-security-policy')).to.contain("frame-ancestors 'none'");
      expect(text).to.contain('allowed_origins').and.not.contain('<');
    }
  });

  it('refuses origins that are none, and plain http from elsewhere, at the start', async () => {
    for (const origin of ['https://shop.example/', 'http://shop.example', 'shop.example', '*']) {
      const settings = { 'browser-sdk': { allowed_origins: [origin] } };
      const yaml = `plugin_settings: ${JSON.stringify(settings)}\n`;
      const started = startTestSwitch(await database.open(), { plugins: [browserSdk], yaml });
      const refusal = await started.then(
        (running) => running.stop(),
        (error: unknown) => String(error),
      );
      expect(refusal, origin).to.contain('allowed_origins');
    }
  });
});

describe('the types of pointsman.js', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pointsman-types-'));
  const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** What tsc says of a page's script beside the types; '' when nothing. */
  function complaints(script: string): Promise<string> {
    writeFileSync(join(folder, 'pointsman.d.ts'), libraryTypes);
    writeFileSync(join(folder, 'page.ts'), script);
    const options = '--noEmit --strict --target es2022 --module es2022 --lib es2022,dom';
    const given = [compiler, ...options.split(' '), 'pointsman.d.ts', 'page.ts'];
    return new Promise((resolve) => {
      execFile(process.execPath, given, { cwd: folder }, (_error, stdout) => resolve(stdout));
    });
  }

  it('are taken by a shop’s compiler, and find mistakes', async () => {
    const fine = `
      const pointsman = Pointsman('pk_sandbox_x', { locale: 'fr' });
      const card = pointsman.card({ style: { fontSize: '16px' } }).mount('#card');
      card.on('change', ({ complete, brand }) => console.log(complete, brand.length));
      const { payment, error } = await pointsman.confirmPayment({ clientSecret: '', element: card });
      if (error) console.log(error.code, payment?.status);
      else console.log(payment.status, (await pointsman.handleNextAction(payment)).error?.param);
      const token = await card.tokenize({ billing: { address: { country: 'ID' } } });
      if (!token.error) console.log(token.paymentMethod.id);
      export {};`;
    expect(await complaints(fine)).to.equal('');
    const wrong = "Pointsman(1).card().on('chnage', () => {}); export {};";
    expect(await complaints(wrong))
      .to.match(/error TS2345/)
      .and.match(/error TS2769/);
  });
});
