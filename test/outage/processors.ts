/**
 * Processors on paper that take time and have troubles: each account has its own books, and what
 * was booked there stands, whether the switch was told or not.
 */
import { Type, type Static } from 'typebox';
import { defineConnector, Fault, type Outcome } from '#sdk';
import type { Timeline } from './timeline.ts';

/**
 * `unreachable`: nothing arrives. `silent`: no answer before the deadline. `errors`: a 5xx. Of what
 * arrives in the latter two every other request is carried out all the same.
 */
export type Trouble = 'unreachable' | 'silent' | 'errors';

export interface Phase {
  readonly fromMs: number;
  readonly toMs: number;
  readonly trouble: Trouble;
}

interface Booked {
  readonly account: string;
  readonly amount: number;
  readonly currency: string;
}

/** A good answer, and a refused connection: round numbers of the right size. */
const answerMs = 200;
const refusedMs = 20;

/** The switch's own deadline, `processors.timeout_ms` unless configured otherwise. */
const deadlineMs = 30_000;

const Ref = Type.Object({ charge: Type.String() });
type Ref = Static<typeof Ref>;

const Settings = Type.Object({ key: Type.String() }, { additionalProperties: false });

export function paperProcessors(time: Timeline, out: string, phases: readonly Phase[]) {
  /** By operation: what money was really moved. */
  const booked = new Map<string, Booked>();
  /** Authorizations that each account was sent, by the trouble it had. */
  const sent = new Map<string, number>();
  let unheard = 0;

  const troubleOf = (account: string): Trouble | undefined => {
    const nowMs = time.clock.now();
    if (account !== out) return undefined;
    return phases.find(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs)?.trouble;
  };
  const answerOf = (operationId: string, { amount, currency }: Booked): Outcome<Ref> => ({
    status: 'succeeded',
    operationId,
    amount: { amount, currency },
    ref: { charge: operationId },
  });

  const connector = defineConnector({
    id: 'paper',
    name: 'Paper processor',
    settings: Settings,
    ref: Ref,
    replayWindowMs: 0,
    sandboxOnly: true,
    methods: {
      card: {
        currencies: 'all',
        capture: ['automatic'],
        partialCapture: false,
        multipleCapture: false,
        refund: 'none',
      },
    },
    operations: {
      authorize: async ({ settings }, { operationId, amount: money }) => {
        const { key: account } = settings;
        const trouble = troubleOf(account);
        const counted = `${account} ${trouble ?? 'well'}`;
        sent.set(counted, (sent.get(counted) ?? 0) + 1);
        if (trouble === 'unreachable') {
          await time.sleep(refusedMs);
          throw new Fault('unreachable', 'connection refused');
        }
        const entry = { account, ...money };
        if (trouble) unheard += 1;
        if (!trouble || unheard % 2 === 0) booked.set(operationId, entry);
        await time.sleep(trouble === 'silent' ? deadlineMs : answerMs);
        if (trouble === 'silent') throw new Fault('timed_out', 'no answer');
        if (trouble === 'errors') throw new Fault('broken', 'status 500');
        return answerOf(operationId, entry);
      },
      // Asked between two payments: it answers, or does not, without time going by.
      sync: async ({ settings }, { operationId }) => {
        const trouble = troubleOf(settings.key);
        if (trouble) throw new Fault('unreachable', `it is ${trouble}`);
        const entry = booked.get(operationId);
        return entry ? answerOf(operationId, entry) : 'not_found';
      },
    },
  });
  return { connector, booked, sent };
}
