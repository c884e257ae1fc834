/**
 * mocha's spec reporter and, as the very last line, the plain totals: "12 passed, 0 failed, 3
 * skipped". In `done`, because that is called after the global teardown has had its say. CommonJS,
 * because mocha loads reporters by require.
 */
const { reporters } = require('mocha');

module.exports = class PlainTotals extends reporters.Spec {
  done(failed, finish) {
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    finish(failed);
  }
};
