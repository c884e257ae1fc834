/** The card simulator: a processor of our own to build and test against (see README.md). */
import { defineConnector } from '#sdk';
import { authorize } from './authorize.ts';
import { capture } from './capture.ts';
import { check } from './check.ts';
import { accept, find, respond } from './disputes.ts';
import { register, remove } from './endpoint.ts';
import { inspect } from './inspect.ts';
import { refund } from './refund.ts';
import { balanceTransactions, payouts } from './reports.ts';
import { approve, reject } from './review.ts';
import { CardSimulatorRef, CardSimulatorSettings } from './settings.ts';
import { sync } from './sync.ts';
import { release } from './void.ts';
import { open } from './webhook.ts';

const dayMs = 24 * 60 * 60 * 1000;

export const cardSimulator = defineConnector({
  id: 'card-simulator',
  name: 'Card simulator',
  settings: CardSimulatorSettings,
  ref: CardSimulatorRef,
  // It remembers references as long as its ledger file lives; a day is what the switch may rely on.
  replayWindowMs: dayMs,
  sandboxOnly: true,
  methods: {
    card: {
      currencies: 'all',
      capture: ['automatic', 'manual'],
      partialCapture: true,
      multipleCapture: true,
      refund: 'partial',
    },
  },
  operations: { authorize, capture, void: release, refund, approve, reject, sync, inspect },
  webhook: { open },
  endpoint: { register, remove },
  disputes: { find, respond, accept },
  reports: { balanceTransactions, payouts },
  check,
});
