/** Stripe: PaymentIntents, saved methods, disputes, reports and news (see README.md). */
import { defineConnector, type MethodFacts } from '#sdk';
import { authorize } from './authorize.ts';
import { capture } from './capture.ts';
import { check } from './check.ts';
import { createCustomer } from './customers.ts';
import { accept, find, respond } from './disputes.ts';
import { endpoint } from './endpoint.ts';
import { inspect } from './inspect.ts';
import { amounts } from './money.ts';
import { refund } from './refund.ts';
import { reports } from './reports.ts';
import { settingsFault, StripeRef, StripeSettings } from './settings.ts';
import { setups } from './setups.ts';
import { sync } from './sync.ts';
import { release } from './void.ts';
import { open } from './webhook.ts';

const dayMs = 24 * 60 * 60 * 1000;

const facts: MethodFacts = {
  currencies: 'all',
  capture: ['automatic', 'manual'],
  partialCapture: true,
  multipleCapture: false,
  refund: 'partial',
  amounts,
};

export const stripe = defineConnector({
  id: 'stripe',
  name: 'Stripe',
  settings: StripeSettings,
  ref: StripeRef,
  // Stripe keeps idempotency keys for at least this long.
  replayWindowMs: dayMs,
  sandboxOnly: false,
  methods: { token: facts, hosted: facts, card: { ...facts, requires: 'raw_cards' } },
  operations: { authorize, capture, void: release, refund, sync, inspect },
  webhook: { open },
  endpoint,
  customers: { create: createCustomer },
  setups,
  disputes: { find, respond, accept },
  reports,
  check,
  settingsFault,
});
