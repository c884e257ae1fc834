/** Carries faults out around the work of one request. */
import { setTimeout as sleep } from 'node:timers/promises';
import { refusalReply, whenGone, type Answer, type Exchange, type Reply } from './exchange.ts';
import type { ActiveFault } from './faults.ts';
import { isRecord, type Body } from './fields.ts';
import { Refusal } from './refusal.ts';

/** Waits, or less long when the caller leaves; answers whether the caller is still there. */
export async function pause({ response }: Exchange, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const waited = sleep(ms, true, { signal: timer.signal }).catch(() => false);
  const stays = await Promise.race([waited, whenGone(response).then(() => false)]);
  timer.abort();
  return stays;
}

const outage = (status: number, code: string): Reply => ({
  status,
  body: { error: { code, message: 'simulated' } },
});

async function strikeBefore(fault: ActiveFault, exchange: Exchange): Promise<Answer | undefined> {
  switch (fault.name) {
    case 'latency':
      return (await pause(exchange, fault.latencyMs)) ? undefined : 'gone';
    case 'timeout_before':
      await whenGone(exchange.response);
      return 'gone';
    case 'reset_before':
      exchange.response.destroy();
      return 'gone';
    case 'error_before':
      return outage(500, 'internal_error');
    case 'status_429':
      return { ...outage(429, 'too_many_requests'), headers: { 'retry-after': '1' } };
    case 'status_503':
      return outage(503, 'unavailable');
    default:
      return undefined;
  }
}

/** Bends the fields of a well-formed answer. Counters follow the amount: the lie is consistent. */
const bends: { readonly [name: string]: (body: Body) => Body } = {
  wrong_amount: (body) => {
    const bent: Record<string, unknown> = { ...body };
    for (const name of ['amount', 'amount_authorized', 'amount_captured']) {
      const value = body[name];
      if (typeof value === 'number' && value > 0) bent[name] = value + 1;
    }
    return bent;
  },
  wrong_currency: (body) => ({ ...body, currency: body['currency'] === 'XXX' ? 'XTS' : 'XXX' }),
  wrong_reference: (body) => ({ ...body, reference: `${String(body['reference'])}x` }),
  invented_status: (body) => ({ ...body, status: 'quantum_superposed' }),
};

async function strikeAfter(fault: ActiveFault, reply: Reply, exchange: Exchange): Promise<Answer> {
  switch (fault.name) {
    case 'timeout_after':
      await whenGone(exchange.response);
      return 'gone';
    case 'reset_after':
      exchange.response.destroy();
      return 'gone';
    case 'error_after':
      return outage(500, 'internal_error');
    case 'html':
      return {
        status: 200,
        contentType: 'text/html; charset=utf-8',
        text: '<!doctype html><title>Bad gateway</title><h1>Something went wrong</h1>',
      };
    case 'empty':
      return { status: 200, text: '' };
    case 'cut_body':
      return { ...reply, cut: true };
    default: {
      const bend = bends[fault.name];
      const isObject = isRecord(reply.body) && 'object' in reply.body;
      return bend && isObject ? { ...reply, body: bend(reply.body) } : reply;
    }
  }
}

/** Runs `work` between the faults that come before it and those that spoil its answer. */
export async function withFaults(
  exchange: Exchange,
  faults: readonly ActiveFault[],
  work: () => Promise<Reply>,
): Promise<Answer> {
  if (faults.length === 0) return work();
  for (const fault of faults) {
    const early = await strikeBefore(fault, exchange);
    if (early) return early;
  }
  let answer: Answer = await work().catch((cause: unknown) => {
    if (cause instanceof Refusal) return refusalReply(cause);
    throw cause;
  });
  for (const fault of faults) {
    if (answer === 'gone') break;
    answer = await strikeAfter(fault, answer, exchange);
  }
  return answer;
}
