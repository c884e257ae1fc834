/** A card that is handed to us: kept for a customer, or a token of the browser's. */
import { commitWithAnswer } from '../idempotency/answer.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal, Reply } from '../sdk/route.ts';
import { Conflict } from '../storage/index.ts';
import { readCard, type ReadCard } from './card.ts';
import type { Caller } from './desk.ts';
import { presentMethod } from './present.ts';
import { issueToken } from './single-use.ts';
import { keepCard, vaultCardGuard } from './vault.ts';
import type { MethodsDeps } from './record.ts';
import type { MethodCreateBody } from './schema.ts';

/** How often a lost compare-and-swap is read and decided again. */
const triesMax = 20;

export async function createMethod(
  deps: MethodsDeps,
  caller: Caller,
  body: MethodCreateBody,
): Promise<Reply> {
  const { principal } = caller;
  const customerId = customerOf(principal, body);
  const card = readCard(body.card, principal.merchantId, deps.keyring, deps.clock.now(), 'card');
  return customerId === undefined
    ? issue(deps, caller, card, body)
    : keep(deps, caller, card, { ...body, customer_id: customerId });
}

/** A public key makes tokens only; a secret key keeps cards only. */
function customerOf({ kind }: Principal, body: MethodCreateBody): string | undefined {
  if (kind === 'public') {
    for (const field of ['customer_id', 'usage'] as const) {
      if (body[field] === undefined) continue;
      throw new Problem('forbidden', 'a public key makes single-use tokens only', { param: field });
    }
    return undefined;
  }
  if (body.customer_id !== undefined) return body.customer_id;
  throw new Problem('invalid_request', 'a card is kept for a customer', { param: 'customer_id' });
}

async function issue(
  deps: MethodsDeps,
  { principal, slot }: Caller,
  card: ReadCard,
  { billing }: MethodCreateBody,
): Promise<Reply> {
  const { method, changes, landed } = issueToken(deps, principal.merchantId, card, billing);
  // The word for "the same card again" is the merchant's, not the browser's.
  const answer = { status: 201, body: { ...presentMethod(method), fingerprint: null } };
  const reply = await commitWithAnswer(deps, slot, answer, changes);
  landed();
  return reply;
}

/** The CVC was checked for its length and is not looked at again: nothing is charged here. */
async function keep(
  deps: MethodsDeps,
  { principal, slot }: Caller,
  { input: card }: ReadCard,
  body: MethodCreateBody & { readonly customer_id: string },
): Promise<Reply> {
  const { merchantId } = principal;
  const { customer_id: customerId, usage = 'off_session', billing } = body;
  for (let attempt = 1; ; attempt += 1) {
    const kept = await keepCard(deps, { merchantId, customerId, card, usage, billing });
    if (!kept) {
      throw new Problem('customer_unknown', 'there is no such customer: create it first', {
        param: 'customer_id',
      });
    }
    const answer = { status: 201, body: presentMethod(kept.method) };
    try {
      return await commitWithAnswer(deps, slot, answer, kept.changes);
    } catch (error) {
      const lost = error instanceof Conflict && error.guard === vaultCardGuard;
      if (!lost || attempt === triesMax) throw error;
    }
  }
}
