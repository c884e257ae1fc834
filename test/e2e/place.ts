/** A switch that processors can reach, beside fakes of them: real HTTP both ways. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectors } from '../../connectors/index.ts';
import { startTestSwitch, type Answer, type TestSwitch } from '../support/app.ts';
import type { DatabasePlace } from '../support/databases.ts';
import type { ManualClock } from '../../core/base/clock.ts';

/** A port nobody listens on now: the switch's public address has to be known before it listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export async function startReachableSwitch(
  place: DatabasePlace,
  clock: ManualClock,
): Promise<TestSwitch> {
  const port = await freePort();
  return startTestSwitch(place, {
    clock,
    connectors,
    yaml: 'processors: { absence_grace_ms: 0 }\n',
    env: {
      POINTSMAN_PORT: String(port),
      POINTSMAN_BASE_URL: `http://127.0.0.1:${port}`,
    },
  });
}

/** Posts and expects the status; the answer's body is in the failure's message otherwise. */
export function poster(app: TestSwitch) {
  return async (path: string, body: unknown, status: number): Promise<Answer['body']> => {
    const answer = await app.call(path, { body });
    if (answer.status !== status) {
      throw new Error(`POST ${path} answered ${answer.status}, not ${status}: ${answer.text}`);
    }
    return answer.body;
  };
}

/** Looks until it is so: for what the processor's news brings about by itself. */
export async function eventually<T>(look: () => Promise<T>, isSo: (found: T) => boolean) {
  for (let tries = 1; ; tries += 1) {
    const found = await look();
    if (isSo(found)) return found;
    if (tries === 200) throw new Error(`it stays ${JSON.stringify(found).slice(0, 600)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export async function booksAreRight(app: TestSwitch): Promise<string[]> {
  const { body } = await app.call('/v1/ledger/verify', {
    method: 'POST',
    key: app.credentials.admin_key,
  });
  return body['checks'].flatMap(({ breaches }: { breaches: string[] }) => breaches);
}
