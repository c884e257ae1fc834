/**
 * Deterministic crashes for the crash tests: `POINTSMAN_FAILPOINT=after_intention:3` kills the
 * process at the third pass of that point. Kills, so that no `finally` runs; inert without the
 * variable.
 */

export type FailpointName =
  'before_intention' | 'after_intention' | 'after_answer' | 'after_outcome';

const [wanted, nth = '1'] = (process.env['POINTSMAN_FAILPOINT'] ?? '').split(':');
let passes = 0;

/** Dies here when the environment says so. */
export function failpoint(name: FailpointName): void {
  if (name !== wanted) return;
  passes += 1;
  if (passes === Number(nth)) process.kill(process.pid, 'SIGKILL');
}
