/** Where the simulator sends its news: one endpoint an account, found again by its description. */
import { Fault, Secret } from '#sdk';
import { create, erase, get, type SimulatorContext } from './calls.ts';
import { asFields, listOf, textOf } from './fields.ts';

const shelf = '/v1/webhook_endpoints';

/**
 * The new one first, then the old ones go: between the two a repeat is heard twice, and nothing is
 * missed.
 */
export async function register(
  context: SimulatorContext,
  { accountId }: { readonly accountId: string },
): Promise<{ readonly reference: string; readonly secret: Secret }> {
  if (context.webhookUrl === undefined) {
    throw new Fault('rejected', 'there is no address to send to');
  }
  const listed = asFields(await get(context, shelf), 'the answer');
  const former = listOf(listed, 'data').filter(({ description }) => description === accountId);
  const body = { url: context.webhookUrl, description: accountId };
  const made = asFields(await create(context, shelf, body), 'the answer');
  const answer = { reference: textOf(made, 'id'), secret: new Secret(textOf(made, 'secret')) };
  for (const old of former) await remove(context, { reference: textOf(old, 'id') });
  return answer;
}

export function remove(
  context: SimulatorContext,
  { reference }: { readonly reference: string },
): Promise<void> {
  return erase(context, `${shelf}/${encodeURIComponent(reference)}`);
}
