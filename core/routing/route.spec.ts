/** Shares and limits with many payments at once, on one node and on two. */
import { expect } from 'chai';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { leaveNothing, openStore } from '../../test/support/storage.ts';
import { Problem } from '../sdk/problem.ts';
import type { Database } from '../storage/index.ts';
import { accountsOf, Node, rulesOf, run } from './spec-nodes.ts';

const rule = (use: string) => rulesOf(`version: 1\nrules: []\ndefault: ${use}\n`);

describeOnEachDatabase('routing many payments at once', (database) => {
  let db: Database;
  beforeEach(async () => {
    db = await openStore(await database.open());
  });
  afterEach(leaveNothing);

  const weighted = { a: { weight: 60 }, b: { weight: 30 }, c: { weight: 10 } };
  const byShare = rule('{ strategy: weighted_round_robin, accounts: all }');

  // On SQLite the board in memory is exact; on Postgres what is just being committed may be counted
  // twice or not yet, and shares come right again within what is on its way.
  const near = database.name === 'sqlite' ? 1 : 6;

  for (const failing of [0, 0.3]) {
    it(`gives 60/30/10 of 1,000 successes, 20 at once, ${failing * 100} % failing`, async () => {
      const node = new Node(db, accountsOf(weighted), byShare);
      const shares = await run([node], { payments: 1_000, atOnce: 20, failing, seed: 'shares' });
      expect(shares['a']).to.be.closeTo(600, near);
      expect(shares['b']).to.be.closeTo(300, near);
      expect(shares['c']).to.be.closeTo(100, near);
    }).timeout(60_000);
  }

  it('goes on where it was after a restart', async () => {
    const takesTurns = rule('{ strategy: round_robin, accounts: [a, b, c] }');
    const order: string[] = [];
    for (let restart = 1; restart <= 4; restart += 1) {
      const node = new Node(db, accountsOf({ a: {}, b: {}, c: {} }), takesTurns);
      const routed = await node.begin(`p${restart}`);
      await node.end(routed, true);
      order.push(routed.accounts[0].record.name);
    }
    expect(order).to.deep.equal(['a', 'b', 'c', 'a']);
  });

  it('takes turns evenly, 20 at once', async () => {
    const takesTurns = rule('{ strategy: round_robin, accounts: [a, b, c] }');
    const node = new Node(db, accountsOf({ a: {}, b: {}, c: {} }), takesTurns);
    const turns = await run([node], { payments: 300, atOnce: 20, seed: 'turns' });
    for (const count of Object.values(turns)) expect(count).to.be.closeTo(100, near);
  }).timeout(60_000);

  it('fills the least used account first, against its limit', async () => {
    const amounts = (daily: number) => ({ amounts: { USD: { daily } }, time_zone: 'UTC' });
    const accounts = accountsOf({
      a: { limits: amounts(10_000) },
      b: { limits: amounts(30_000) },
    });
    const node = new Node(db, accounts, rule('{ strategy: least_used, accounts: all }'));
    const used = await run([node], { payments: 200, atOnce: 10, seed: 'used' });
    // What is on its way when the last one ends is in nobody's successes yet.
    expect(used['a']).to.be.closeTo(50, 5);
    expect(used['b']).to.be.closeTo(150, 5);
  }).timeout(60_000);

  it('never takes more than a limit, whoever is first, and takes the boundary amount', async () => {
    const limits = { amounts: { USD: { daily: 1_000 } }, time_zone: 'UTC' };
    const accounts = accountsOf({ a: { limits } });
    const nodes = [new Node(db, accounts, undefined), new Node(db, accounts, undefined)];
    // SQLite has one process, and so one node; on Postgres two take turns.
    const used = database.name === 'sqlite' ? nodes.slice(0, 1) : nodes;
    const tries = Array.from({ length: 40 }, async (_, at) => {
      try {
        await used[at % used.length]?.begin(`p${at}`);
        return true;
      } catch (error) {
        if (error instanceof Problem && error.code === 'no_eligible_account') return false;
        throw error;
      }
    });
    const taken = (await Promise.all(tries)).filter(Boolean);
    expect(taken).to.have.length(10);
    const [row] = await db.find<{ used_amount: number }>('account_usage', {
      span: '2026-11-21',
      currency: 'USD',
    });
    expect(row?.used_amount).to.equal(1_000);
  });

  it('gives the room back when a payment fails', async () => {
    const limits = { daily_count: 1, time_zone: 'UTC' };
    const node = new Node(db, accountsOf({ a: { limits } }), undefined);
    const first = await node.begin('p1');
    await node.end(first, false);
    const second = await node.begin('p2');
    await node.end(second, true);
    const third = await node.begin('p3').catch((error: unknown) => error);
    expect(third).to.be.instanceOf(Problem);
    expect((third as Problem).options.members).to.deep.equal({
      accounts: { acct_a: 'limit_reached:daily_count' },
    });
  });

  if (database.name === 'postgres') {
    it('keeps the shares over two nodes, 10 at once on each', async () => {
      const nodes = [1, 2].map(() => new Node(db, accountsOf(weighted), byShare));
      const shares = await run(nodes, { payments: 1_000, atOnce: 20, failing: 0.1, seed: 'two' });
      expect(shares['a']).to.be.closeTo(600, 12);
      expect(shares['b']).to.be.closeTo(300, 12);
      expect(shares['c']).to.be.closeTo(100, 12);
    }).timeout(120_000);
  }
});
