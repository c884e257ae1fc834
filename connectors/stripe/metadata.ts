/** Our marks on Stripe's objects, beside the merchant's own metadata. */
import { Fault, type Authorize } from '#sdk';
import type { Form } from './form.ts';

/** Stripe docs, metadata: 50 names of up to 40 characters, values of up to 500. */
const namesMax = 50;
const nameMax = 40;
const valueMax = 500;

/**
 * An intent's metadata. Ours have to fit, or a lost intent could not be found again: what is too
 * much is refused with a `rejected` fault, never cut.
 */
export function metadataOf({ operationId, details, capture }: Authorize): Form {
  const theirs = Object.entries(details.metadata ?? {}).filter(([, value]) => value !== null);
  const ours = {
    pointsman_operation: operationId,
    ...(details.reference !== undefined && { pointsman_reference: details.reference }),
  };
  // A capture will want a place for its own mark.
  const taken = Object.keys(ours).length + (capture === 'manual' ? 1 : 0);
  if (theirs.length > namesMax - taken) {
    throw refusal(`of at most ${namesMax - taken} names here, because ${taken} are ours`);
  }
  return {
    ...Object.fromEntries(theirs.map(([name, value]) => [name, textOf(name, value)])),
    ...ours,
  };
}

function textOf(name: string, value: unknown): string {
  if (name.length > nameMax || /[[\]]/.test(name) || name.startsWith('pointsman_')) {
    throw refusal(`names of up to ${nameMax} characters, without [ ] and not beginning pointsman_`);
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length > valueMax) throw refusal(`values of up to ${valueMax} characters`);
  return text;
}

const refusal = (rule: string) => new Fault('rejected', `Stripe takes metadata ${rule}`);
