/** Authorizes a card, and captures at once when the command says so. */
import { Fault, type Authorize, type JsonObject } from '#sdk';
import { readCharge, type SimulatorOutcome } from './answers.ts';
import { post, type SimulatorContext } from './calls.ts';
import { asFields, flagOf } from './fields.ts';

const threeDs = { three_ds: 'challenge', no_three_ds: 'none' } as const;

export async function authorize(
  context: SimulatorContext,
  command: Authorize,
): Promise<SimulatorOutcome> {
  const answer = await post(context, '/v1/charges', chargeBody(command));
  const outcome = readCharge(answer);
  if (flagOf(asFields(answer, 'the answer'), 'capture') !== (command.capture === 'automatic')) {
    throw new Fault('unintelligible', 'the answer is about another kind of capture');
  }
  return outcome;
}

function chargeBody(command: Authorize): JsonObject {
  const { amount, method, details } = command;
  if (method.type !== 'card') throw new Fault('rejected', 'the simulator takes cards only');
  return {
    reference: command.operationId,
    amount: amount.amount,
    currency: amount.currency,
    capture: command.capture === 'automatic',
    card: {
      number: method.number.reveal(),
      exp_month: method.exp_month,
      exp_year: method.exp_year,
      cvc: method.cvc?.reveal(),
      holder_name: method.holder_name,
    },
    three_ds: details.authentication_type && threeDs[details.authentication_type],
    return_url: command.returnUrl,
    description: details.description,
    statement_descriptor: details.statement_descriptor,
    metadata: details.metadata,
    billing: details.billing as JsonObject | undefined,
    browser_info: details.browser_info as JsonObject | undefined,
  };
}
