/**
 * Seeded bugs: the mistakes a payment switch dies of, each as a small edit of our own sources, with
 * the suites that must notice. A suite that passes with its bug in place guards nothing.
 */

import type { Mutation } from './mutation.ts';
import { newsMutations } from './news.ts';

const engine = 'core/payments/engine.ts';
const ask = 'core/payments/ask.ts';
const settle = 'core/payments/settle.ts';
const judge = 'core/payments/judge.ts';
const unknownSpec = 'test/recovery/unknown.spec.ts';
const scheduleSpec = 'test/recovery/schedule.spec.ts';
const nodesSpec = 'test/recovery/nodes.spec.ts';
const commitsSpec = 'test/crash/commits.spec.ts';
const decisionsSpec = 'test/crash/decisions.spec.ts';
const racesSpec = 'test/api/races.spec.ts';

const intention = 'await db.commit([...intent.changes, ...held, ...taken]);';
/** The same, where the call has been made already. */
const lateIntention = `const held = changesOf(intent.routed?.reservation?.deltas ?? []);
        await this.#deps.db.commit([...intent.changes, ...held, ...taken]);`;
const outcome = 'await db.commit([...settlement.changes, ...kept, ...extra(settlement)]);';
const nextTry = 'const next = await nextAccount(';

export const mutations: readonly Mutation[] = [
  ...newsMutations,
  {
    name: 'row after call',
    harm: 'a crash during the call leaves a charge that nobody here has ever heard of',
    edits: [
      { file: engine, search: intention, replace: '' },
      {
        file: engine,
        search: nextTry,
        replace: `${lateIntention}\n        ${nextTry}`,
      },
    ],
    caughtBy: [commitsSpec],
  },
  {
    name: 'row after call, seen by a kill',
    harm: 'the same, found the hard way: by killing the process',
    edits: [
      { file: engine, search: intention, replace: '' },
      {
        file: engine,
        search: nextTry,
        replace: `${lateIntention}\n        ${nextTry}`,
      },
    ],
    caughtBy: ['test/crash/failpoints.spec.ts'],
  },
  {
    name: 'timeout is a failure',
    harm: 'a charge that went through is told as failed, and the customer pays again',
    edits: [
      {
        file: judge,
        search: "state: fault.effect === 'none' ? 'failed' : 'unknown',",
        replace: "state: 'failed',",
      },
    ],
    caughtBy: [unknownSpec],
  },
  {
    name: 'guard in JavaScript',
    harm: 'two refunds at once each see the whole amount and both go out',
    edits: [
      {
        file: settle,
        search: '{ merchant_id, id, version }, paymentGuard',
        replace: '{ merchant_id, id }, paymentGuard',
      },
    ],
    caughtBy: [racesSpec],
  },
  {
    name: 'no fence',
    harm: 'a node that was frozen wakes up and overwrites what another one has settled',
    edits: [
      {
        file: settle,
        search: '{ id, version }, operationGuard',
        replace: '{ id }, operationGuard',
      },
    ],
    caughtBy: [nodesSpec],
    postgres: true,
  },
  {
    name: 'stale absence believed',
    harm: 'an old "not found" undoes what was found out since',
    edits: [
      {
        file: engine,
        search: '(!isUnresolved(current.operation.state) || !lasting.has(verdict.state))',
        replace: '!isUnresolved(current.operation.state)',
      },
    ],
    caughtBy: [nodesSpec],
    postgres: true,
  },
  {
    name: 'absence counted once',
    harm: 'a request still on its way is taken for lost, and made again',
    edits: [
      { file: ask, search: 'since === null || since >', replace: 'since !== null && since >' },
    ],
    caughtBy: [scheduleSpec],
  },
  {
    name: 'resent before the grace is over',
    harm: 'two questions a second apart count as proof, and a slow request is doubled',
    edits: [
      {
        file: ask,
        search: 'since === null || since > isoTime(desk.clock.now() - desk.absenceGraceMs)',
        replace: 'since === null',
      },
    ],
    caughtBy: [scheduleSpec],
  },
  {
    name: 'failover on timeout',
    harm: 'the second processor charges what the first one had charged already',
    edits: [
      {
        file: 'core/payments/cascade.ts',
        search: "if (state === 'failed') return cascading.has(result.fault ?? '');",
        replace: `if (state === 'unknown') return true;
  if (state === 'failed') return cascading.has(result.fault ?? '');`,
      },
    ],
    caughtBy: [unknownSpec],
  },
  {
    name: 'synchronous=NORMAL',
    harm: 'a power cut takes payments back that had been answered',
    edits: [
      {
        file: 'core/storage/sqlite.ts',
        search: "synchronous: ['FULL', 2],",
        replace: "synchronous: ['NORMAL', 1],",
      },
    ],
    caughtBy: ['test/crash/power-cut.spec.ts'],
    titles: 'loses nothing',
  },
  {
    name: 'events and entries outside the outcome’s commit',
    harm: 'a crash in between: money that moved, and neither ledger nor merchant told',
    edits: [
      {
        file: engine,
        search: outcome,
        replace: `const late = settlement.changes.filter((change) => change.kind === 'insert');
        const first = settlement.changes.filter((change) => !late.includes(change));
        await db.commit([...first, ...kept, ...extra(settlement)]);
        await db.commit(late);`,
      },
    ],
    caughtBy: [commitsSpec],
  },
  {
    name: 'idempotency answer outside the outcome’s commit',
    harm: 'a crash in between: the repeat of a request that is through finds no answer',
    edits: [
      {
        file: engine,
        search: outcome,
        replace: `await db.commit([...settlement.changes, ...kept]);
        await db.commit(extra(settlement));`,
      },
    ],
    caughtBy: [commitsSpec],
  },
  {
    name: 'idempotency key outside the intention’s commit',
    harm: 'a crash in between: the repeat of the request is a second charge',
    edits: [
      {
        file: engine,
        search: intention,
        replace: `await db.commit([...intent.changes, ...held]);
      await db.commit(taken);`,
      },
    ],
    caughtBy: [commitsSpec],
  },
  {
    name: 'another request under the same key is answered',
    harm: 'the merchant believes his second order paid, and it was never charged',
    edits: [
      {
        file: 'core/http/perform.ts',
        search: 'if (record.fingerprint !== slot?.fingerprint) {',
        replace: 'if (record.fingerprint === null) {',
      },
    ],
    caughtBy: ['test/api/idempotency.spec.ts'],
    titles: 'another body',
  },
  {
    name: 'refund not reserved',
    harm: 'refunds under way are not counted, and together exceed what was paid',
    edits: [
      {
        file: 'core/refunds/refund.ts',
        search: 'before.amount_refund_pending + amount',
        replace: 'before.amount_refund_pending',
      },
    ],
    caughtBy: [racesSpec],
  },
  {
    name: 'unknown answered as declined',
    harm: 'the merchant sells the goods to somebody else, or charges again',
    edits: [
      {
        file: 'core/payments/desk.ts',
        search: "if (operation.state === 'unknown' || payment.status === 'processing') return 202;",
        replace: "if (operation.state === 'unknown') return 402;",
      },
    ],
    caughtBy: [unknownSpec],
  },
  {
    name: 'answer about another amount believed',
    harm: 'the books say 100.00 where the processor moved 1,000.00',
    edits: [{ file: judge, search: 'amount === operation.amount &&', replace: '' }],
    caughtBy: [unknownSpec],
  },
  {
    name: 'answer about another operation believed',
    harm: 'one customer’s success is booked for another one’s order',
    edits: [
      { file: judge, search: 'outcome.operationId === operation.id', replace: 'operation.id' },
    ],
    caughtBy: [unknownSpec],
  },
  {
    name: 'orphaned calls ignored at boot',
    harm: 'what a crash cut off stays "processing" for minutes after the switch is back',
    edits: [
      {
        file: 'core/payments/recovery.ts',
        search: "if (orphans) void either.orWhere('state', 'calling');",
        replace: "if (!orphans) void either.orWhere('state', 'lost');",
      },
    ],
    caughtBy: ['test/crash/backlog.spec.ts'],
  },
  {
    name: 'charge sent again without its card',
    harm: 'a second authorization after a slow first one',
    edits: [
      {
        file: ask,
        search: "if (operation.kind === 'authorize') return false;",
        replace: '',
      },
    ],
    caughtBy: [scheduleSpec],
  },
  {
    name: 'held payment concluded beside its decision',
    harm: 'an approval finds the payment captured already, and is never settled',
    edits: [
      {
        file: ask,
        search: "if (await isBeingDecided(desk, operation)) return found !== 'no_answer';",
        replace: '',
      },
      {
        file: ask,
        search: 'async function isBeingDecided(',
        replace: 'export async function isBeingDecided(',
      },
    ],
    caughtBy: [decisionsSpec],
  },
  {
    name: 'approved twice',
    harm: 'a payment that was answered for meanwhile is authorized and captured a second time',
    edits: [
      {
        file: settle,
        search: "if (subject && isUnresolved(subject.state) && verdict.state === 'succeeded') {",
        replace: "if (subject && verdict.state === 'succeeded') {",
      },
    ],
    caughtBy: [decisionsSpec],
  },
];
