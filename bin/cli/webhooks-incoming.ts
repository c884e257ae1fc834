/** `webhooks incoming`: what processors told the switch, and looking at it once more. */
import {
  define,
  group,
  option,
  pageOptions,
  pageQuery,
  type PageOptions,
  type Parent,
} from './define.ts';
import { exitCodes } from './exit.ts';
import { list, show } from './payments.ts';
import { objectText } from './present.ts';

interface IncomingFilters extends PageOptions {
  readonly account?: string;
  readonly payment?: string;
  readonly state?: string;
  readonly from?: string;
  readonly to?: string;
}

const path = '/v1/incoming_webhooks';

export function addIncoming(webhooks: Parent): void {
  const incoming = group(
    webhooks,
    'incoming',
    'What processors told the switch',
    'webhooks incoming list',
  );
  define<IncomingFilters>(incoming, {
    usage: 'list',
    summary: 'List what came in, newest first',
    options: [
      option('--account <acct_id>', 'of one processor account'),
      option('--payment <pay_id>', 'about one payment'),
      option('--state <state>', 'waiting, applied, ignored or failed'),
      option('--from <date>', 'received at or after: 2026-11-21, or with a time'),
      option('--to <date>', 'received until'),
      ...pageOptions(),
    ],
    examples: ['webhooks incoming list --state failed'],
    run: (session, { account, payment, state, from, to, ...page }) =>
      list(session, 'incoming', path, {
        ...pageQuery(page),
        account,
        payment,
        state,
        created_from: from,
        created_to: to,
      }),
  });
  define(incoming, {
    usage: 'show <webhook>',
    summary: 'Show one, with the beginning of its body',
    arguments: ['inwh_…'],
    examples: ['webhooks incoming show inwh_01…'],
    run: (session, _options, id) => show(session, id ?? '', 'inwh'),
  });
  define(incoming, {
    usage: 'replay <webhook>',
    summary: 'Look again at what it was about; safe at any time',
    arguments: ['inwh_…'],
    examples: ['webhooks incoming replay inwh_01…'],
    run: async (session, _options, id = '') => {
      const answer = await session.api().call('POST', `${path}/${encodeURIComponent(id)}/replay`);
      session.print(answer.body, objectText(answer.body));
      return exitCodes.done;
    },
  });
}
