/** The states of a set-up: keeping a customer's method at a processor for later. */
import { defineMachine } from '../base/machine.ts';

/**
 * What the processor says late is told as it is: a set-up that was given up, because nobody knew of
 * it, may still turn out to have succeeded.
 */
export const setupMachine = defineMachine({
  name: 'set-up',
  initial: 'processing',
  states: {
    processing: {
      ask_customer: 'requires_action',
      succeed: 'succeeded',
      fail: 'failed',
      cancel: 'cancelled',
    },
    requires_action: {
      process: 'processing',
      succeed: 'succeeded',
      fail: 'failed',
      cancel: 'cancelled',
    },
    failed: { succeed: 'succeeded' },
    cancelled: { succeed: 'succeeded' },
    succeeded: {},
  },
});

export const setupStatuses = setupMachine.states;
export type SetupStatus = (typeof setupStatuses)[number];
