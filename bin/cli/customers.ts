/** `customers`. */
import { erase } from './accounts.ts';
import {
  define,
  group,
  option,
  pageOptions,
  pageQuery,
  pair,
  yesOption,
  type PageOptions,
  type Parent,
} from './define.ts';
import { list, show } from './payments.ts';
import { objectText } from './present.ts';

interface CustomerOptions {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly reference?: string;
  readonly description?: string;
  readonly metadata?: Record<string, string>;
}

export function addCustomers(parent: Parent): void {
  const customers = group(parent, 'customers', 'Your customers', 'customers list');
  define<CustomerOptions>(customers, {
    usage: 'create',
    summary: 'Create a customer',
    options: [
      option('--name <name>', 'full name'),
      option('--email <address>', 'e-mail address'),
      option('--phone <number>', 'without the country code'),
      option('--reference <text>', 'your own id of the customer, unique'),
      option('--description <text>', 'for your own use'),
      option('--metadata <name=value>', 'may be repeated').argParser(pair),
    ],
    examples: ['customers create --name "Jane Doe" --email jane@example.com --reference crm-1001'],
    run: async (session, { name, email, phone, reference, description, metadata }) => {
      const body = { name, email, phone, reference, description, metadata };
      const answer = await session.api().call('POST', '/v1/customers', { body });
      return session.answer(answer, objectText(answer.body));
    },
  });
  define<PageOptions & { email?: string; reference?: string }>(customers, {
    usage: 'list',
    summary: 'List customers, newest first',
    options: [
      option('--email <address>', 'exactly this address'),
      option('--reference <text>', 'exactly this reference'),
      ...pageOptions(),
    ],
    examples: ['customers list', 'customers list --email jane@example.com'],
    run: (session, { email, reference, ...page }) =>
      list(session, 'customer', '/v1/customers', { ...pageQuery(page), email, reference }),
  });
  define(customers, {
    usage: 'show <customer>',
    summary: 'Show a customer',
    arguments: ['cus_…'],
    examples: ['customers show cus_01…'],
    run: (session, _options, id) => show(session, id ?? '', 'cus'),
  });
  define<{ yes?: boolean }>(customers, {
    usage: 'delete <customer>',
    summary: 'Delete a customer and erase the personal data',
    arguments: ['cus_…'],
    options: [yesOption()],
    examples: ['customers delete cus_01… --yes'],
    run: (session, { yes }, id) => erase(session, 'customers', id ?? '', yes),
  });
}
