/** Reading events over the API. */
import { Type } from 'typebox';
import { idPattern } from '../base/id.ts';
import { eventTypes } from '../events/event.ts';
import { defineRoute, type Route } from '../sdk/route.ts';
import {
  listSchema,
  nullable,
  oneOf,
  PageQuerySchema,
  strict,
  TimeSchema,
} from '../sdk/vocabulary.ts';
import type { Database } from '../storage/index.ts';
import { eventById, listEvents } from './history.ts';
import { DateSchema } from './schema.ts';

export const EventSchema = strict(
  {
    id: Type.String(),
    object: Type.Literal('event'),
    type: oneOf(eventTypes),
    payment: nullable(Type.String()),
    sequence: nullable(
      Type.Integer({ description: 'Place in the payment’s own story, from 1, without gaps.' }),
    ),
    created_at: TimeSchema,
    data: strict({
      object: Type.Record(Type.String(), Type.Unknown(), {
        description: 'The payment, refund or customer as it stood then.',
      }),
    }),
  },
  { title: 'Event' },
);

const EventQuerySchema = strict({
  ...PageQuerySchema,
  type: Type.Optional(oneOf(eventTypes)),
  payment: Type.Optional(Type.String({ pattern: idPattern('payment') })),
  created_from: Type.Optional(DateSchema),
  created_to: Type.Optional(DateSchema),
});

const access = { kind: 'merchant', scope: 'events:read' } as const;
const tag = 'Events';

export function eventRoutes({ db }: { readonly db: Database }): readonly Route[] {
  return [
    defineRoute({
      id: 'listEvents',
      method: 'get',
      path: '/v1/events',
      tag,
      summary: 'List events, newest first',
      access,
      rate: 'queries',
      query: EventQuerySchema,
      replies: { 200: listSchema(EventSchema, 'EventList') },
      problems: ['invalid_cursor'],
      examples: [
        { summary: 'Captures', query: { type: 'payment.captured', limit: 2 }, status: 200 },
      ],
      handle: async ({ principal, query }) => ({
        status: 200,
        body: await listEvents(db, principal, query),
      }),
    }),
    defineRoute({
      id: 'getEvent',
      method: 'get',
      path: '/v1/events/{event_id}',
      tag,
      summary: 'One event',
      access,
      rate: 'queries',
      params: strict({ event_id: Type.String({ pattern: idPattern('event') }) }),
      replies: { 200: EventSchema },
      problems: ['not_found'],
      examples: [{ summary: 'An event', params: { event_id: '{event_id}' }, status: 200 }],
      handle: async ({ principal, params }) => ({
        status: 200,
        body: await eventById(db, principal, params.event_id),
      }),
    }),
  ];
}
