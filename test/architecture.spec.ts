/**
 * Who may import what (docs/STYLE.md tells why). A part that is not in the table may import
 * nothing, so a new folder in core needs a decision here.
 */
import { expect } from 'chai';
import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { foldersIn, importsOf, sourceFiles, type SourceFile } from './support/tree.ts';

const vocabulary = ['core/base', 'core/sdk'];
const ground = [...vocabulary, 'core/storage'];

/** Left to right: a feature knows those before it, never one after it. */
const features =
  'idempotency events ledger jobs access customers accounts routing payments refunds webhooks checkout'
    .split(' ')
    .map((name) => `core/${name}`);

/** Part → the parts of ours that it may import besides itself. */
const allowed: Readonly<Record<string, readonly string[] | 'all'>> = {
  'core/base': [],
  'core/sdk': ['core/base'],
  'core/storage': vocabulary,
  'core/outbound': vocabulary,
  'core/http': [...ground, 'core/access', 'core/idempotency'],
  'core/wiring': 'all',
  ...Object.fromEntries(features.map((part, at) => [part, [...ground, ...features.slice(0, at)]])),
  config: vocabulary,
  migrations: ground,
  bin: [...vocabulary, 'core/wiring', 'config'],
  test: 'all',
};

/** One home for each library that would otherwise shape the whole code. */
const homes: Readonly<Record<string, readonly string[]>> = {
  express: ['core/http'],
  axios: ['core/outbound'],
  inversify: ['core/wiring'],
  'reflect-metadata': ['core/wiring'],
  knex: ['core/storage', 'migrations'],
  'better-sqlite3': ['core/storage', 'migrations'],
  pg: ['core/storage', 'migrations'],
};

/** `core/payments/store.ts` → `core/payments`; `connectors/acme/index.ts` → `connectors/acme`. */
function partOf(path: string): string {
  const [top, second, third] = path.split('/');
  const nested = ['core', 'connectors', 'plugins'].includes(String(top)) && third !== undefined;
  return nested ? `${top}/${second}` : String(top);
}

/** One sentence for each forbidden import; pure, so that the rules can be tried below. */
function violations(files: readonly { path: string; imports: readonly string[] }[]): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.flatMap((name) => {
      const reason = objection(path, name);
      return reason === undefined ? [] : [`${path} imports ${name}: ${reason}.`];
    }),
  );
}

function objection(path: string, name: string): string | undefined {
  const part = partOf(path);
  const isSpec = path.endsWith('.spec.ts') || part === 'test';
  const outside = part.startsWith('connectors') || part.startsWith('plugins');
  if (isSpec && !outside) return undefined;
  if (name === 'computed') {
    return part === 'core/wiring' || path === 'bin/launch.mjs'
      ? undefined
      : 'only core/wiring may import a module whose name is computed';
  }
  const isOurs = name.startsWith('.') || name.startsWith('#') || name.startsWith('/');
  if (!isOurs) {
    if (isBuiltin(name)) return undefined;
    const library = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
    const home = homes[library];
    if (home === undefined || home.includes(part)) return undefined;
    return `${library} is imported only in ${home.join(' and ')}`;
  }
  const target = name === '#sdk' ? 'core/sdk/index.ts' : posix.join(posix.dirname(path), name);
  const other = partOf(target);
  if (other === part) return undefined;
  if (outside) {
    const isList = path === `${part}/index.ts` && other.startsWith(`${part}/`);
    if (name === '#sdk' || isList || (isSpec && other === 'test')) return undefined;
    return `${part} may import only '#sdk', Node, packages and files of its own folder`;
  }
  const may = allowed[part];
  if (may === undefined) return `${part} has no place in the table of test/architecture.spec.ts`;
  if (may === 'all' || may.includes(other)) return undefined;
  return `${part} may import ${may.length === 0 ? 'nothing of ours' : `only ${may.join(', ')}`}`;
}

/** Processors that the core names; the simulator is ours, and the sandbox may speak of it. */
function processorNames(files: readonly SourceFile[], processors: readonly string[]): string[] {
  return files
    .filter(({ path }) => path.startsWith('core/'))
    .flatMap(({ path, text }) =>
      processors
        .filter((name) => text.toLowerCase().includes(name) || path.includes(name))
        .map((name) => `${path} names ${name}: no processor's name belongs in core.`),
    );
}

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
    ['bin/pointsman.ts', '../core/payments/store.ts'],
    ['connectors/acme/index.ts', '../../core/sdk/index.ts'],
    ['connectors/acme/index.ts', '../zenith/index.ts'],
    ['connectors/acme/acme.spec.ts', '../../core/wiring/start.ts'],
    ['connectors/card-simulator/processor/server.ts', 'express'],
    ['plugins/shop/index.ts', 'inversify'],
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
