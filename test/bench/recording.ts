/**
 * The rows of a payment, learnt from the switch itself: one payment is made, its change sets are
 * recorded, and templates are cut from them that give the same rows with fresh ids. So the raw
 * commits and the filled database stay true to whatever the switch writes.
 */
import type { Change, ChangeSet, Row, SqlValue } from '../../core/storage/change-set.ts';
import { newId } from '../../core/base/id.ts';
import { paymentBody } from './requests.ts';
import { startSwitch } from './switch.ts';

/** Text that is new in every payment; merchant, profile, account and key ids stay. */
const changing = /\b(pay|op|evt|ch)_[0-9a-z]{26}|bench-\d{12}/;

/** Charges one card (and creates the database in `dataDir`); the commits of it, in order. */
export async function recordPayment(dataDir: string, keyed: boolean): Promise<ChangeSet[]> {
  const running = await startSwitch({ dataDir });
  try {
    const { db, baseUrl, credentials } = running;
    const recorded: ChangeSet[] = [];
    const commit = db.commit.bind(db);
    db.commit = (changes) => {
      recorded.push(changes);
      return commit(changes);
    };
    const reference = `bench-${keyed ? '000000000002' : '000000000001'}`;
    const response = await fetch(`${baseUrl}/v1/payments`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${credentials?.secret_key}`,
        'content-type': 'application/json',
        ...(keyed ? { 'idempotency-key': reference } : {}),
      },
      body: paymentBody(reference),
    });
    if (response.status !== 201) throw new Error(`not recorded: ${await response.text()}`);
    return recorded.filter((changes) => changes.some(({ table }) => table === 'payments'));
  } finally {
    await running.stop();
  }
}

/** Updates folded into the inserts before them: how the rows stand in the end. */
export function finalRows(sets: readonly ChangeSet[]): ChangeSet {
  const rows: { table: string; row: Record<string, SqlValue> }[] = [];
  for (const change of sets.flat()) {
    if (change.kind === 'insert') rows.push({ table: change.table, row: { ...change.row } });
    if (change.kind !== 'update') continue;
    const target = rows.find(
      ({ table, row }) =>
        table === change.table &&
        Object.entries(change.where).every(([column, value]) => row[column] === value),
    );
    if (!target) throw new Error(`an update of ${change.table} without its row`);
    Object.assign(target.row, change.set);
  }
  return rows.map(({ table, row }) => ({ kind: 'insert', table, row }));
}

/** A value: as it was, or pieces of text between which fresh ids go. */
type Slot = SqlValue | { readonly pieces: readonly string[]; readonly tokens: readonly number[] };

export interface Statement {
  readonly sql: string;
  readonly slots: readonly Slot[];
}

export interface Template {
  /** One list of statements for each change set. */
  readonly sets: readonly (readonly Statement[])[];
  /** Ids for the next payment, in the order that {@link valuesOf} wants; the payment's id first. */
  fresh(nowMs: number): string[];
}

/** References are unique per merchant: one count for all templates, past the recorded ones. */
let referenceCount = 2;

const nouns = { pay: 'payment', op: 'operation', evt: 'event' } as const;

export function templateOf(sets: readonly ChangeSet[]): Template {
  const tokens: string[] = [];
  const cut = (value: SqlValue): Slot => {
    if (typeof value !== 'string') return value;
    const matches = [...value.matchAll(new RegExp(changing, 'g'))].map(([match]) => match);
    if (matches.length === 0) return value;
    for (const match of matches) if (!tokens.includes(match)) tokens.push(match);
    return {
      pieces: value.split(new RegExp(changing.source.replace('(', '(?:'))),
      tokens: matches.map((match) => tokens.indexOf(match)),
    };
  };
  const payment = sets.flat().find(({ table }) => table === 'payments');
  if (payment?.kind !== 'insert') throw new Error('a payment begins with its row');
  cut(payment.row['id'] ?? null);
  const statements = sets.map((changes) =>
    changes.map((change) => {
      const { sql, values } = sqlOf(change);
      return { sql, slots: values.map(cut) };
    }),
  );
  return {
    sets: statements,
    fresh: (nowMs) => {
      referenceCount += 1;
      return tokens.map((token) => {
        if (token.startsWith('bench-')) return `bench-${String(referenceCount).padStart(12, '0')}`;
        const noun = nouns[token.slice(0, token.indexOf('_')) as keyof typeof nouns];
        return noun ? newId(noun, nowMs) : newId('payment', nowMs).replace('pay_', 'ch_');
      });
    },
  };
}

export function valuesOf({ slots }: Statement, fresh: readonly string[]): SqlValue[] {
  return slots.map((slot) => {
    if (slot === null || typeof slot !== 'object') return slot;
    let text = slot.pieces[0] ?? '';
    slot.tokens.forEach((token, at) => {
      text += `${fresh[token]}${slot.pieces[at + 1]}`;
    });
    return text;
  });
}

function sqlOf(change: Change): { sql: string; values: SqlValue[] } {
  const { table } = change;
  switch (change.kind) {
    case 'insert': {
      const columns = Object.keys(change.row);
      const marks = columns.map(() => '?').join(', ');
      return {
        sql: `insert into ${table} (${columns.join(', ')}) values (${marks})`,
        values: Object.values(change.row),
      };
    }
    case 'update': {
      const assignments = Object.keys(change.set).map((column) => `${column} = ?`);
      const { text, values } = conditionOf(change.where);
      return {
        sql: `update ${table} set ${assignments.join(', ')} where ${text}`,
        values: [...Object.values(change.set), ...values],
      };
    }
    case 'delete': {
      const { text, values } = conditionOf(change.where);
      return { sql: `delete from ${table} where ${text}`, values };
    }
    case 'add':
      throw new Error('the recorded payments have no limits');
  }
}

function conditionOf(where: Row): { text: string; values: SqlValue[] } {
  const present = Object.entries(where).filter(([, value]) => value !== null);
  const text = Object.entries(where)
    .map(([column, value]) => (value === null ? `${column} is null` : `${column} = ?`))
    .join(' and ');
  return { text, values: present.map(([, value]) => value) };
}
