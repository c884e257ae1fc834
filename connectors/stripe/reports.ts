/** Stripe's own books: movements of the balance, and payouts. */
import type {
  BalanceQuery,
  BalanceTransaction,
  Payout,
  PayoutQuery,
  ReportPage,
  ReportQuery,
} from '#sdk';
import { accepted, get, type StripeContext } from './calls.ts';
import {
  idOf,
  lookUp,
  meaningOf,
  optionalTextOf,
  textOf,
  timeOf,
  wordOf,
  type Fields,
} from './fields.ts';
import type { Form } from './form.ts';
import { readPage } from './lists.ts';
import { signedFromStripe } from './money.ts';

/** Our type → Stripe's. A word that is in none is a fault: nobody could say which side it is on. */
const typeWords: { readonly [T in BalanceTransaction['type']]?: string } = {
  charge: 'charge payment payment_unreconciled stripe_balance_payment_debit_reversal',
  refund: 'refund payment_refund payment_reversal',
  refund_failure: 'refund_failure payment_failure_refund',
  fee: 'stripe_fee stripe_fx_fee tax_fee application_fee application_fee_refund',
  payout: 'payout',
  payout_failure: 'payout_failure payout_cancel',
  transfer:
    'transfer transfer_cancel transfer_failure transfer_refund topup topup_reversal ' +
    'inbound_transfer inbound_transfer_reversal connect_collection_transfer',
  adjustment:
    'adjustment advance advance_funding anticipation_repayment climate_order_purchase ' +
    'climate_order_refund contribution fee_credit_funding issuing_authorization_hold ' +
    'issuing_authorization_release issuing_dispute issuing_dispute_provisional_credit ' +
    'issuing_dispute_provisional_credit_reversal issuing_transaction obligation_outbound ' +
    'obligation_reversal_inbound payment_network_reserve_hold payment_network_reserve_release ' +
    'payout_minimum_balance_hold payout_minimum_balance_release reserve_hold reserve_release ' +
    'reserve_transaction reserved_funds stripe_balance_payment_debit tax_fund',
};

const types = Object.fromEntries(
  (Object.entries(typeWords) as [BalanceTransaction['type'], string][]).flatMap(([type, words]) =>
    words.split(' ').map((word) => [word, type]),
  ),
) as Readonly<Record<string, BalanceTransaction['type']>>;

/** Disputes are adjustments to Stripe; what they report them as tells them from others. */
const adjustments: Readonly<Record<string, BalanceTransaction['type']>> = {
  dispute: 'dispute',
  dispute_reversal: 'dispute_reversal',
};

const payoutStatuses: Readonly<Record<string, Payout['status']>> = {
  pending: 'pending',
  in_transit: 'in_transit',
  paid: 'paid',
  failed: 'failed',
  canceled: 'cancelled',
};

async function balanceTransactions(
  context: StripeContext,
  query: BalanceQuery,
): Promise<ReportPage<BalanceTransaction>> {
  const form = { ...pageForm(query), payout: query.payout };
  return pageOf(accepted(await get(context, '/v1/balance_transactions', form)), readTransaction);
}

async function payouts(context: StripeContext, query: PayoutQuery): Promise<ReportPage<Payout>> {
  const { status } = query;
  const form = { ...pageForm(query), status: status === 'cancelled' ? 'canceled' : status };
  return pageOf(accepted(await get(context, '/v1/payouts', form)), readPayout);
}

export const reports = { balanceTransactions, payouts };

function pageForm({ fromMs, toMs, cursor, limit }: ReportQuery): Form {
  return {
    limit,
    starting_after: cursor,
    created: {
      // Stripe counts in seconds: the first whole one inside, the last one begun.
      gte: fromMs === undefined ? undefined : Math.ceil(fromMs / 1000),
      lte: toMs === undefined ? undefined : Math.floor(toMs / 1000),
    },
  };
}

function pageOf<T>(answer: Fields, read: (entry: Fields) => T): ReportPage<T> {
  const { data, more } = readPage(answer);
  const last = data.at(-1);
  return {
    entries: data.map((entry) => read(entry)),
    ...(more && last && { nextCursor: textOf(last, 'id') }),
  };
}

function readTransaction(fields: Fields): BalanceTransaction {
  const { currency } = fields;
  const type = meaningOf(fields, 'type', types);
  const reported = optionalTextOf(fields, 'reporting_category');
  return {
    reference: textOf(fields, 'id'),
    type: type === 'adjustment' ? (lookUp(adjustments, reported) ?? type) : type,
    processorType: textOf(fields, 'type'),
    source: idOf(fields, 'source'),
    amount: signedFromStripe(fields['amount'], currency),
    fee: signedFromStripe(fields['fee'], currency),
    net: signedFromStripe(fields['net'], currency),
    available: wordOf(fields, 'status', ['available', 'pending']) === 'available',
    availableAt: timeOf(fields, 'available_on'),
    createdAt: timeOf(fields, 'created'),
  };
}

/** A payout of a negative balance is a debit of the bank account, and its amount is negative. */
function readPayout(fields: Fields): Payout {
  const failureCode = optionalTextOf(fields, 'failure_code');
  return {
    reference: textOf(fields, 'id'),
    amount: signedFromStripe(fields['amount'], fields['currency']),
    status: meaningOf(fields, 'status', payoutStatuses),
    ...(failureCode !== undefined && { failureCode }),
    createdAt: timeOf(fields, 'created'),
    arrivalAt: timeOf(fields, 'arrival_date'),
  };
}
