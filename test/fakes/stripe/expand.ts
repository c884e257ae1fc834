/** `expand[]`: ids replaced by the objects behind them, in a copy. */
import { list, type Params } from './params.ts';
import { invalid } from './problem.ts';
import type { Account } from './world.ts';

/** What may be expanded, by the kind of object it stands in. */
const expandable: Readonly<Record<string, readonly string[]>> = {
  payment_intent: ['customer', 'latest_charge', 'payment_method'],
  charge: ['balance_transaction', 'customer', 'failure_balance_transaction', 'payment_intent'],
  payment_method: ['customer'],
  refund: ['balance_transaction', 'charge', 'failure_balance_transaction', 'payment_intent'],
  setup_intent: ['customer', 'latest_attempt', 'payment_method'],
  setup_attempt: ['customer', 'payment_method', 'setup_intent'],
  dispute: ['charge', 'payment_intent'],
  balance_transaction: ['source'],
  payout: ['balance_transaction', 'failure_balance_transaction'],
};

type Node = Record<string, unknown>;

/**
 * A deep copy of `answer` with everything expanded that `params` asks for.
 * @throws Problem for a path that does not exist or is deeper than Stripe's 4 levels
 */
export function expanded(account: Account, params: Params, answer: object): Node {
  const copy = structuredClone(answer) as Node;
  for (const path of list(params, 'expand') ?? []) {
    const steps = path.split('.');
    if (steps.length > 4) {
      throw invalid('You cannot expand more than 4 levels.', { param: 'expand' });
    }
    walk(account, copy, steps, path);
  }
  return copy;
}

function walk(account: Account, node: Node, steps: readonly string[], path: string): void {
  const [step = '', ...rest] = steps;
  const fail = (): never => {
    throw invalid(`This property cannot be expanded (${path}).`, { param: 'expand[0]' });
  };
  if (node.object === 'list') {
    if (step !== 'data') fail();
    for (const item of node.data as Node[]) walk(account, item, rest, path);
    return;
  }
  if (node.object === 'charge' && step === 'refunds') {
    node.refunds = refundsOf(account, String(node.id));
    if (rest.length > 0) walk(account, node.refunds as Node, rest, path);
    return;
  }
  if (!(expandable[String(node.object)] ?? []).includes(step)) fail();
  const value = node[step];
  if (typeof value === 'string') node[step] = structuredClone(account.any(value)) ?? value;
  const next = node[step];
  if (rest.length > 0 && typeof next === 'object' && next !== null) {
    walk(account, next as Node, rest, path);
  }
}

function refundsOf(account: Account, charge: string): Node {
  const data = account.all('refund').filter((it) => it.charge === charge);
  const url = `/v1/charges/${charge}/refunds`;
  return { object: 'list', data: structuredClone(data).reverse(), has_more: false, url };
}
