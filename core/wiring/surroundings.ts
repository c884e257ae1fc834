/** What processor accounts have to know of the switch around them: its address, its log. */
import type { AccountsSurroundings } from '../accounts/account.ts';
import type { Outside } from './container.ts';
import { errorFields } from './log.ts';

export function surroundingsOf(outside: Outside): AccountsSurroundings {
  const { config, log } = outside;
  const base = (url: string) => (url === '' ? undefined : url.replace(/\/+$/, ''));
  return {
    webhookBase: ({ sandboxOnly }) => {
      const { base_url: configured } = config.server;
      if (configured !== undefined) return base(configured);
      // A test double runs beside the switch and reaches it where it listens; nobody else does.
      return sandboxOnly ? base(outside.baseUrl()) : undefined;
    },
    endpointFailed: ({ id, webhook_state: state }, error, final) => {
      const fields = { account_id: id, state, ...errorFields(error) };
      if (final) log.error('given up on a webhook endpoint', fields);
      else log.info('a webhook endpoint is tried again later', fields);
    },
  };
}
