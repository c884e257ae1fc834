/** Acme Pay: cards, over JSON. */
import { defineConnector } from '#sdk';
import { authorize } from './authorize.ts';
import { capture } from './capture.ts';
import { refund } from './refund.ts';
import { AcmePayRef, AcmePaySettings } from './settings.ts';
import { sync } from './sync.ts';
import { release } from './void.ts';
import { open } from './webhook.ts';

export const acmePay = defineConnector({
  id: 'acme-pay',
  name: 'Acme Pay',
  settings: AcmePaySettings,
  ref: AcmePayRef,
  // "A key is remembered for 24 hours" (Acme Pay's documentation, idempotency).
  replayWindowMs: 24 * 60 * 60 * 1000,
  sandboxOnly: false,
  methods: {
    card: {
      currencies: ['USD', 'JPY', 'KWD'],
      capture: ['automatic', 'manual'],
      partialCapture: true,
      multipleCapture: false,
      refund: 'partial',
      amounts: {
        USD: { minimum: 50, maximum: 99_999_999 },
        // Three decimals on paper; the last digit has to be 0.
        KWD: { minimum: 100, step: 10 },
      },
    },
  },
  operations: { authorize, sync, capture, void: release, refund },
  webhook: { open },
});
