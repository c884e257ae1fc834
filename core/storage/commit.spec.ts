/** A change set lands whole or not at all, and says why not in the same words on both databases. */
import { expect } from 'chai';
import { describeOnEachDatabase } from '../../test/support/databases.ts';
import { leaveNothing, merchantRow, openStore, rawRows } from '../../test/support/storage.ts';
import { Conflict, insert, remove, update, type Change, type Database } from './index.ts';

const at = '2026-11-21T10:00:00.000Z';

/** What a commit came to: `landed`, the guard of the conflict, or the error's name. */
async function outcome(commit: Promise<void>): Promise<string> {
  try {
    await commit;
    return 'landed';
  } catch (error) {
    if (error instanceof Conflict) return error.guard;
    return error instanceof Error ? `refused: ${error.message}` : 'no error';
  }
}

const rename = (id: string, version: number, name: string): Change =>
  update('merchants', { name, version: version + 1 }, { id, version }, 'merchant_version');

function paymentRow(id: string, more: Record<string, string | number | null> = {}) {
  const counters = ['authorized', 'captured', 'hold_pending', 'voided'].concat(
    'refunded',
    'refund_pending',
    'disputed',
  );
  return {
    merchant_id: 'mer_1',
    id,
    profile_id: 'prof_1',
    version: 1,
    status: 'captured',
    amount: 100,
    currency: 'USD',
    ...Object.fromEntries(counters.map((name) => [`amount_${name}`, 0])),
    capture_method: 'automatic',
    details: '{}',
    attempts: 0,
    event_count: 0,
    revision: 1,
    created_at: at,
    updated_at: at,
    ...more,
  };
}

describeOnEachDatabase('a change set', (database) => {
  let db: Database;
  const batches: number[] = [];

  before(async () => {
    const observer = { batch: (size: number) => batches.push(size) };
    db = await openStore(await database.open(), { observer });
    await db.commit([insert('merchants', merchantRow('mer_1'))]);
  });
  after(leaveNothing);

  const nameOf = async (id: string) =>
    (await db.find<{ name: string }>('merchants', { id }))[0]?.name;

  it('of nothing is done at once', async () => {
    await db.commit([]);
  });

  it('lands whole', async () => {
    await db.commit([
      insert('merchants', merchantRow('mer_a')),
      insert('merchants', merchantRow('mer_b')),
      rename('mer_1', 1, 'renamed'),
      remove('merchants', { id: 'mer_nobody' }),
    ]);
    expect([await nameOf('mer_a'), await nameOf('mer_1')]).to.deep.equal([
      'merchant mer_a',
      'renamed',
    ]);
  });

  it('leaves nothing behind when its last guard fails, and names the guard', async () => {
    const changes = [insert('merchants', merchantRow('mer_c')), rename('mer_1', 99, 'never')];
    expect(await outcome(db.commit(changes))).to.equal('merchant_version');
    expect(await nameOf('mer_c')).to.equal(undefined);
  });

  it('names the unique index that it ran into', async () => {
    await db.commit([insert('payments', paymentRow('pay_1', { reference: 'order-1' }))]);
    const twin = insert('payments', paymentRow('pay_2', { reference: 'order-1' }));
    expect(await outcome(db.commit([twin]))).to.equal('payments_reference');
    const profile = { merchant_id: 'mer_1', name: 'shop', is_default: 1, version: 1 };
    const times = { created_at: at, updated_at: at };
    await db.commit([insert('profiles', { id: 'prof_1', ...profile, ...times })]);
    const second = insert('profiles', { id: 'prof_2', ...profile, ...times });
    expect(await outcome(db.commit([second]))).to.equal('profiles_one_default');
  });

  it('names a primary key after its table, of one column or several', async () => {
    const merchant = insert('merchants', merchantRow('mer_1'));
    expect(await outcome(db.commit([merchant]))).to.equal('merchants_pkey');
    const payment = insert('payments', paymentRow('pay_1'));
    expect(await outcome(db.commit([payment]))).to.equal('payments_pkey');
  });

  it('is refused when it updates more rows than one', async () => {
    const everyone = update('merchants', { name: 'all' }, { mode: 'sandbox' }, 'merchant_version');
    expect(await outcome(db.commit([everyone]))).to.equal('merchant_version');
    expect(await nameOf('mer_a')).to.equal('merchant mer_a');
  });

  it('fails alone in a group: the others land', async () => {
    const commits = Array.from({ length: 20 }, (_none, at20) =>
      at20 === 7
        ? db.commit([insert('merchants', merchantRow('mer_g7')), rename('mer_1', 99, 'never')])
        : db.commit([insert('merchants', merchantRow(`mer_g${at20}`))]),
    );
    const ends = await Promise.all(commits.map(outcome));
    expect(ends.filter((end) => end === 'landed')).to.have.length(19);
    expect(ends[7]).to.equal('merchant_version');
    expect(await nameOf('mer_g7')).to.equal(undefined);
    expect(await nameOf('mer_g19')).to.equal('merchant mer_g19');
  });

  it('shares its trip to the disk with those that wait beside it', async () => {
    batches.length = 0;
    await Promise.all(
      Array.from({ length: 200 }, (_none, index) =>
        db.commit([insert('merchants', merchantRow(`mer_s${index}`))]),
      ),
    );
    expect(batches.reduce((sum, size) => sum + size, 0)).to.equal(200);
    // Postgres gathers the commits of several connections by itself.
    if (database.name === 'sqlite') expect(batches.length).to.be.at.most(5);
  });

  it('wins or loses a race for the same version, and only one wins', async () => {
    await db.commit([insert('merchants', merchantRow('mer_race'))]);
    const racers = Array.from({ length: 20 }, (_none, index) =>
      outcome(db.commit([rename('mer_race', 1, `racer ${index}`)])),
    );
    const ends = await Promise.all(racers);
    expect(ends.filter((end) => end === 'landed')).to.have.length(1);
    expect(ends.filter((end) => end === 'merchant_version')).to.have.length(19);
    expect(await nameOf('mer_race')).to.equal(`racer ${ends.indexOf('landed')}`);
  });

  it('finds rows by null as well', async () => {
    const found = await db.find<{ id: string }>('payments', {
      merchant_id: 'mer_1',
      customer_id: null,
    });
    expect(found.map(({ id }) => id)).to.deep.equal(['pay_1']);
  });
});

