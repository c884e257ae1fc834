/**
 * Outgoing webhooks: the events of a few hundred payments are told to eight endpoints again and
 * again, by replays, so that what is measured is telling them and nothing else. A replayed delivery
 * costs what a first one does: its row, its claim, the signature, the exchange and the log.
 */
import { join } from 'node:path';
import { startChild } from './child.ts';
import { saturate } from './load.ts';
import { openReceiver } from './receiver.ts';
import { charges } from './requests.ts';
import type { Places, Target } from './targets.ts';
import { withCost, width, type HttpFacts } from './cost.ts';

/** An endpoint has four deliveries under way at most, a merchant 32. */
const endpointsCount = 8;

/** Enough events to hide the beginning and the end of a replay. */
const fillSeconds = 0.5;

export async function deliveries(places: Places): Promise<Target> {
  const receiver = await openReceiver();
  const dataDir = join(places.directory, 'deliveries');
  const options = { dataDir, receiverPort: receiver.port };
  const child = await startChild<HttpFacts>('switch', options, places);
  const { url, key } = child.facts;
  const from = new Date(Date.now() - 60_000).toISOString();
  const next = charges(key, false);
  await saturate({ url, next, seconds: fillSeconds, width });
  const to = new Date().toISOString();

  const post = async <T>(path: string, body: object): Promise<T> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const endpoints: string[] = [];
  for (let at = 0; at < endpointsCount; at += 1) {
    const hook = `http://127.0.0.1:${receiver.port}/${at}`;
    const body = { url: hook, events: ['payment.captured'] };
    endpoints.push((await post<{ id: string }>('/v1/webhook_endpoints', body)).id);
  }
  const captured = await child.ask<number>('countEvents', 'payment.captured');
  const count = captured * endpoints.length;
  return {
    name: 'deliveries',
    // How long it takes is what is asked: the number of deliveries is given, not the seconds.
    measure: () =>
      withCost(child, async () => {
        const told = receiver.expect(count);
        const startedMs = performance.now();
        const begin = (id: string) => post(`/v1/webhook_endpoints/${id}/replay`, { from, to });
        await Promise.all([told, ...endpoints.map(begin)]);
        const perSecond = (count * 1000) / (performance.now() - startedMs);
        // The last answers have come; their rows have not been written yet.
        await child.ask('settled');
        return { count, perSecond };
      }),
    bytesPerPayment: async () => undefined,
    close: async () => {
      await child.stop();
      await receiver.close();
    },
  };
}
