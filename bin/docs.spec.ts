/** The generated pages in docs/ are those of this code. */
import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from './cli/spec-terminal.ts';

describe('the generated documentation', () => {
  const root = fileURLToPath(new URL('..', import.meta.url));

  it('is up to date: run `npx pointsman docs` and commit what it writes', async () => {
    const { exitCode, out } = await runCli(['docs', '--check'], { cwd: root });
    expect(out).to.equal('Up to date.\n');
    expect(exitCode).to.equal(0);
  });

  it('is noticed when it is not, and is then written', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'pointsman-docs-'));
    try {
      const missing = await runCli(['docs', '--check', '--json'], { cwd });
      expect(missing.exitCode).to.equal(1);
      expect(missing.document['differing']).to.deep.equal([
        'openapi.json',
        'errors.md',
        'states.md',
        'capabilities.md',
        'routing.schema.json',
      ]);
      expect((await runCli(['docs'], { cwd })).out).to.include('Wrote: ');
      expect((await runCli(['docs', '--check'], { cwd })).exitCode).to.equal(0);
    } finally {
      rmSync(cwd, { recursive: true, force: true });
    }
  });
});
