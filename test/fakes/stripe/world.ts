/** Everything the fake remembers: accounts with their objects, the clock, the ids. */
import { createHash } from 'node:crypto';
import { absent, unauthorized } from './problem.ts';
import type { Kept, Kind, Kinds, StripeEvent } from './types.ts';

/** What is known of a payment method and never shown. */
export interface CardState {
  /** Key of the test-card table (cards.ts). */
  readonly number: string;
  /** A setup or a payment with setup_future_usage allowed charges without the customer. */
  setUp: boolean;
  /** Charged without a customer, or detached: Stripe does not take it a second time. */
  spent: boolean;
}

/** A 3-D Secure question that the customer has not answered. */
export interface Challenge {
  readonly token: string;
  readonly returnUrl: string | undefined;
}

/** One Stripe account: what `sk_test_x`, `rk_test_x` and `pk_test_x` open together. */
export class Account {
  readonly id: string;
  /** The key without its prefix. */
  readonly name: string;
  readonly cards = new Map<string, CardState>();
  readonly challenges = new Map<string, Challenge>();
  /** Confirmation token → the card that the customer typed into Stripe's form. */
  readonly tokens = new Map<string, string>();
  /** Webhook endpoint → its signing secret. */
  readonly secrets = new Map<string, string>();
  /** Balance transaction → the payout that paid it out. */
  readonly paidOutBy = new Map<string, string>();
  chargesEnabled = true;
  readonly #objects = new Map<string, Kept>();

  constructor(id: string, name: string) {
    this.id = id;
    this.name = name;
  }

  add<T extends Kept>(object: T): T {
    this.#objects.set(object.id, object);
    return object;
  }

  remove(id: string): void {
    this.#objects.delete(id);
  }

  find<K extends Kind>(kind: K, id: string | null | undefined): Kinds[K] | undefined {
    const found = id ? this.#objects.get(id) : undefined;
    return found?.object === kind ? (found as Kinds[K]) : undefined;
  }

  /** @throws Problem `resource_missing`: 404, or 400 when a parameter (`param`) named it. */
  get<K extends Kind>(kind: K, id: string, param?: string): Kinds[K] {
    const found = this.find(kind, id);
    if (!found) throw absent(kind, id, param);
    return found;
  }

  any(id: string): Kept | undefined {
    return this.#objects.get(id);
  }

  /** In the order of their making. */
  all<K extends Kind>(kind: K): Kinds[K][] {
    return [...this.#objects.values()].filter((it) => it.object === kind) as Kinds[K][];
  }
}

export interface WorldOptions {
  /** Default: the machine's clock. */
  readonly now?: () => Date;
  /** Part of every id; two fakes with one seed give the same ids in the same order. */
  readonly seed?: string;
  /** The accounts' own API version: what a webhook endpoint without `api_version` gets. */
  readonly accountApiVersion?: string;
}

/** The version that `stripe` 23.1.0 pins. */
export const currentApiVersion = '2026-10-28.endive';

export class World {
  readonly accountApiVersion: string;
  /** Set once the server listens; part of the URLs in `next_action`. */
  url = '';
  /** The request being carried out: events name it. */
  request: { id: string; idempotency_key: string | null } | null = null;
  /** Told of every event, in order. */
  onEvent: (account: Account, event: StripeEvent) => void = () => undefined;
  /** Work that follows the answer, as Stripe's own background does. */
  readonly afterwards: (() => void)[] = [];
  readonly #accounts = new Map<string, Account>();
  readonly #now: () => Date;
  readonly #seed: string;
  #count = 0;

  constructor(options: WorldOptions) {
    this.#now = options.now ?? (() => new Date());
    this.#seed = options.seed ?? 'Fake';
    this.accountApiVersion = options.accountApiVersion ?? currentApiVersion;
  }

  /** Seconds since 1970. */
  now(): number {
    return Math.floor(this.#now().getTime() / 1000);
  }

  id(prefix: string): string {
    this.#count += 1;
    return `${prefix}_1${this.#seed}${String(this.#count).padStart(12, '0')}`;
  }

  /** 24 or more letters nobody would guess, and the same in each run. */
  secret(of: string): string {
    return createHash('sha256').update(`${this.#seed} ${of}`).digest('hex').slice(0, 25);
  }

  /** The account of a secret, restricted or publishable test key. */
  account(key: string): Account {
    const name = /^(?:sk|rk|pk)_test_(\w+)$/.exec(key)?.[1];
    if (name === undefined || name.includes('invalid')) {
      throw unauthorized(`Invalid API Key provided: ${key.slice(0, 8)}****`);
    }
    const known = this.#accounts.get(name);
    if (known) return known;
    const account = new Account(`acct_1${this.secret(name).slice(0, 15)}`, name);
    this.#accounts.set(name, account);
    return account;
  }

  accounts(): Account[] {
    return [...this.#accounts.values()];
  }

  /** Records that something happened and hands it to the webhooks. */
  emit(account: Account, type: string, object: object): StripeEvent {
    const event: StripeEvent = {
      id: this.id('evt'),
      object: 'event',
      api_version: this.accountApiVersion,
      created: this.now(),
      data: { object: structuredClone(object) },
      livemode: false,
      pending_webhooks: 0,
      request: this.request,
      type,
    };
    account.add(event);
    this.onEvent(account, event);
    return event;
  }
}
