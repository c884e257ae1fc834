/** Mails with payment links: a row that lands with the link, and a job that sends it. */
import { StoreConflict, updateRow, type PluginJob } from '#sdk';
import { say } from './html.ts';
import { localeOf } from './locales/index.ts';
import { linkUrl } from './present.ts';
import {
  detailsOf,
  linkTable,
  mailTable,
  type LinkDetails,
  type LinkRow,
  type MailRow,
} from './record.ts';
import type { CheckoutHost } from './store.ts';
import { moneyText } from './summary-view.ts';

const minute = 60_000;

/**
 * Waits between tries: a grey list lets a mail through after minutes, a server that broke takes
 * hours. After the last, close to three days in all, the mail is given up.
 */
const waitsMs = [1, 5, 15, 60, 360, 720, 720, 720, 720, 720].map((minutes) => minutes * minute);

const batchSize = 20;

/** For the commit that makes the link. */
export const newMail = ({ id, created_at }: LinkRow, recipient: string): MailRow => ({
  link_id: id,
  recipient,
  status: 'pending',
  attempts: 0,
  next_at: created_at,
});

/** How the mails of links stand: link → row. */
export async function mailsOf(
  host: CheckoutHost,
  links: readonly LinkRow[],
): Promise<ReadonlyMap<string, MailRow>> {
  if (links.length === 0) return new Map();
  const rows = await host.store.find<MailRow>(mailTable, { link_id: links.map(({ id }) => id) });
  return new Map(rows.map((row) => [row.link_id, row]));
}

export function mailJob(host: CheckoutHost): PluginJob {
  const order = [{ by: 'next_at' }];
  return {
    id: 'mails',
    every: '* * * * * *',
    alone: true,
    run: async () => {
      const next_at = { atMost: isoAfter(host, 0) };
      const due = { status: 'pending', next_at };
      const rows = await host.store.find<MailRow>(mailTable, due, { order, limit: batchSize });
      for (const row of rows) await sendOne(host, row);
    },
    nextAt: async () => {
      const pending = { status: 'pending' };
      const [row] = await host.store.find<MailRow>(mailTable, pending, { order, limit: 1 });
      return row?.next_at;
    },
  };
}

const isoAfter = (host: CheckoutHost, ms: number) => new Date(host.clock.now() + ms).toISOString();

/** At least once: a mail that was sent before a crash is sent again under the same name. */
async function sendOne(host: CheckoutHost, row: MailRow): Promise<void> {
  const [link] = await host.store.find<LinkRow>(linkTable, { id: row.link_id });
  if (!link) return;
  const merchantId = link.merchant_id;
  try {
    const outcome = await host.mail.send(contentOf(host, link, row.recipient));
    if (outcome === 'refused') {
      host.log.warn('the mail server refused a mail for good', { merchantId });
    }
    await note(host, row, { status: outcome === 'sent' ? 'sent' : 'failed' });
  } catch (error) {
    const waitMs = waitsMs[row.attempts];
    host.log.warn('a mail was not sent', { merchantId, error });
    await note(
      host,
      row,
      waitMs === undefined ? { status: 'failed' } : { next_at: isoAfter(host, waitMs) },
    );
  }
}

async function note(
  host: CheckoutHost,
  { link_id, attempts }: MailRow,
  set: Partial<Pick<MailRow, 'status' | 'next_at'>>,
): Promise<void> {
  const where = { link_id, status: 'pending', attempts };
  try {
    await host.store.commit([
      updateRow(mailTable, { ...set, attempts: attempts + 1 }, where, 'checkout_mail'),
    ]);
  } catch (error) {
    // Another node sent it as well, and has noted that.
    if (!(error instanceof StoreConflict)) throw error;
  }
}

function contentOf(host: CheckoutHost, link: LinkRow, to: string) {
  const details = detailsOf<LinkDetails>(link);
  const locale = localeOf(details.locale);
  const { texts } = locale;
  const title = say(texts.linkTitle, { seller: details.seller_name });
  const lines = [
    title,
    '',
    `${texts.amountDue}: ${moneyText(locale, details.amount, details.currency)}`,
    ...(details.description === undefined ? [] : [details.description]),
    '',
    linkUrl(host, link),
    '',
  ];
  return { id: link.id, to, subject: title, text: lines.join('\n') };
}
