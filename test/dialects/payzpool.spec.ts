/** The Stripe pool: every promise of its document that can be seen from outside, row by row. */
import type { OpenBench } from '../../bin/dialects/bench.ts';
import { checkout } from '../../plugins/checkout/index.ts';
import { conformance } from '../../plugins/payzpool/conformance/index.ts';
import { payzpool } from '../../plugins/payzpool/index.ts';
import { startTestSwitch, type TestSwitch } from '../support/app.ts';
import { closeBooks } from '../support/books.ts';
import { describeOnEachDatabase } from '../support/databases.ts';
import { benchAt, itKeepsItsRows } from '../support/dialect-bench.ts';

const plugins = [checkout, payzpool];
/** One customer opens all the pages: the limits of one address are another suite's subject. */
const yaml = 'rate_limits: { public: { per_second: 100000 } }\n';

describeOnEachDatabase('payzpool, row by row', (database) => {
  let app: TestSwitch;
  let bench: OpenBench;

  before(async () => {
    app = await startTestSwitch(await database.open(), { plugins, yaml });
    bench = benchAt(app, '/payzpool', conformance);
  });
  after(async () => {
    await bench?.close();
    await closeBooks(app);
  });

  itKeepsItsRows(conformance, () => bench);
});
