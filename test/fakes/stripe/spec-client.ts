/** Stripe's own client against the fake: what the fake's specs share. */
import { expect } from 'chai';
import StripeClient, { type Stripe } from 'stripe';
import { missingContracts, stripeContracts } from '../contracts.ts';
import { skipped } from '../../support/skipped.ts';
import { startFakeStripe, type FakeStripe, type FakeStripeOptions } from './index.ts';

export interface Bench {
  readonly fake: FakeStripe;
  readonly client: Stripe;
}

/** Cards only, and nobody is sent anywhere: what a server confirming by itself says. */
export const cardsOnly = { enabled: true, allow_redirects: 'never' } as const;

export function clientOf(fake: FakeStripe, key = 'sk_test_shop'): Stripe {
  return new StripeClient(key, {
    host: '127.0.0.1',
    port: fake.port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    timeout: 10_000,
  });
}

/** A fake for one suite; every answer is held against the contracts when they are there. */
export function useFake(options: FakeStripeOptions = {}): Bench {
  let fake: FakeStripe | undefined;
  let client: Stripe | undefined;
  before(async () => {
    if (!(await stripeContracts())) skipped.set('Stripe contracts', missingContracts);
    fake = await startFakeStripe({ checksAnswers: true, ...options });
    client = clientOf(fake);
  });
  after(async () => {
    await fake?.close();
    expect(fake?.mistakes, 'mistakes of the fake').to.deep.equal([]);
  });
  const ready = <T>(it: T | undefined): T => {
    if (it === undefined) throw new Error('the fake starts in a before hook');
    return it;
  };
  return {
    get fake() {
      return ready(fake);
    },
    get client() {
      return ready(client);
    },
  };
}

/** The error a call is refused with. */
export async function refusal(
  call: Promise<unknown>,
): Promise<InstanceType<typeof StripeClient.errors.StripeError>> {
  try {
    await call;
  } catch (error) {
    if (error instanceof StripeClient.errors.StripeError) return error;
    throw error;
  }
  throw new Error('the call was not refused');
}

/** The types of the account's events, oldest first. */
export function eventTypes({ fake }: Bench, key = 'sk_test_shop'): string[] {
  return fake
    .dashboard(key)
    .all('event')
    .map(({ type }) => type);
}

/** POSTs as the customer's browser does: a form, no secret key. */
export async function fromBrowser(
  { fake }: Bench,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const body = new URLSearchParams({ key: 'pk_test_shop', ...form });
  const answer = await fetch(`${fake.url}${path}`, { method: 'POST', body });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** The id of what may be expanded. */
export function idOf(it: string | { readonly id: string } | null): string {
  if (it === null) throw new Error('there is none');
  return typeof it === 'string' ? it : it.id;
}
