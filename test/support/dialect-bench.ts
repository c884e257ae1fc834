/** Every conformance row of a dialect as a test of its own, at a switch of ours. */
import { checkRow } from '../../bin/dialects/check.ts';
import { openBench, type OpenBench } from '../../bin/dialects/bench.ts';
import type { Conformance } from '../../core/sdk/conformance.ts';
import type { TestSwitch } from './app.ts';

/** With everything that a row may need: the native API, the admin key, the clock, a receiver. */
export function benchAt(app: TestSwitch, prefix: string, conformance: Conformance): OpenBench {
  const { public_key: publicKey, secret_key: secretKey, admin_key: adminKey } = app.credentials;
  return openBench({
    dialectUrl: app.url + prefix,
    keys: { publicKey, secretKey },
    headersOf: (keys) => conformance.headersOf(keys),
    nativeUrl: app.url,
    adminKey,
  });
}

/** Called inside a suite. The rows run in order, at one bench. */
export function itKeepsItsRows(conformance: Conformance, bench: () => OpenBench): void {
  for (const row of conformance.rows) {
    it(`${row.id}: ${row.title}`, async () => {
      const { outcome, told } = await checkRow(row, bench());
      if (outcome !== 'held') throw new Error(told);
    }).timeout(60_000);
  }
}
