/** Connectors that misread what the processor said. */
import { Fault } from '#sdk';
import {
  brokenExchange,
  brokenOperation,
  right,
  rightly,
  through,
  type Broken,
} from './variant.ts';

const declined = {
  status: 'declined',
  code: 'other',
  advice: 'other_account',
  processorCode: 'failed',
} as const;

export const misreaders: readonly Broken[] = [
  brokenOperation(
    'a decline is thrown',
    'authorize by card: a decline is an outcome, not a fault',
    {
      async authorize(context, command) {
        const outcome = await right.authorize(context, command);
        if (outcome.status === 'declined') throw new Fault('rejected', 'declined');
        return outcome;
      },
    },
  ),
  brokenExchange(
    'an unknown word is a success',
    'authorize by card: an invented status word is unintelligible: the effect is unknown',
    async (request, { http }) => {
      const response = await http.send(request);
      const known = /"status":"(authorized|captured|declined|action_required)"/.test(response.text);
      if (known || response.status !== 200) return response;
      return { ...response, text: response.text.replace(/"status":"\w*"/, '"status":"captured"') };
    },
  ),
  brokenOperation('a 500 is a decline', 'authorize by card: 500 is a fault, effect unknown', {
    async authorize(context, command) {
      try {
        return await right.authorize(context, command);
      } catch (error) {
        if (error instanceof Fault && error.message.includes('HTTP 500')) return declined;
        throw error;
      }
    },
  }),
  brokenOperation(
    'a timeout is swallowed',
    'capture: the port\'s "timed_out" is a fault, effect unknown',
    {
      async capture(context, command) {
        try {
          return await rightly.capture(context, command);
        } catch (error) {
          if (!(error instanceof Fault) || error.kind !== 'timed_out') throw error;
          return { status: 'pending', ref: command.of, waitingFor: 'processor' };
        }
      },
    },
  ),
  brokenOperation(
    'a timeout is "surely not done"',
    'capture: the port\'s "timed_out" is a fault, effect unknown',
    {
      async capture(context, command) {
        try {
          return await rightly.capture(context, command);
        } catch (error) {
          if (!(error instanceof Fault) || error.kind !== 'timed_out') throw error;
          throw new Fault('unreachable', 'too slow');
        }
      },
    },
  ),
  brokenOperation(
    'the amount that was asked for is reported, not the one that was moved',
    'authorize by card: another amount in the answer is passed on, not hidden',
    {
      async authorize(context, command) {
        const outcome = await right.authorize(context, command);
        return outcome.status === 'succeeded' ? { ...outcome, amount: command.amount } : outcome;
      },
    },
  ),
  brokenOperation(
    'the echo is made up',
    'authorize by card: the operation id is the processor’s echo, not made up',
    {
      async authorize(context, command) {
        const outcome = await right.authorize(context, command);
        const { operationId } = command;
        return outcome.status === 'succeeded' ? { ...outcome, operationId } : outcome;
      },
    },
  ),
  brokenOperation(
    'an unknown reason for a decline sends the card to another account',
    'authorize by card: a decline for an unknown reason is still one, and sends nobody elsewhere',
    {
      async authorize(context, command) {
        const outcome = await right.authorize(context, command);
        const unknown = outcome.status === 'declined' && outcome.code === 'other';
        return unknown ? { ...outcome, advice: 'other_account' } : outcome;
      },
    },
  ),
  brokenOperation(
    'half an answer breaks out as a SyntaxError',
    'authorize by card: half the JSON is a fault, effect unknown',
    {
      authorize: (context, command) =>
        right.authorize(
          through(context, async (request) => {
            const response = await context.http.send(request);
            if (response.status === 200) JSON.parse(response.text);
            return response;
          }),
          command,
        ),
    },
  ),
  brokenExchange(
    'a field that is not there breaks out as a TypeError',
    'authorize by card: a field that is missing or of another type never breaks out',
    async (request, { http }) => {
      const response = await http.send(request);
      if (response.status !== 200 || !/^\{.*\}$/.test(response.text)) return response;
      const body = JSON.parse(response.text) as { amount: { value: string } };
      return { ...response, headers: { amount: body.amount.value.trim() } };
    },
  ),
  brokenOperation(
    'the ref is another than the literal says',
    'authorize by card: a success is one, with the id and the amount',
    {
      async authorize(context, command) {
        const outcome = await right.authorize(context, command);
        const ref = { id: outcome.ref?.payment } as never;
        return outcome.status === 'declined' ? outcome : { ...outcome, ref };
      },
    },
  ),
  brokenOperation(
    'any 404 means not found',
    'sync of an authorization by card: only the processor’s own word makes it not found',
    {
      async sync(context, query) {
        const statuses: number[] = [];
        const watched = through(context, async (request) => {
          const response = await context.http.send(request);
          statuses.push(response.status);
          return response;
        });
        try {
          return await right.sync(watched, query);
        } catch (error) {
          if (statuses.includes(404)) return 'not_found';
          throw error;
        }
      },
    },
  ),
  brokenOperation(
    'a lost answer is never found again',
    'sync of a capture: finds it by its id alone when the answer was lost',
    {
      async sync(context, query) {
        return query.ref === undefined ? 'not_found' : right.sync(context, query);
      },
    },
  ),
  brokenOperation(
    'wrong credentials mean not found',
    'sync of a refund: an error page, an empty list of fields and silence are faults',
    {
      async sync(context, query) {
        try {
          return await right.sync(context, query);
        } catch (error) {
          if (error instanceof Fault && error.kind === 'unauthorized') return 'not_found';
          throw error;
        }
      },
    },
  ),
];
