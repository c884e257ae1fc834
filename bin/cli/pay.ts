/** `pay` and `confirm`: a card, or the name of a test card, becomes a payment. */
import type { Option } from 'commander';
import { brandOf, cvcLengthOf } from '../../core/base/card.ts';
import { namedCards } from '../../core/wiring/test-cards.ts';
import { amountOption, define, idempotencyOption, option, pair, type Parent } from './define.ts';
import type { Session } from './define.ts';
import { usageError } from './exit.ts';
import { paymentText } from './present.ts';

interface MethodOptions {
  readonly card?: string;
  readonly exp?: string;
  readonly cvc?: string;
  readonly holder: string;
  readonly token?: string;
}

interface PayOptions extends MethodOptions {
  readonly amount?: number;
  readonly currency: string;
  readonly manual?: boolean;
  readonly confirm: boolean;
  readonly reference?: string;
  readonly description?: string;
  readonly customer?: string;
  readonly account?: string;
  readonly profile?: string;
  readonly returnUrl?: string;
  readonly webhookUrl?: string;
  readonly webhookSigner?: string;
  readonly threeDs?: boolean;
  readonly metadata?: Record<string, string>;
  readonly idempotencyKey?: string;
}

interface ConfirmOptions extends MethodOptions {
  readonly account?: string;
  readonly returnUrl?: string;
  readonly idempotencyKey?: string;
}

const methodOptions = (): Option[] => [
  option('--card <number|name>', 'a number, the name of a test card, or - to read it from stdin'),
  option('--exp <MM/YYYY>', 'default: December, three years from now'),
  option('--cvc <digits>', 'default: 123, or 1234 for Amex'),
  option('--holder <name>', 'name on the card').default('Jane Doe'),
  option('--token <token>', 'a stored method of the processor, instead of a card'),
];

export function addPay(parent: Parent): void {
  define<PayOptions>(parent, {
    usage: 'pay',
    summary: 'Create a payment and charge it',
    options: [
      amountOption('--amount <minor>', 'whole number of minor units; sandbox default 10000'),
      option('--currency <code>', 'ISO 4217').default('USD'),
      ...methodOptions(),
      option('--manual', 'authorize only; capture later'),
      option('--no-confirm', 'write it down without charging'),
      option('--reference <text>', 'your order number, unique'),
      option('--description <text>', 'for people'),
      option('--customer <cus_id>', 'one of your customers'),
      option('--account <acct_id>', 'this processor account and no other'),
      option('--profile <prof_id>', 'not the default profile'),
      option('--return-url <url>', 'where the payer comes back to after a redirect'),
      option('--webhook-url <url>', 'gets this payment’s events, in place of your endpoints'),
      option('--webhook-signer <name>', 'their format: standard, hex-sha256, hex-sha512 …'),
      option('--three-ds', 'ask for 3-D Secure'),
      option('--metadata <name=value>', 'may be repeated').argParser(pair),
      idempotencyOption(),
    ],
    examples: [
      'pay --amount 10000 --currency USD',
      'pay --amount 2500 --card declined',
      'pay --amount 10000 --manual --reference order-17',
      'pay --amount 10000 --card 5555555555554444 --exp 12/2034 --cvc 123 --json',
    ],
    run: pay,
  });
  define<ConfirmOptions>(parent, {
    usage: 'confirm <payment>',
    summary: 'Charge a payment that was created before, or try it again',
    arguments: ['pay_…'],
    options: [
      ...methodOptions(),
      option('--account <acct_id>', 'this processor account and no other'),
      option('--return-url <url>', 'where the payer comes back to after a redirect'),
      idempotencyOption(),
    ],
    examples: ['confirm pay_01… --card visa', 'confirm pay_01… --card challenge'],
    run: confirm,
  });
}

async function pay(session: Session, options: PayOptions) {
  const api = session.api();
  const live = api.live;
  if (live && options.amount === undefined) throw usageError('A live payment needs --amount.');
  const answer = await api.call('POST', '/v1/payments', {
    idempotencyKey: options.idempotencyKey,
    body: {
      amount: options.amount ?? 10_000,
      currency: options.currency,
      confirm: options.confirm,
      capture_method: options.manual ? 'manual' : 'automatic',
      ...(options.confirm ? { payment_method: await methodOf(session, options, live) } : {}),
      reference: options.reference,
      description: options.description,
      customer_id: options.customer,
      account: options.account,
      profile_id: options.profile,
      return_url: options.returnUrl,
      webhook_url: options.webhookUrl,
      webhook_signer: options.webhookSigner,
      authentication_type: options.threeDs ? 'three_ds' : undefined,
      metadata: options.metadata,
    },
  });
  return session.answer(answer, paymentText(answer.body));
}

async function confirm(session: Session, options: ConfirmOptions, payment = '') {
  const api = session.api();
  const answer = await api.call('POST', `/v1/payments/${encodeURIComponent(payment)}/confirm`, {
    idempotencyKey: options.idempotencyKey,
    body: {
      payment_method: await methodOf(session, options, api.live),
      account: options.account,
      return_url: options.returnUrl,
    },
  });
  return session.answer(answer, paymentText(answer.body));
}

/** The payment_method to send. Throws CliError for a card that is neither a number nor a name. */
async function methodOf(session: Session, options: MethodOptions, live: boolean): Promise<object> {
  if (options.token !== undefined) return { type: 'token', token: options.token };
  if (live && options.card === undefined) throw usageError('A live payment needs --card.');
  const number = await numberOf(session, options.card ?? 'visa');
  const digits = number.replaceAll(/[ -]/g, '');
  return {
    type: 'card',
    card: {
      number: digits,
      ...expiryOf(options.exp),
      cvc: options.cvc ?? '1234'.slice(0, cvcLengthOf(brandOf(digits))),
      holder_name: options.holder,
    },
  };
}

async function numberOf(session: Session, given: string): Promise<string> {
  const card = given === '-' ? (await session.terminal.read()).trim() : given;
  if (/^\d[\d -]+\d$/.test(card)) return card;
  const named = namedCards.find(({ name }) => name === card.toLowerCase());
  if (named) return named.number;
  throw usageError(
    // What was read from stdin, or holds digits, may be a real card with a slip in it.
    given === '-' || /\d{4}/.test(card)
      ? 'That is neither a card number nor the name of a test card'
      : `"${card}" is neither a card number nor the name of a test card`,
    `Names: ${namedCards.map(({ name }) => name).join(', ')}`,
  );
}

function expiryOf(text: string | undefined): { exp_month: number; exp_year: number } {
  if (text === undefined) return { exp_month: 12, exp_year: new Date().getUTCFullYear() + 3 };
  const match = /^(\d{1,2})\/(\d{4}|\d{2})$/.exec(text);
  if (!match) throw usageError(`--exp "${text}" is not a date like 12/2034`);
  const year = Number(match[2]);
  return { exp_month: Number(match[1]), exp_year: year < 100 ? 2000 + year : year };
}
