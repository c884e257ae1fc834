/** `clock` and `ledger`: what the box's owner asks of a running switch. */
import { define, group, type Parent } from './define.ts';
import { exitCodes } from './exit.ts';
import { facts } from './render.ts';

interface Check {
  readonly id: string;
  readonly rule: string;
  readonly breaches: readonly string[];
}

export function addClock(parent: Parent): void {
  const clock = group(parent, 'clock', 'The sandbox’s time (admin key)', 'clock advance 7d');
  define(clock, {
    usage: 'show',
    summary: 'Show the sandbox’s time',
    examples: ['clock show'],
    run: async (session) => {
      const answer = await session.api('admin').call('GET', '/v1/clock');
      return session.answer(answer, clockText(answer.body));
    },
  });
  define(clock, {
    usage: 'advance <duration>',
    summary: 'Move the sandbox’s time forward; whatever falls due is done on the way',
    arguments: ['7d, 1h30m, 45s'],
    examples: ['clock advance 7d'],
    run: async (session, _options, by) => {
      const api = session.api('admin');
      const answer = await api.call('POST', '/v1/clock/advance', { body: { by } });
      return session.answer(answer, clockText(answer.body));
    },
  });
}

function clockText(body: Readonly<Record<string, unknown>>): string {
  const aheadMs = Number(body['offset_ms']);
  return facts([
    ['Now', String(body['now'])],
    ['Ahead by', `${Math.round(aheadMs / 1000)} s`],
  ]);
}

export function addLedger(parent: Parent): void {
  const ledger = group(parent, 'ledger', 'The books (admin key)', 'ledger verify');
  define(ledger, {
    usage: 'verify',
    summary: 'Check every invariant of the books; exit 1 when one is broken',
    examples: ['ledger verify', 'ledger verify --json'],
    run: async (session) => {
      const answer = await session.api('admin').call('POST', '/v1/ledger/verify');
      const checks = answer.body['checks'] as unknown as readonly Check[];
      session.print(answer.body, checks.map(lineOf).join(''));
      return answer.body['ok'] === true ? exitCodes.done : exitCodes.refused;
    },
  });
}

function lineOf({ rule, breaches }: Check): string {
  if (breaches.length === 0) return `ok    ${rule}\n`;
  return `FAIL  ${rule}\n${breaches.map((breach) => `        ${breach}\n`).join('')}`;
}
