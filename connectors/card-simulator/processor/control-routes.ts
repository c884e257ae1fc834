/** The second door for faults, and the processor's own settings. Open: it is a sandbox. */
import { readJsonBody } from './exchange.ts';
import { readFlag, readOptionalNumber } from './fields.ts';
import type { Route } from './router.ts';
import type { Simulator } from './simulator.ts';

export function controlRoutes(simulator: Simulator): Route[] {
  const { faults, desk } = simulator;
  const settings = () => ({ deduplicate: desk.deduplicates, latency_ms: simulator.latencyMs });
  const route = (method: Route['method'], path: string, handle: Route['handle']): Route => ({
    method,
    path,
    merchant: false,
    handle,
  });
  return [
    route('POST', '/control/faults', async ({ request }) => {
      return { status: 201, body: faults.add(await readJsonBody(request)) };
    }),
    route('GET', '/control/faults', async () => ({ status: 200, body: { rules: faults.list() } })),
    route('DELETE', '/control/faults', async () => {
      faults.clear();
      return { status: 200, body: { rules: [] } };
    }),
    route('GET', '/control/settings', async () => ({ status: 200, body: settings() })),
    route('POST', '/control/settings', async ({ request }) => {
      const body = await readJsonBody(request);
      desk.deduplicates = readFlag(body, 'deduplicate', desk.deduplicates);
      simulator.latencyMs =
        readOptionalNumber(body, 'latency_ms', 0, 600_000) ?? simulator.latencyMs;
      return { status: 200, body: settings() };
    }),
  ];
}
