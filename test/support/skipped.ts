/**
 * Suites that could not run on this machine, with the reason, told aloud after the totals
 * (test/support/global.ts): a test that silently does not run looks like one that passes. Kept on
 * globalThis, because a loader may give two importers two copies of a module.
 */
const key = Symbol.for('pointsman.test.skipped');
const shared: typeof globalThis & { [key]?: Map<string, string> } = globalThis;

/** Suite name ("Postgres suites") → why it was skipped. */
export const skipped: Map<string, string> = (shared[key] ??= new Map<string, string>());
