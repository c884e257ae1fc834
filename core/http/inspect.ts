/**
 * What no schema says: how deep a body goes, what its texts may hold, and that a card number stands
 * in the card's own field or nowhere.
 */
import { holdsCardNumber } from '../base/card.ts';
import type { Json } from '../base/json.ts';
import { Problem } from '../sdk/problem.ts';

const depthMax = 16;
const keysMax = 1000;
/** No field of ours and no metadata key is longer; refusals repeat the name. */
const nameLengthMax = 100;

// Control characters but tab, line feed and carriage return; lone surrogates; bidirectional
// overrides.
const forbidden = /(?![\t\n\r])[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;

/**
 * Somebody else's keys and tokens: random, so now and then their digits pass for a card number.
 * With a letter in it such a text is none.
 */
const hasLetter = /\p{L}/u;

function checkText(text: string, path: string, mayBeCard: boolean): void {
  if (forbidden.test(text) || !text.isWellFormed()) {
    throw new Problem('invalid_request', `${path} holds a control character or broken Unicode`, {
      param: path,
    });
  }
  if (!mayBeCard) refuseCardNumber(text, path);
}

/** Throws `card_data_misplaced` when a text holds what can only be a card number. */
export function refuseCardNumber(text: string, param: string): void {
  if (!holdsCardNumber(text)) return;
  throw new Problem(
    'card_data_misplaced',
    `${param} holds a card number; it belongs into payment_method.card.number alone`,
    {
      param,
    },
  );
}

/** Walks the whole body; throws at the first thing that may not be. */
export function inspect(
  body: Json,
  cardField: readonly string[] | undefined,
  opaque: readonly string[] = [],
): void {
  const place = cardField ?? ['none'];
  let keys = 0;
  // `near`: every name so far is one of the card field's; a name with dots in it is none of them.
  const walk = (value: Json, path: string, depth: number, near: boolean): void => {
    const isCard = near && depth === place.length;
    if (typeof value === 'string') {
      return checkText(value, path, isCard || (hasLetter.test(value) && isUnder(path, opaque)));
    }
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) {
        throw new Problem('invalid_request', `${path} is not a finite number`, { param: path });
      }
      const long = Math.abs(value) > 1e12 && !isCard;
      return long ? refuseCardNumber(String(value), path) : undefined;
    }
    if (value === null || typeof value !== 'object') return undefined;
    if (depth === depthMax) {
      throw new Problem('invalid_json', `the body is nested deeper than ${depthMax} levels`);
    }
    for (const [key, item] of Object.entries(value)) {
      keys += 1;
      if (keys > keysMax) {
        throw new Problem('invalid_json', `the body has more than ${keysMax} members`);
      }
      const inner = path === '' ? key : `${path}.${key}`;
      if (!Array.isArray(value)) {
        if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
          throw new Problem('unknown_field', `${inner} is not a field`, { param: inner });
        }
        checkText(key, path === '' ? 'a field name' : path, false);
        if (key.length > nameLengthMax) throw longName(path);
      }
      walk(item as Json, inner, depth + 1, near && place[depth] === key);
    }
    return undefined;
  };
  walk(body, '', 0, true);
}

function isUnder(path: string, places: readonly string[]): boolean {
  return places.some((place) => path === place || path.startsWith(`${place}.`));
}

function longName(path: string): Problem {
  const subject = path === '' ? 'the body' : path;
  return new Problem(
    'invalid_request',
    `${subject} has a field name of more than ${nameLengthMax} characters`,
    path === '' ? {} : { param: path },
  );
}
