/** Receivers of webhooks for tests of the way out: on the loopback, counted, gone when told. */
import { expect } from 'chai';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createWebhookPort, type GuardedPort } from '../../core/outbound/webhook-port.ts';
import type { Resolve } from '../../core/outbound/resolve.ts';
import type { WebhookPolicy } from '../../core/outbound/webhook-url.ts';
import { DeliveryFault, type DeliveryFaultKind } from '../../core/webhooks/port.ts';

export interface Place {
  readonly port: number;
  /** How many connections have been made here. */
  readonly connections: number;
}

export interface Receivers {
  /** Listens on a free port of 127.0.0.1. */
  listen(server: net.Server): Promise<Place>;
  web(handle: http.RequestListener): Promise<Place>;
  tcp(handle: (socket: net.Socket) => void): Promise<Place>;
  /** The way out; the policy is the sandbox's where it says nothing else. */
  portWith(policy?: Partial<WebhookPolicy>, resolve?: Resolve): GuardedPort;
  /** Run when `end` is. */
  later(ending: () => void): void;
  end(): void;
}

export function openReceivers(): Receivers {
  const endings: (() => void)[] = [];

  async function listen(server: net.Server): Promise<Place> {
    const place = { port: 0, connections: 0 };
    server.on('connection', (socket: net.Socket) => {
      place.connections += 1;
      // A peer that is reset by the test, or by the port, has nothing to report.
      socket.on('error', () => socket.destroy());
      endings.push(() => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    endings.push(() => server.close());
    place.port = (server.address() as AddressInfo).port;
    return place;
  }

  return {
    listen,
    web: (handle) => listen(http.createServer(handle)),
    tcp: (handle) => listen(net.createServer(handle)),
    portWith(policy = {}, resolve) {
      const sandbox = { allowLoopback: true, allowHosts: [], allowedPorts: [80, 443] };
      const port = createWebhookPort(
        { ...sandbox, requireHttps: false, ...policy },
        { fault: DeliveryFault, ...(resolve && { resolve }) },
      );
      endings.push(() => port.close());
      return port;
    },
    later: (ending) => void endings.push(ending),
    end() {
      for (const end of endings.splice(0).toReversed()) end();
    },
  };
}

/** A webhook as small as they get. */
export function post(port: GuardedPort, url: string, timeoutMs = 5_000) {
  const headers = { 'content-type': 'application/json', 'webhook-id': 'evt_1' };
  return port.post({ url, headers, body: Buffer.from('{"id":"evt_1"}'), timeoutMs });
}

export function here(place: Place, path = '/hook?a=1'): string {
  return `http://127.0.0.1:${place.port}${path}`;
}

/** The fault that an attempt ends with; an answer, or a defect, fails the test. */
export async function faultOf(answer: Promise<unknown>): Promise<DeliveryFault> {
  const error: unknown = await answer.then(
    (got) => expect.fail(`an answer came: ${JSON.stringify(got)}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof DeliveryFault)) throw error;
  expect(error.durationMs).to.be.at.least(0);
  return error;
}

export async function expectFault(
  kind: DeliveryFaultKind,
  answer: Promise<unknown>,
): Promise<DeliveryFault> {
  const fault = await faultOf(answer);
  expect(`${fault.kind}: ${fault.message}`).to.match(new RegExp(`^${kind}: `));
  return fault;
}

/** Sets an environment variable until the receivers end. */
export function setVariable(receivers: Receivers, name: string, value: string): void {
  const before = process.env[name];
  receivers.later(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
  process.env[name] = value;
}
