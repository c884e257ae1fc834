/**
 * Taking a processor's webhook in: verified over its raw bytes, filed, answered. Nothing is booked
 * here: the processor waits for the answer, and a slow one makes it send again.
 */
import { isoTime, minute } from '../base/clock.ts';
import { newId } from '../base/id.ts';
import type { Account } from '../accounts/account.ts';
import { contextOf } from '../accounts/context.ts';
import { Problem } from '../sdk/problem.ts';
import type { RawRequest, Reply } from '../sdk/route.ts';
import { WebhookRefusal, type Delivery } from '../sdk/webhook.ts';
import { Conflict, findOne, insert, update } from '../storage/index.ts';
import type { IncomingDesk } from './desk.ts';
import { bodyBinding, incomingGuard, type IncomingRecord } from './record.ts';

/**
 * Throws Problem `not_found` for accounts that take no webhooks, `webhook_refused` for what the
 * processor did not send.
 */
export async function takeIn(
  incoming: IncomingDesk,
  accountId: string,
  request: RawRequest,
): Promise<Reply> {
  const { desk } = incoming;
  const account = await desk.accounts.findAnywhere(accountId);
  if (!account?.connector.webhook) {
    throw new Problem('not_found', 'no webhooks are taken here');
  }
  const delivery = open(incoming, account, request);
  const record = recordOf(incoming, account, delivery, request.body);
  try {
    await desk.db.commit([insert('incoming_webhooks', { ...record })]);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
    incoming.observer.repeated(account);
    await lookAgain(incoming, record);
    return taken;
  }
  incoming.wake();
  return taken;
}

/** A repeat within a minute of the last look tells nothing; a later one may. */
const repeatMs = minute;

/**
 * Not every processor signs all it says, so the name of a delivery may have been used up by
 * somebody who had seen another: a repeat is filed once and looked into again.
 */
async function lookAgain({ desk, wake }: IncomingDesk, repeat: IncomingRecord): Promise<void> {
  const { account_id, delivery_id } = repeat;
  const where = { account_id, delivery_id };
  const known = await findOne<IncomingRecord>(desk.db, 'incoming_webhooks', where);
  const latest = isoTime(desk.clock.now() - repeatMs);
  if (!known || known.state === 'waiting' || repeat.state !== 'waiting') return;
  if ((known.applied_at ?? known.received_at) > latest) return;
  const { id, version } = known;
  const set = { state: 'waiting', attempts: 0, next_try_at: repeat.next_try_at } as const;
  try {
    const columns = { ...set, version: version + 1 };
    await desk.db.commit([update('incoming_webhooks', columns, { id, version }, incomingGuard)]);
    wake();
  } catch (error) {
    // Somebody else is at it: then it is being looked into.
    if (!(error instanceof Conflict)) throw error;
  }
}

const taken: Reply = { status: 200, body: { received: true } };

function open(incoming: IncomingDesk, account: Account, request: RawRequest): Delivery<unknown> {
  try {
    return verified(incoming, account, request);
  } catch (error) {
    if (!(error instanceof WebhookRefusal)) throw error;
    incoming.observer.refused(account, error);
    // One wording for every reason: a forger learns nothing about which check he failed.
    throw new Problem('webhook_refused', 'the signature does not fit this body and this account');
  }
}

function verified(
  { desk }: IncomingDesk,
  account: Account,
  request: RawRequest,
): Delivery<unknown> {
  const opened = (by: Account) => {
    const delivery = by.connector.webhook?.open(contextOf(by, desk.mode, desk.clock), request);
    if (!delivery) throw new WebhookRefusal('no_secret', 'no verifier');
    return delivery;
  };
  const former = desk.accounts.formerSecretOf(account.record, desk.clock.now());
  try {
    return opened(account);
  } catch (error) {
    const otherSecret = error instanceof WebhookRefusal && error.reason === 'bad_signature';
    if (!former || !otherSecret) throw error;
    return opened({ ...account, webhookSecret: former });
  }
}

function recordOf(
  { desk }: IncomingDesk,
  { record: { id: accountId, merchant_id: merchantId } }: Account,
  delivery: Delivery<unknown>,
  body: Uint8Array,
): IncomingRecord {
  const ms = desk.clock.now();
  const id = newId('incomingWebhook', ms);
  const forUs = delivery.subjects.length > 0;
  const text = Buffer.from(body).toString('utf8');
  return {
    id,
    merchant_id: merchantId,
    account_id: accountId,
    delivery_id: delivery.id,
    type: delivery.type,
    subjects: JSON.stringify(delivery.subjects),
    body: desk.keyring.seal('incoming-webhook', bodyBinding(id), text),
    state: forUs ? 'waiting' : 'ignored',
    attempts: 0,
    next_try_at: forUs ? isoTime(ms) : null,
    detail: forUs ? null : 'about nothing the switch keeps',
    payment_id: null,
    received_at: isoTime(ms),
    applied_at: null,
    version: 1,
  };
}
