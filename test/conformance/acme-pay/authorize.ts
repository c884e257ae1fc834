/** Authorizes a card, and captures at once when the command says so. */
import { Fault, toDecimal, type Authorize } from '#sdk';
import { readAnswer, type AcmePayOutcome } from './answers.ts';
import { post, type AcmePayContext } from './calls.ts';

export async function authorize(
  context: AcmePayContext,
  command: Authorize,
): Promise<AcmePayOutcome> {
  const { operationId, amount, method, details } = command;
  if (method.type !== 'card') throw new Fault('rejected', 'Acme Pay takes cards only');
  const answer = await post(context, '/v1/payments', operationId, {
    amount: { value: toDecimal(amount), currency: amount.currency },
    capture: command.capture === 'automatic',
    card: {
      number: method.number.reveal(),
      expiry: { month: method.exp_month, year: method.exp_year },
      cvc: method.cvc?.reveal(),
      name: method.holder_name,
    },
    return_url: command.returnUrl,
    description: details.description,
  });
  return readAnswer(answer, 'payment');
}
