/** The words for native states: all of them, one each, and back for the filter of lists. */
import { expect } from 'chai';
import { paymentStatuses } from '../../core/payments/machine.ts';
import {
  nativeStatuses,
  redirectStatusOf,
  statuses,
  statusOf,
} from '../../plugins/payzpool/status.ts';

const wanted = {
  pending: ['created', 'requires_action'],
  processing: ['processing', 'in_review', 'authorized'],
  succeeded: ['partially_captured', 'captured'],
  failed: ['failed'],
  refunded: ['partially_refunded', 'refunded'],
  cancelled: ['voided', 'cancelled', 'expired'],
} as const;

describe('payzpool: statuses', () => {
  it('there is a word for every native state, and each stands where it should', () => {
    for (const native of paymentStatuses) {
      const word = statusOf(native);
      expect(wanted[word], native).to.include(native);
    }
  });

  it('a filter asks for all native states of a word, and for no other', () => {
    for (const word of statuses) {
      expect(nativeStatuses(word).split(',')).to.have.members([...wanted[word]]);
    }
  });

  it('the way back says succeeded of what is paid, and failed of what will not be', () => {
    const told = { pending: 'pending', processing: 'pending', succeeded: 'succeeded' };
    const all = { ...told, refunded: 'succeeded', failed: 'failed', cancelled: 'failed' };
    for (const native of paymentStatuses) {
      expect(redirectStatusOf(native), native).to.equal(all[statusOf(native)]);
    }
  });
});
