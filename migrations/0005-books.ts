/** Events and ledger entries: written with the state change they tell of, never changed after. */
import type { Dialect, Migration } from '../core/storage/migrate.ts';

/** Triggers that refuse to rewrite history. */
function appendOnly(table: string, dialect: Dialect): readonly string[] {
  if (dialect.name === 'postgres') {
    return [
      `create trigger ${table}_append_only before update or delete on ${table}
         for each row execute function pointsman_append_only()`,
    ];
  }
  return ['update', 'delete'].map(
    (act) =>
      `create trigger ${table}_no_${act} before ${act} on ${table}
         begin select raise(abort, 'rows of this table are never changed'); end`,
  );
}

export const books: Migration = {
  name: '0005_books',
  statements: (dialect) => [
    `create table events (
      merchant_id ${dialect.id} not null,
      id ${dialect.id} not null,
      type text not null,
      payment_id ${dialect.id},
      sequence bigint,
      revision bigint,
      data text not null,
      created_at text not null,
      primary key (merchant_id, id)
    ) ${dialect.clustered}`,
    `create unique index events_sequence on events (payment_id, sequence)
       where payment_id is not null`,
    ...appendOnly('events', dialect),

    // One row is one whole double entry: the amount leaves one account and enters the other.
    `create table ledger_entries (
      operation_id ${dialect.id} not null,
      line bigint not null,
      debit text not null,
      credit text not null,
      amount bigint not null check (amount > 0),
      currency text not null,
      created_at text not null,
      primary key (operation_id, line),
      check (debit <> credit)
    ) ${dialect.clustered}`,
    ...appendOnly('ledger_entries', dialect),
  ],
};
