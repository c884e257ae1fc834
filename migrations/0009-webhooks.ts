/** Outgoing webhooks: who wants to hear, what has to be told, and what was said to it. */
import type { Migration } from '../core/storage/migrate.ts';

export const webhooks: Migration = {
  name: '0009_webhooks',
  statements: ({ id, clustered }) => [
    // Merchants whose events go into the outbox. catch_up_at: nodes that did not know of it yet may
    // have left gaps since then; they are filled at that time.
    `create table webhook_listeners (
      merchant_id ${id} not null primary key,
      active smallint not null check (active in (0, 1)),
      by_payment smallint not null check (by_payment in (0, 1)),
      since text not null,
      catch_up_at text,
      version bigint not null
    ) ${clustered}`,
    `create index webhook_listeners_catch_up on webhook_listeners (catch_up_at)
       where catch_up_at is not null`,

    `create table webhook_endpoints (
      id ${id} not null primary key,
      merchant_id ${id} not null references merchants (id),
      profile_id ${id} references profiles (id),
      url text not null,
      description text,
      events text not null,
      also_payment_urls smallint not null check (also_payment_urls in (0, 1)),
      signer text not null,
      secret text not null,
      previous_secret text,
      previous_until text,
      status text not null check (status in ('enabled', 'disabled')),
      disabled_reason text,
      active_since text not null,
      success text not null check (success in ('2xx', '200')),
      timeout_ms bigint not null check (timeout_ms between 1000 and 30000),
      schedule text not null,
      expire_after_s bigint not null check (expire_after_s > 0),
      jitter_percent bigint not null check (jitter_percent between 0 and 100),
      failing_since text,
      created_at text not null,
      updated_at text not null,
      deleted_at text,
      version bigint not null,
      check ((previous_secret is null) = (previous_until is null))
    )`,
    `create index webhook_endpoints_merchant on webhook_endpoints (merchant_id, id)
       where deleted_at is null`,

    // Written with the event, gone with the deliveries that it became.
    `create table event_outbox (
      event_id ${id} not null primary key,
      merchant_id ${id} not null
    ) ${clustered}`,

    // target: the endpoint, or the payment whose own URL it is. lane: what waits for each other.
    // round: attempts of the running schedule, which a resend begins anew; attempts: all of them.
    `create table webhook_deliveries (
      id ${id} not null primary key,
      merchant_id ${id} not null,
      profile_id ${id},
      event_id ${id} not null,
      event_type text not null,
      payment_id ${id},
      endpoint_id ${id} references webhook_endpoints (id),
      target ${id} not null,
      lane ${id} not null,
      url text not null,
      signer text not null,
      state text not null check (state in ('pending', 'delivered', 'failed', 'expired')),
      attempts bigint not null,
      round bigint not null,
      round_started_at text not null,
      next_attempt_at text,
      expires_at text not null,
      last_status bigint,
      last_error text,
      created_at text not null,
      delivered_at text,
      version bigint not null,
      check ((state = 'pending') = (next_attempt_at is not null)),
      check ((state = 'delivered') = (delivered_at is not null))
    )`,
    `create unique index webhook_deliveries_target on webhook_deliveries (event_id, target)`,
    `create index webhook_deliveries_merchant on webhook_deliveries (merchant_id, id)`,
    `create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, id)
       where endpoint_id is not null`,
    `create index webhook_deliveries_payment on webhook_deliveries (payment_id, id)
       where payment_id is not null`,
    // From lane to lane, and within one what is longest due.
    `create index webhook_deliveries_due on webhook_deliveries (lane, next_attempt_at, id)
       where next_attempt_at is not null`,

    `create table webhook_attempts (
      delivery_id ${id} not null references webhook_deliveries (id),
      n bigint not null,
      at text not null,
      url text not null,
      duration_ms bigint not null,
      request_headers text not null,
      status bigint,
      error text,
      response_headers text,
      response_excerpt text,
      primary key (delivery_id, n)
    )`,

    // An endpoint is told again what happened in a span of time. cursor: the last event looked at.
    `create table webhook_replays (
      id ${id} not null primary key,
      merchant_id ${id} not null,
      endpoint_id ${id} not null references webhook_endpoints (id),
      from_at text not null,
      to_at text not null,
      types text not null,
      state text not null check (state in ('running', 'done')),
      cursor ${id},
      queued bigint not null,
      created_at text not null,
      version bigint not null
    )`,
    `create index webhook_replays_running on webhook_replays (id) where state = 'running'`,
  ],
};
