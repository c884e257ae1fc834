/**
 * A link becomes a session. A reusable one makes a new session for every visitor; a one-time link
 * has one at any time, so that nobody pays an invoice twice.
 */
import { StoreConflict, updateRow, type StoreChange } from '#sdk';
import {
  detailsOf,
  linkTable,
  sessionTable,
  type LinkDetails,
  type LinkRow,
  type SessionDetails,
  type SessionRow,
} from './record.ts';
import { actorOf, draftSession, insertSession, linkPaid } from './session.ts';
import { linkById, sessionById, type CheckoutHost } from './store.ts';

/** Half an hour to find the card; the link itself lasts longer. */
const lifeMs = 1_800_000;

export interface Opening {
  readonly name?: string;
  readonly email?: string;
  /** Of the form's rendering. */
  readonly formKey: string;
  readonly requestId: string;
}

export const isUsable = (host: CheckoutHost, { status, expires_at }: LinkRow) =>
  status === 'active' && (expires_at === null || Date.parse(expires_at) > host.clock.now());

/** The session to send the visitor to; undefined when the link is over. */
export async function openedFrom(
  host: CheckoutHost,
  link: LinkRow,
  opening: Opening,
): Promise<SessionRow | undefined> {
  for (let tries = 1; ; tries += 1) {
    const now = tries === 1 ? link : await linkById(host, link.id);
    if (!isUsable(host, now)) return undefined;
    const known = now.session_id === null ? undefined : await sessionById(host, now.session_id);
    if (known?.status === 'open') return known;
    if (known?.status === 'complete') {
      await linkPaid(host, known);
      return undefined;
    }
    try {
      return await openNew(host, now, opening);
    } catch (error) {
      if (!(error instanceof StoreConflict) || tries === 3) throw error;
    }
  }
}

async function openNew(
  host: CheckoutHost,
  link: LinkRow,
  { name, email, formKey, requestId }: Opening,
): Promise<SessionRow> {
  const { customer_info: _asked, ...offer } = detailsOf<LinkDetails>(link);
  const details: SessionDetails = {
    ...offer,
    ...(name !== undefined && { customer_name: name }),
    ...(email !== undefined && { customer_email: email }),
  };
  const profileId = link.profile_id ?? undefined;
  const { row } = await draftSession(host, actorOf(host, link), {
    details,
    lifeMs,
    profileId,
    linkId: link.id,
    // The session before is part of it: a form that is sent again after that has ended is new.
    idempotencyKey: `${link.id} ${link.session_id ?? ''} ${formKey}`,
    requestId,
  });
  const [twin] = await host.store.find<SessionRow>(sessionTable, { payment_id: row.payment_id });
  if (twin) return twin;
  await host.store.commit([insertSession(row), ...claim(link, row)]);
  return row;
}

/** Whoever of two visitors is later finds the session of the first. */
function claim(link: LinkRow, { id: session_id }: SessionRow): StoreChange[] {
  if (link.kind === 'reusable') return [];
  const where = { id: link.id, status: 'active', session_id: link.session_id };
  return [updateRow(linkTable, { session_id }, where, 'checkout_link_session')];
}
