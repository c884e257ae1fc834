/** Begins an order: a hosted page, or a charge by card token, QRIS, GoPay or bank transfer. */
import { Fault, type Authorize, type JsonObject } from '#sdk';
import { readAuthorization } from './answers.ts';
import { change, type MidtransContext } from './calls.ts';
import { orderIdOf, orderOf, patienceMinutes } from './order.ts';
import { openPage } from './snap.ts';
import { readTransaction, type MidtransOutcome, type Transaction } from './transaction.ts';

export async function authorize(
  context: MidtransContext,
  command: Authorize,
): Promise<MidtransOutcome> {
  if (command.method.type === 'hosted') return openPage(context, command);
  const order = orderIdOf(command);
  const fields = await change(context, {
    path: '/v2/charge',
    body: { ...orderOf(command), ...paymentOf(context, command) },
    key: order,
    notify: true,
  });
  const transaction = readTransaction(fields);
  assertAsAsked(command, transaction);
  const { capture, method } = command;
  const outcome = readAuthorization(transaction, {
    order,
    method: method.type,
    capture,
    snap: undefined,
  });
  if (outcome.status !== 'pending' || outcome.waitingFor !== 'customer') return outcome;
  if (outcome.nextAction) return outcome;
  // A card that waits and shows the customer nothing waits for its bank.
  if (method.type === 'token') return { ...outcome, waitingFor: 'processor' };
  throw new Fault('unintelligible', 'the answer does not say how to pay');
}

function assertAsAsked({ capture }: Authorize, { standing }: Transaction): void {
  if (capture === 'manual' && standing === 'captured') {
    throw new Fault('unintelligible', 'a payment to be held that was captured');
  }
}

/** Rupiah that a bank takes at most, where the switch can ask for more. */
const bankMaxima: Readonly<Record<string, number>> = { cimb: 250_000_000 };

/** Banks by the name the switch gives them; Mandiri is paid as a bill. */
export const banks = ['bca', 'bni', 'bri', 'permata', 'cimb', 'mandiri'] as const;

function paymentOf({ settings }: MidtransContext, command: Authorize): JsonObject {
  const { method, capture, returnUrl } = command;
  const custom_expiry = { expiry_duration: patienceMinutes, unit: 'minute' };
  switch (method.type) {
    case 'token':
      if (command.details.off_session === true) {
        throw new Fault('rejected', 'a card token is authenticated: the customer has to be there');
      }
      return {
        payment_type: 'credit_card',
        credit_card: {
          token_id: method.token.reveal(),
          authentication: true,
          ...(capture === 'manual' && { type: 'authorize' }),
        },
      };
    case 'qris':
      assertAutomatic(command);
      return {
        payment_type: 'qris',
        ...(settings.qris_acquirer !== undefined && {
          qris: { acquirer: settings.qris_acquirer },
        }),
        custom_expiry,
      };
    case 'gopay':
      assertAutomatic(command);
      return {
        payment_type: 'gopay',
        gopay: { enable_callback: true, callback_url: returnUrl },
        custom_expiry,
      };
    case 'bank_transfer':
      assertAutomatic(command);
      return { ...transferOf(command, method.bank), custom_expiry };
    default:
      throw new Fault('rejected', `Midtrans takes no ${method.type} from the switch`);
  }
}

function transferOf({ amount }: Authorize, name: string): JsonObject {
  const bank = banks.find((known) => known === name);
  if (bank === undefined) throw new Fault('rejected', 'no virtual accounts at that bank');
  if (bank === 'mandiri') {
    // The two lines that the bank's machines show.
    const lines = { bill_info1: 'Payment:', bill_info2: 'Online purchase' };
    return { payment_type: 'echannel', echannel: lines };
  }
  const maximum = bankMaxima[bank];
  if (maximum !== undefined && amount.amount > maximum * 100) {
    throw new Fault('rejected', `${bank} takes at most Rp ${maximum} at a time`);
  }
  return { payment_type: 'bank_transfer', bank_transfer: { bank } };
}

function assertAutomatic({ capture, method }: Authorize): void {
  if (capture === 'automatic') return;
  throw new Fault('rejected', `only cards can be held, ${method.type} cannot`);
}
