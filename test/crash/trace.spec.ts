/** What strace wrote, also where threads interrupted each other, is read as what was done. */
import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTrace, type TraceEvent } from './trace.ts';

describe('a trace of the disk', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'pointsman-test-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  async function read(...lines: readonly string[]): Promise<TraceEvent[]> {
    const file = join(directory, 'trace');
    writeFileSync(file, lines.join('\n'));
    const events: TraceEvent[] = [];
    for await (const event of readTrace(file)) events.push(event);
    return events;
  }

  const write = { kind: 'write', path: '/d', at: 4096, bytes: Buffer.from('ab') };

  it('is read in order, and what failed was not done', async () => {
    const events = await read(
      '7 pwrite64(3</d>, "\\x61\\x62", 2, 4096) = 2',
      '7 ftruncate(3</d>, 12) = -1 EIO (Input/output error)',
      '7 ftruncate(3</d>, 12) = 0',
      '7 fdatasync(3</d>) = 0',
      '7 unlink("\\x2f\\x64") = 0',
      '7 write(9<socket:[1]>, "\\x6f\\x6b", 2) = 2',
      '7 write(1</dev/null>, "\\x6f\\x6b", 2) = 2',
    );
    expect(events).to.deep.equal([
      write,
      { kind: 'truncate', path: '/d', length: 12 },
      { kind: 'sync', path: '/d' },
      { kind: 'remove', path: '/d' },
      { kind: 'sent', text: 'ok' },
    ]);
  });

  it('has calls that another thread interrupted where they ended', async () => {
    const events = await read(
      '7 pwrite64(3</d>, "\\x61\\x62", 2, 4096 <unfinished ...>',
      '8 fsync(4</e> <unfinished ...>',
      '7 <... pwrite64 resumed>)     = 2',
      '8 <... fsync resumed>) = 0',
    );
    expect(events).to.deep.equal([write, { kind: 'sync', path: '/e' }]);
  });

  it('that nobody understands is no evidence', async () => {
    const reading = read('7 pwrite64(3</d>, "\\x61", 1, nowhere) = 1').catch(String);
    expect(await reading).to.contain('not understood');
  });
});
