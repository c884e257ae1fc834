/** Seeded bugs where money moved without us: webhooks, what was found, what comes back. */
import type { Mutation } from './mutation.ts';

const found = 'core/payments/found.ts';
const incomingSpec = 'test/api/incoming.spec.ts';
const routeSpec = 'core/routing/route.spec.ts';

export const newsMutations: readonly Mutation[] = [
  {
    name: 'news: a foreign refund is not recognised',
    harm: 'the books subtract one refund as often as the processor tells of it',
    edits: [
      {
        file: found,
        search: '(operation.id === refund.operationId || operation.ref === ref)',
        replace: 'operation.id === refund.operationId',
      },
    ],
    caughtBy: [incomingSpec],
  },
  {
    name: 'news: our own refund is taken for a foreign one',
    harm: 'each refund that the merchant makes is booked twice',
    edits: [
      {
        file: found,
        search: '(operation.id === refund.operationId || operation.ref === ref)',
        replace: "(operation.origin === 'processor' && operation.ref === ref)",
      },
    ],
    caughtBy: [incomingSpec],
  },
  {
    name: 'news: more refunded than there is, booked',
    harm: 'counters fall below zero, and nobody is told that two sets of books differ',
    edits: [
      {
        file: found,
        search: 'if (refund.amount.amount > refundable(payment)) {',
        replace: 'if (refund.amount.amount < 0) {',
      },
    ],
    caughtBy: [incomingSpec],
  },
  {
    name: 'news: a refund that came back stays subtracted',
    harm: 'the merchant’s books miss money that the bank has sent back to him',
    edits: [
      {
        file: 'core/payments/give-up.ts',
        search: 'payment.amount_refunded -= operation.amount;',
        replace: '',
      },
    ],
    caughtBy: [incomingSpec],
  },
  {
    name: 'news: overtakes a call under way',
    harm: 'the outcome of a call is booked by the news of it, and then a second time or not at all',
    edits: [
      {
        file: 'core/payments/news.ts',
        search: 'if (await isBeingCalled(desk, payment)) return { done: false, payment };',
        replace: '',
      },
    ],
    caughtBy: ['test/crash/news.spec.ts'],
  },
  {
    name: 'news: a repeat is filed again',
    harm: 'a processor that repeats itself fills the table, and hides what is new',
    edits: [
      {
        file: 'migrations/0007-incoming.ts',
        search: 'create unique index incoming_webhooks_delivery',
        replace: 'create index incoming_webhooks_delivery',
      },
    ],
    caughtBy: [incomingSpec],
  },
  {
    name: 'news: a dispute takes its money with every word of it',
    harm: 'one chargeback is subtracted again when its evidence is looked at, and when it ends',
    edits: [
      {
        file: 'core/disputes/book.ts',
        search: 'after.amount_withdrawn - (known?.amount_withdrawn ?? 0);',
        replace: 'after.amount_withdrawn;',
      },
    ],
    caughtBy: [incomingSpec],
  },
  {
    name: 'surplus: a decline is given back',
    harm: 'the switch refunds a charge that was never made, and holds the payment up for it',
    edits: [
      {
        file: 'core/payments/surplus.ts',
        search: "if (operation.kind !== 'authorize' || state !== 'succeeded') return false;",
        replace: "if (operation.kind !== 'authorize') return false;",
      },
    ],
    caughtBy: ['test/crash/news.spec.ts'],
  },
  {
    name: 'limits: a failed payment keeps its room',
    harm: 'an account counts as used up by payments that came to nothing',
    edits: [
      {
        file: 'core/routing/board.ts',
        search: '{ settled_count: 1 } : { used_count: -1 }',
        replace: '{ settled_count: 1 } : {}',
      },
    ],
    caughtBy: [routeSpec],
  },
  {
    name: 'limits: the release is not committed with the outcome',
    harm: 'the same, for every payment that the switch itself has ended',
    edits: [
      {
        file: 'core/payments/settle.ts',
        search: 'ended.push(...released(before, conclusion.operation));',
        replace: '',
      },
    ],
    caughtBy: ['test/crash/limits.spec.ts'],
  },
];
