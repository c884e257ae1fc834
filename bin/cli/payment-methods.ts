/** `payment-methods`: what was kept of a customer's. Cards are not typed on a command line. */
import { erase } from './accounts.ts';
import {
  define,
  group,
  option,
  pageOptions,
  pageQuery,
  yesOption,
  type PageOptions,
  type Parent,
} from './define.ts';
import { list, show } from './payments.ts';

const methodArgument = ['pm_…'];

export function addPaymentMethods(parent: Parent): void {
  const methods = group(
    parent,
    'payment-methods',
    'Kept payment methods',
    'payment-methods list --customer cus_01…',
  );
  define<PageOptions & { customer?: string }>(methods, {
    usage: 'list',
    summary: 'List a customer’s payment methods, newest first',
    options: [option('--customer <cus_id>', 'whose').makeOptionMandatory(), ...pageOptions()],
    examples: ['payment-methods list --customer cus_01…'],
    run: (session, { customer, ...page }) =>
      list(session, 'payment_method', '/v1/payment_methods', {
        ...pageQuery(page),
        customer_id: customer,
      }),
  });
  define(methods, {
    usage: 'show <method>',
    summary: 'Show a payment method',
    arguments: methodArgument,
    examples: ['payment-methods show pm_01…'],
    run: (session, _options, id) => show(session, id ?? '', 'pm'),
  });
  define<{ yes?: boolean }>(methods, {
    usage: 'delete <method>',
    summary: 'Forget a payment method, here and at its processor',
    arguments: methodArgument,
    options: [yesOption()],
    examples: ['payment-methods delete pm_01… --yes'],
    run: (session, { yes }, id) => erase(session, 'payment_methods', id ?? '', yes),
  });
}
