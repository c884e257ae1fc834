/** Whose account the key opens. */
import type { AccountFacts } from '#sdk';
import { get, type SimulatorContext } from './calls.ts';
import { asFields, textOf, wordOf } from './fields.ts';

export async function check(context: SimulatorContext): Promise<AccountFacts> {
  const fields = asFields(await get(context, '/v1/account'), 'the answer');
  wordOf(fields, 'object', ['account']);
  return { reference: textOf(fields, 'id'), chargesEnabled: true, payoutsEnabled: true };
}
