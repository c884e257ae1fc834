/** The sandbox's clock over HTTP. Not mounted in live mode: real time is nobody's to move. */
import { Type } from 'typebox';
import { day, hour, minute, second } from '../base/clock.ts';
import { commitWithAnswer } from '../idempotency/answer.ts';
import { Problem } from '../sdk/problem.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import { strict, TimeSchema } from '../sdk/vocabulary.ts';
import type { SandboxClock } from './sandbox-clock.ts';

const ClockSchema = strict(
  {
    object: Type.Literal('clock'),
    now: TimeSchema,
    offset_ms: Type.Integer({ description: 'How far the sandbox is ahead of real time.' }),
  },
  { title: 'Clock' },
);

const AdvanceSchema = strict(
  {
    by: Type.String({
      pattern: '^([0-9]{1,6}(ms|s|m|h|d))+$',
      maxLength: 40,
      description: '7d, 1h30m, 45s.',
    }),
  },
  { title: 'ClockAdvance' },
);

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: second, m: minute, h: hour, d: day };

/** `1h30m` → 5 400 000. */
function durationMs(text: string): number {
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += Number(count) * (unitsMs[unit ?? ''] ?? 0);
  }
  return total;
}

/** Ten years: far enough for any test, near enough for dates to stay dates. */
const advanceMsMax = 3650 * day;

export function clockRoutes(deps: {
  readonly clock: SandboxClock;
  readonly commit: Parameters<typeof commitWithAnswer>[0];
}): readonly Route[] {
  const shown = () => ({
    object: 'clock' as const,
    now: deps.clock.now(),
    offset_ms: deps.clock.offsetMs,
  });
  const common = {
    tag: 'Sandbox',
    access: { kind: 'admin' },
    rate: 'management',
    replies: { 200: ClockSchema },
    problems: [],
  } as const;
  return [
    defineRoute({
      ...common,
      id: 'getClock',
      method: 'get',
      path: '/v1/clock',
      summary: 'The sandbox’s time',
      examples: [{ summary: 'Now', status: 200 }],
      handle: async () => ({ status: 200, body: shown() }),
    }),
    defineRoute({
      ...common,
      id: 'advanceClock',
      method: 'post',
      path: '/v1/clock/advance',
      summary: 'Move the sandbox’s time forward',
      description:
        'Whatever falls due on the way is done at its moment, in order, before the answer.',
      body: AdvanceSchema,
      examples: [{ summary: 'A week', body: { by: '7d' }, status: 200 }],
      handle: async ({ body, slot }) => {
        const ms = durationMs(body.by);
        if (ms > advanceMsMax) {
          throw new Problem('invalid_request', 'by is ten years at most', { param: 'by' });
        }
        await deps.clock.advance(ms);
        return commitWithAnswer(deps.commit, slot, { status: 200, body: shown() }, []);
      },
    }),
  ];
}
