/**
 * A processor without a network: it stands behind the http port and answers a charge at once, in
 * the card simulator's words. What is left is the cost of the switch itself.
 */
import { newId } from '../../core/base/id.ts';
import { systemClock } from '../../core/base/clock.ts';
import type { HttpPort } from '../../core/sdk/http.ts';

interface ChargeRequest {
  readonly reference: string;
  readonly amount: number;
  readonly currency: string;
  readonly capture: boolean;
}

/** The simulator's own ids look like this one: `ch_` and 26 characters. */
function chargeId(): string {
  return newId('payment', systemClock.now()).replace('pay_', 'ch_');
}

/** There is no endpoint yet, and one is made of whatever is wished: it will send nothing. */
function endpoints(method: string) {
  const headers = { 'content-type': 'application/json' };
  const made = { object: 'webhook_endpoint', id: chargeId().replace('ch_', 'we_'), secret: 'none' };
  const answer = method === 'GET' ? { object: 'list', data: [], has_more: false } : made;
  return { status: method === 'GET' ? 200 : 201, headers, text: JSON.stringify(answer) };
}

export const processorStub: HttpPort = {
  send: async ({ method, url, body }) => {
    if (url.endsWith('/v1/webhook_endpoints')) return endpoints(method);
    const { reference, amount, currency, capture } = JSON.parse(
      String(body ?? '{}'),
    ) as ChargeRequest;
    const text = JSON.stringify({
      object: 'charge',
      id: chargeId(),
      reference,
      amount,
      currency,
      capture,
      status: capture ? 'captured' : 'authorized',
      decline: null,
      amount_authorized: amount,
      amount_captured: capture ? amount : 0,
      amount_refunded: 0,
      amount_voided: 0,
      auth_code: '123456',
      cvc_check: 'M',
      avs_check: 'U',
      authentication: 'none',
      next_action: null,
    });
    return { status: 200, headers: { 'content-type': 'application/json' }, text };
  },
};
