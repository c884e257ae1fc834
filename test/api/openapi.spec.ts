/** The API description: a linter finds no fault with it, and its examples do what they say. */
import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeApi } from '../../core/http/openapi.ts';
import { version } from '../../core/wiring/version.ts';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { ownersKey, requestOf, routes } from '../support/fixtures.ts';
import { keepingConnectors } from '../support/method-keeper.ts';

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { operationId: string; security: object[] }>>;
}

describeOnEachDatabase('the API description', (database) => {
  let app: TestSwitch;
  let document: Document;

  before(async () => {
    app = await startTestSwitch(await database.open(), { connectors: keepingConnectors() });
    document = (await (await fetch(`${app.url}/openapi.json`)).json()) as Document;
  });
  after(() => closeBooks(app));

  it('describes every route that is served, and says who may call it', () => {
    expect(document.openapi).to.match(/^3\.1\./);
    const described = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(described.map(({ operationId }) => operationId)).to.have.members(
      routes.map(({ id }) => id),
    );
    for (const { id, path, method, access } of routes) {
      const security = document.paths[path]?.[method]?.security ?? [];
      expect(security.length > 0, id).to.equal(access.kind !== 'anyone');
    }
  });

  it('every route but the payer’s way back has an example', () => {
    const tried = routes.filter((route) => !route.rawBody);
    const without = tried.filter(({ examples }) => !examples?.length).map(({ id }) => id);
    expect(without).to.deep.equal(['returnFromProcessor']);
  });

  for (const route of routes) {
    for (const example of route.examples ?? []) {
      it(`${route.id}: "${example.summary}" answers ${example.status}`, async () => {
        const { path, method, body } = await requestOf({ app }, route, example);
        const key = ownersKey({ app }, route);
        const answer = await app.call(path, { method, body, key });
        expect(answer.status, answer.text).to.equal(example.status);
      });
    }
  }
});

describe('the linter of API descriptions', () => {
  it('has nothing to complain of', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pointsman-openapi-'));
    try {
      const file = join(folder, 'openapi.json');
      writeFileSync(file, JSON.stringify(describeApi(routes, version)));
      const redocly = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
      const rules = fileURLToPath(new URL('redocly.yaml', import.meta.url));
      const { stdout } = await promisify(execFile)(
        process.execPath,
        [redocly, 'lint', file, '--config', rules, '--format', 'json'],
        {
          env: {
            ...process.env,
            REDOCLY_TELEMETRY: 'off',
            REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
          },
        },
      );
      const { totals, problems } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as {
        totals: { errors: number; warnings: number };
        problems: object[];
      };
      expect(problems).to.deep.equal([]);
      expect(totals).to.include({ errors: 0, warnings: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
