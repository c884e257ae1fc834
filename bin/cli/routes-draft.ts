/** `routes draft`: rules beside the live ones. */
import type { JsonObject } from '../../core/base/json.ts';
import { define, group, option, wholeNumber, type Parent } from './define.ts';
import { facts, timeText, word } from './render.ts';
import { draftLine, routingText } from './routes-text.ts';
import { textOfFile } from './rules-file.ts';

interface DraftOptions {
  readonly percent?: number;
  readonly minApproval?: number;
  readonly drop?: number;
  readonly minDecisions?: number;
}

export function addDraft(parent: Parent): void {
  const draft = group(parent, 'draft', 'Rules beside the live ones', 'routes draft show');
  const path = '/v1/routing/draft';
  const percentage = wholeNumber('a whole number of percent', 0);
  define(draft, {
    usage: 'show',
    summary: 'Show how the draft does beside the live rules',
    examples: ['routes draft show'],
    run: async (session) => {
      const answer = await session.api().call('GET', path);
      return session.answer(answer, reportText(answer.body));
    },
  });
  define<DraftOptions>(draft, {
    usage: 'set <file>',
    summary: 'Put rules beside the live ones, to note or to try what they decide',
    arguments: ['a rules file, or - for stdin'],
    options: [
      option('--percent <n>', 'of the payments it decides; 0: none').argParser(percentage),
      option('--min-approval <percent>', 'withdraw it below this rate').argParser(percentage),
      option('--drop <points>', 'withdraw it so far below the live rules').argParser(percentage),
      option('--min-decisions <n>', 'not before so many have ended; default 100').argParser(
        wholeNumber('a number from 1', 1),
      ),
    ],
    examples: ['routes draft set new.yaml', 'routes draft set new.yaml --percent 5 --drop 3'],
    run: async (session, options, file = '') => {
      const { percent = 0, minApproval, drop, minDecisions = 100 } = options;
      const guard = {
        ...(minApproval !== undefined && { min_approval_rate: minApproval / 100 }),
        ...(drop !== undefined && { drop_percent: drop }),
        min_decisions: minDecisions,
      };
      const isGuarded = minApproval !== undefined || drop !== undefined;
      const rules = await textOfFile(session, file);
      const body = { rules, percent, ...(isGuarded && { guard }) };
      const answer = await session.api().call('PUT', path, { body });
      return session.answer(answer, reportText(answer.body));
    },
  });
  define(draft, {
    usage: 'drop',
    summary: 'Take the draft away',
    examples: ['routes draft drop'],
    run: async (session) => {
      const answer = await session.api().call('DELETE', path);
      return session.answer(answer, reportText(answer.body));
    },
  });
  define(draft, {
    usage: 'promote <version>',
    summary: 'Make the draft your live rules',
    arguments: ['its version, as shown: the one that you looked at'],
    examples: ['routes draft promote 0123456789abcdef'],
    run: async (session, _options, version) => {
      const answer = await session.api().call('POST', `${path}/promote`, { body: { version } });
      return session.answer(answer, routingText(answer.body));
    },
  });
}

function reportText({ draft, figures }: JsonObject): string {
  if (draft === null || figures === null) return 'There is no draft.\n';
  const { same, moved, live, draft: own } = figures as JsonObject;
  const side = ({ decisions, approved, declined, approval_rate: rate }: JsonObject) =>
    `${word(decisions)} decisions, ${word(approved)} approved, ${word(declined)} not` +
    (rate === null ? '' : ` (${Math.round(Number(rate) * 1000) / 10} %)`);
  return facts([
    ['Draft', draftLine(draft as JsonObject)],
    ['Since', timeText(word((draft as JsonObject)['since']))],
    ['Same', word(same)],
    ['Moved', word(moved)],
    ['Live rules', side(live as JsonObject)],
    ['Draft', side(own as JsonObject)],
  ]);
}
