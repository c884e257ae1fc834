/** Midtrans, of Indonesia: Snap and the Core API (see README.md). */
import { defineConnector, type MethodFacts } from '#sdk';
import { authorize, banks } from './authorize.ts';
import { capture } from './capture.ts';
import { check } from './check.ts';
import { inspect } from './inspect.ts';
import { refund } from './refund.ts';
import { approve, reject } from './review.ts';
import { MidtransRef, MidtransSettings, settingsFault } from './settings.ts';
import { sync } from './sync.ts';
import { release } from './void.ts';
import { open } from './webhook.ts';

const minuteMs = 60 * 1000;

/** Bounds in whole rupiah, as Midtrans states them. */
const rupiah = (minimum: number, maximum?: number): MethodFacts['amounts'] => ({
  IDR: { minimum: minimum * 100, step: 100, ...(maximum && { maximum: maximum * 100 }) },
});

const atOnce = {
  currencies: ['IDR'],
  capture: ['automatic'],
  partialCapture: false,
  multipleCapture: false,
} as const;

const held = {
  currencies: ['IDR'],
  capture: ['automatic', 'manual'],
  partialCapture: true,
  multipleCapture: false,
} as const;

export const midtrans = defineConnector({
  id: 'midtrans',
  name: 'Midtrans',
  settings: MidtransSettings,
  ref: MidtransRef,
  // An Idempotency-Key lives for five minutes from its arrival; a minute is left for the way there.
  replayWindowMs: 4 * minuteMs,
  sandboxOnly: false,
  methods: {
    hosted: { ...held, refund: 'partial', amounts: rupiah(1) },
    token: { ...held, refund: 'partial', amounts: rupiah(10_000, 999_999_999) },
    qris: { ...atOnce, refund: 'partial', amounts: rupiah(1, 10_000_000) },
    gopay: { ...atOnce, refund: 'partial', amounts: rupiah(1, 20_000_000) },
    // BCA begins at Rp 10,000; where the others begin lower, that is given up for one rule.
    bank_transfer: { ...atOnce, refund: 'none', amounts: rupiah(10_000), banks },
  },
  operations: { authorize, capture, void: release, refund, approve, reject, sync, inspect },
  webhook: { open },
  check,
  settingsFault,
});
