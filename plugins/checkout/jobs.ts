/** What comes round by itself: sessions and links whose time is up, and news of their payments. */
import { StoreConflict, updateRow, type PluginJob, type Subscriber } from '#sdk';
import { linkTable, sessionTable, type LinkRow, type SessionRow } from './record.ts';
import { actorOf, calledOff, ended, linkPaid, lookedUp, paymentOf, settled } from './session.ts';
import type { CheckoutHost } from './store.ts';

const batchSize = 100;

/** How long a payment that is still under way is left alone before it is looked at again. */
const againMs = { processing: 60_000, in_review: 3_600_000 } as const;

const isoNow = (host: CheckoutHost) => new Date(host.clock.now()).toISOString();

export function expiryJob(host: CheckoutHost): PluginJob {
  return {
    id: 'expiry',
    every: '* * * * * *',
    alone: true,
    run: async () => {
      await expireSessions(host);
      await expireLinks(host);
    },
    nextAt: async () => {
      const [session] = await host.store.find<SessionRow>(
        sessionTable,
        { check_at: { above: '' } },
        { order: [{ by: 'check_at' }], limit: 1 },
      );
      const [link] = await host.store.find<LinkRow>(
        linkTable,
        { status: 'active', expires_at: { above: '' } },
        { order: [{ by: 'expires_at' }], limit: 1 },
      );
      const due = [session?.check_at, link?.expires_at].filter((at) => typeof at === 'string');
      return due.toSorted()[0];
    },
  };
}

async function expireSessions(host: CheckoutHost): Promise<void> {
  const due = { check_at: { atMost: isoNow(host) } };
  const order = [{ by: 'check_at' }];
  const rows = await host.store.find<SessionRow>(sessionTable, due, { order, limit: batchSize });
  for (const row of rows) {
    try {
      await expireOne(host, row);
    } catch (error) {
      if (!(error instanceof StoreConflict)) {
        const { merchant_id: merchantId, payment_id: paymentId } = row;
        host.log.error('a session could not be ended', { error, merchantId, paymentId });
      }
      await postpone(host, row, 'processing');
    }
  }
}

/** Nothing is ended before it is sure that nothing can be paid any more. */
async function expireOne(host: CheckoutHost, row: SessionRow): Promise<void> {
  const before = await lookedUp(host, row);
  const known = await settled(host, row, before);
  await linkPaid(host, known);
  if (known.status !== 'open') return;
  const sure = await calledOff(host, row, actorOf(host, row), 'checkout session expired');
  const payment = await paymentOf(host, row);
  const after = await settled(host, row, payment);
  await linkPaid(host, after);
  if (after.status !== 'open') return;
  if (sure) await ended(host, row, 'time');
  else await postpone(host, row, payment.status === 'in_review' ? 'in_review' : 'processing');
}

async function postpone(
  host: CheckoutHost,
  row: SessionRow,
  why: keyof typeof againMs,
): Promise<void> {
  const check_at = new Date(host.clock.now() + againMs[why]).toISOString();
  const where = { id: row.id, check_at: row.check_at };
  try {
    await host.store.commit([updateRow(sessionTable, { check_at }, where, 'checkout_check')]);
  } catch (error) {
    // It ended meanwhile: there is nothing left to look at.
    if (!(error instanceof StoreConflict)) throw error;
  }
}

async function expireLinks(host: CheckoutHost): Promise<void> {
  const due = { status: 'active', expires_at: { atMost: isoNow(host) } };
  for (const { id } of await host.store.find<LinkRow>(linkTable, due, { limit: batchSize })) {
    const where = { id, status: 'active' };
    try {
      await host.store.commit([
        updateRow(linkTable, { status: 'expired' }, where, 'checkout_link'),
      ]);
    } catch (error) {
      // Paid or taken back in the same moment.
      if (!(error instanceof StoreConflict)) throw error;
    }
  }
}

/** A customer who closed the tab has paid all the same. */
export function paymentNews(host: CheckoutHost): Subscriber {
  return {
    id: 'payment-news',
    types: [
      'payment.authorized',
      'payment.captured',
      'payment.partially_captured',
      'payment.late_success',
      'payment.cancelled',
      'payment.voided',
      'payment.expired',
      // Five of them end the session.
      'payment.failed',
    ],
    handle: async ({ payment }, merchant_id) => {
      if (payment === null) return;
      const where = { payment_id: payment, merchant_id };
      const [row] = await host.store.find<SessionRow>(sessionTable, where);
      if (!row) return;
      const now = await settled(host, row, await paymentOf(host, row));
      await linkPaid(host, now);
    },
  };
}
