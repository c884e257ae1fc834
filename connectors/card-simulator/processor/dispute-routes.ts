/** The merchants' API: looking at disputes, handing in evidence, giving in. */
import {
  acceptDispute,
  answerDispute,
  disputeNews,
  findDispute,
  viewOfDispute,
} from './dispute-desk.ts';
import { readJsonBody, type Exchange } from './exchange.ts';
import { readFlag, readRecord, readReference, readText } from './fields.ts';
import type { Dispute } from './model.ts';
import type { Route } from './router.ts';
import type { Simulator } from './simulator.ts';

export function disputeRoutes(simulator: Simulator): Route[] {
  const wanted = ({ params, merchant }: Exchange): Dispute =>
    findDispute(simulator, params['id'] ?? '', merchant);
  return [
    {
      method: 'GET',
      path: '/v1/disputes/:id',
      merchant: true,
      handle: async (exchange) => {
        const body = viewOfDispute(simulator, wanted(exchange));
        await simulator.file.flushed();
        return { status: 200, body };
      },
    },
    {
      method: 'POST',
      path: '/v1/disputes/:id/evidence',
      merchant: true,
      handle: async (exchange) => {
        const body = await readJsonBody(exchange.request);
        const given = readRecord(body, 'fields');
        const fields = Object.fromEntries(
          Object.keys(given).map((name) => [name, readText(given, name)]),
        );
        const submit = readFlag(body, 'submit', false);
        const reference = readReference(body);
        const dispute = answerDispute(simulator, wanted(exchange), { reference, fields, submit });
        return disputeNews(simulator, dispute, submit ? 'under_review' : 'evidence_kept');
      },
    },
    {
      method: 'POST',
      path: '/v1/disputes/:id/accept',
      merchant: true,
      handle: async (exchange) => {
        const reference = readReference(await readJsonBody(exchange.request));
        const dispute = acceptDispute(simulator, wanted(exchange), reference);
        return disputeNews(simulator, dispute, 'lost');
      },
    },
  ];
}