describeOnEachDatabase('the tables', (database) => {
  let db: Database;
  before(async () => {
    db = await openStore(await database.open());
    await db.commit([insert('merchants', merchantRow('mer_1'))]);
  });
  after(leaveNothing);

  const broken: readonly [string, Record<string, string | number>][] = [
    ['an amount of nothing', { amount: 0 }],
    ['a negative amount', { amount: -1 }],
    ['more authorized than asked', { amount_authorized: 101 }],
    ['more captured than authorized', { amount_authorized: 50, amount_captured: 51 }],
    [
      'captured and reserved beyond the authorization',
      { amount_authorized: 100, amount_captured: 60, amount_hold_pending: 41 },
    ],
    [
      'captured and voided beyond the authorization',
      { amount_authorized: 100, amount_captured: 60, amount_voided: 41 },
    ],
    [
      'more refunded than captured',
      { amount_authorized: 100, amount_captured: 60, amount_refunded: 61 },
    ],
    [
      'refunds under way beyond what was captured',
      {
        amount_authorized: 100,
        amount_captured: 60,
        amount_refunded: 30,
        amount_refund_pending: 31,
      },
    ],
    ['a negative counter', { amount_voided: -1 }],
    ['a status that is none', { status: 'paid' }],
  ];
  for (const [what, more] of broken) {
    it(`refuse ${what}`, async () => {
      const end = await outcome(db.commit([insert('payments', paymentRow('pay_bad', more))]));
      expect(end).to.match(/^refused: .*check/i);
      expect(await db.find('payments', { id: 'pay_bad' })).to.deep.equal([]);
    });
  }

  it('refuse an operation without a payment', async () => {
    const end = await outcome(
      db.commit([
        insert('operations', {
          id: 'op_1',
          merchant_id: 'mer_1',
          payment_id: 'pay_none',
          account_id: 'acct_1',
          kind: 'capture',
          state: 'calling',
          version: 1,
          amount: 1,
          currency: 'USD',
          origin: 'merchant',
          checks: 0,
          created_at: at,
          updated_at: at,
        }),
      ]),
    );
    expect(end).to.match(/^refused: .*foreign key/i);
  });

  const event = {
    merchant_id: 'mer_1',
    id: 'evt_1',
    type: 'payment.created',
    data: '{}',
    created_at: at,
  };
  const entry = {
    operation_id: 'op_1',
    line: 0,
    debit: 'issuer',
    credit: 'hold',
    amount: 1,
    currency: 'USD',
    created_at: at,
  };
  for (const [table, row] of [
    ['events', event],
    ['ledger_entries', entry],
  ] as const) {
    it(`refuse to change or delete ${table}: what happened, happened`, async () => {
      await db.commit([insert(table, row)]);
      const where = { created_at: at };
      for (const change of [
        update(table, { created_at: 'later' }, where, 'g'),
        remove(table, where),
      ]) {
        expect(await outcome(db.commit([change]))).to.match(/never changed/);
      }
      expect(await rawRows(db, `select * from ${table}`)).to.have.length(1);
    });
  }

  it('refuse an entry of nothing, and one from an account to itself', async () => {
    for (const more of [{ amount: 0 }, { credit: 'issuer' }]) {
      const end = await outcome(
        db.commit([insert('ledger_entries', { ...entry, line: 1, ...more })]),
      );
      expect(end).to.match(/^refused: .*check/i);
    }
  });
});
