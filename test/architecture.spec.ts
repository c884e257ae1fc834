/** Who may import what: the rules are in test/support/import-rules.ts, why is in docs/STYLE.md. */
import { expect } from 'chai';
import { processorNames, violations } from './support/import-rules.ts';
import { foldersIn, importsOf, sourceFiles } from './support/tree.ts';

describe('the import rules', () => {
  const files = sourceFiles().map((file) => ({ ...file, imports: importsOf(file.text) }));

  it('hold in every file of the tree', () => {
    expect(files.length, 'files read').to.be.greaterThan(20);
    expect(files.flatMap(({ imports }) => imports).length, 'imports read').to.be.greaterThan(40);
    expect(violations(files)).to.deep.equal([]);
  });

  it('keep every processor’s name out of the core', () => {
    const connectors = foldersIn('connectors').filter((name) => name !== 'card-simulator');
    const processors = new Set(['stripe', 'midtrans', ...connectors]);
    expect(processorNames(files, [...processors])).to.deep.equal([]);
    const slip = { path: 'core/payments/rules.ts', text: "if (account === 'Stripe') return;" };
    expect(processorNames([slip], ['stripe'])).to.have.length(1);
  });

  const forbidden: readonly [path: string, imports: string][] = [
    ['core/base/money.ts', '../sdk/index.ts'],
    ['core/sdk/route.ts', '../storage/index.ts'],
    ['core/events/store.ts', '../payments/store.ts'],
    ['core/customers/store.ts', '../accounts/store.ts'],
    ['core/payments/rules.ts', '../http/app.ts'],
    ['core/payments/rules.ts', 'express'],
    ['core/payments/rules.ts', 'axios/lib/core'],
    ['core/http/app.ts', '../payments/routes.ts'],
    ['core/jobs/store.ts', 'pg'],
    ['core/access/rules.ts', 'computed'],
    ['core/novelty/index.ts', '../base/money.ts'],
    ['config/load.ts', '../core/storage/index.ts'],
    ['core/yaml/yaml.ts', '../sdk/index.ts'],
    ['core/routing/source.ts', '../../config/load.ts'],
    ['bin/pointsman.ts', '../core/payments/store.ts'],
    ['connectors/acme/index.ts', '../../core/sdk/index.ts'],
    ['connectors/acme/index.ts', '../zenith/index.ts'],
    ['connectors/acme/sample.ts', '../../test/conformance/kit.ts'],
    ['connectors/acme/acme.spec.ts', '../../core/wiring/start.ts'],
    ['connectors/card-simulator/processor/server.ts', 'express'],
    ['plugins/shop/index.ts', 'inversify'],
    ['plugins/shop/index.ts', '../../core/plugins/index.ts'],
    ['core/plugins/host.ts', '../payments/store.ts'],
  ];
  for (const [path, name] of forbidden) {
    it(`refuse ${name} in ${path}`, () => {
      expect(violations([{ path, imports: [name] }])).to.have.length(1);
    });
  }

  it('let through what is meant to pass', () => {
    const fine = [
      { path: 'core/refunds/store.ts', imports: ['../payments/store.ts', '#sdk', 'node:crypto'] },
      { path: 'core/wiring/start.ts', imports: ['../../connectors/index.ts', 'computed'] },
      { path: 'core/storage/sqlite.ts', imports: ['knex', 'better-sqlite3', '../base/clock.ts'] },
      { path: 'connectors/index.ts', imports: ['./acme/index.ts', '#sdk'] },
      { path: 'connectors/acme/index.ts', imports: ['./wire.ts', '#sdk', 'typebox'] },
      { path: 'connectors/acme/acme.spec.ts', imports: ['../../test/conformance/kit.ts', 'chai'] },
      { path: 'connectors/acme/spec-sample.ts', imports: ['../../test/conformance/kit.ts'] },
    ];
    expect(violations(fine)).to.deep.equal([]);
  });

  it('see every way to import', () => {
    const text = `
      import a from 'one'; import type { B } from "two"; export * from 'three';
      import 'four'; await import('five'); const c: typeof import('six') = require('seven');
      import {
        d,
      } from 'eight'; await import(name); // import 'none'
      const url = 'http://none'; /* from 'none' */ await import(\`./\${name}.js\`);`;
    expect(importsOf(text)).to.deep.equal(
      'one two three four five six seven eight computed computed'.split(' '),
    );
  });
});
