/** The tests' own databases: what suites about money rely on when they say "on both". */
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import pg from 'pg';
import { describeOnEachDatabase, type DatabasePlace } from './databases.ts';

const opened: DatabasePlace[] = [];

describeOnEachDatabase('a test database', (database) => {
  it('is empty and new at every call', async () => {
    const [one, other] = [await database.open(), await database.open()];
    opened.push(one, other);
    expect(one.dataDir).not.to.equal(other.dataDir);
    expect(existsSync(one.dataDir)).to.equal(true);
    if (database.name === 'sqlite') return;
    expect(one.url).not.to.equal(other.url);
    expect(await tablesOf(one)).to.equal(0);
  });

  it('is removed in spite of a connection left open', async () => {
    const place = await database.open();
    opened.push(place);
    if (place.url === undefined) return;
    const client = new pg.Client({ connectionString: place.url });
    client.on('error', (error) => expect(error.message).to.match(/terminat/));
    await client.connect();
  });
});

describe('test databases of a finished suite', () => {
  it('are gone', async () => {
    expect(opened).not.to.have.length(0);
    for (const place of opened) {
      expect(existsSync(place.dataDir)).to.equal(false);
      if (place.url === undefined) continue;
      const refusal = await tablesOf(place).catch((error: unknown) => String(error));
      expect(refusal).to.match(/does not exist/);
    }
  });
});

async function tablesOf(place: DatabasePlace): Promise<number> {
  const client = new pg.Client({ connectionString: place.url });
  await client.connect();
  const { rows } = await client.query<{ count: string }>(
    "select count(*) from information_schema.tables where table_schema = 'public'",
  );
  await client.end();
  return Number(rows[0]?.count);
}
