/**
 * Metadata: anything in JSON here, 50 short values natively. What fits is kept as it is, so that it
 * can be read and searched like any other; the rest as pieces of its text.
 */
import { Problem, type JsonObject } from '#sdk';

const pieceLength = 500;
const piecesMax = 50;
const pieceName = /^json_\d+$/;

const lengthOf = (text: string) => Array.from(text).length;

export function toNative(metadata: JsonObject): JsonObject {
  if (fits(metadata)) return metadata;
  // By characters: half of a pair is no text.
  const characters = Array.from(JSON.stringify(metadata));
  const count = Math.ceil(characters.length / pieceLength);
  if (count > piecesMax) {
    const told = 'The metadata field must not be greater than 25000 characters.';
    throw new Problem('invalid_request', told, { param: 'metadata' });
  }
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `json_${at + 1}`,
      characters.slice(at * pieceLength, (at + 1) * pieceLength).join(''),
    ]),
  );
}

/** Metadata of a payment that was made natively is nobody's pieces. */
export function fromNative(metadata: JsonObject): JsonObject {
  const entries = Object.entries(metadata);
  const pieces = entries.filter(
    ([name, value]) => pieceName.test(name) && typeof value === 'string',
  );
  if (entries.length === 0 || pieces.length < entries.length) return metadata;
  try {
    return JSON.parse(pieces.map(([, piece]) => piece as string).join('')) as JsonObject;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return metadata;
  }
}

function fits(metadata: JsonObject): boolean {
  const entries = Object.entries(metadata);
  const isPlain = ([name, value]: (typeof entries)[number]) =>
    name !== '' &&
    lengthOf(name) <= 40 &&
    !pieceName.test(name) &&
    (typeof value === 'string' ? lengthOf(value) <= pieceLength : !isNested(value));
  return entries.length <= piecesMax && entries.every(isPlain);
}

const isNested = (value: unknown) => typeof value === 'object' && value !== null;
