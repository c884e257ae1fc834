/** The simulator's test cards with a short name each, for the command line. */
import { testCards, type TestCard } from '../../connectors/card-simulator/processor/cards.ts';

export interface NamedCard extends TestCard {
  /** What `--card` takes in place of the number. */
  readonly name: string;
}

const byCode: Readonly<Record<string, string>> = {
  '05': 'declined',
  '51': 'insufficient-funds',
  '54': 'expired',
  '96': 'processing-error',
  N7: 'wrong-cvc',
  fraud: 'fraud',
};

function baseName({ behaviour, brand, code }: TestCard): string {
  switch (behaviour) {
    case 'approve':
      return brand;
    case 'decline':
      return byCode[code ?? ''] ?? 'declined';
    case 'challenge':
      return 'challenge';
    case 'challenge_then_decline':
      return 'challenge-declined';
    case 'frictionless':
      return 'frictionless';
    case 'hold':
      return 'review';
  }
}

/** The second card of a kind is `mastercard-2`: names stay unique when cards are added. */
export const namedCards: readonly NamedCard[] = nameAll(testCards);

function nameAll(cards: readonly TestCard[]): NamedCard[] {
  const counts = new Map<string, number>();
  return cards.map((card) => {
    const base = baseName(card);
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    return { ...card, name: count === 1 ? base : `${base}-${count}` };
  });
}
