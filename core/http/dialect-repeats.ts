/**
 * Repeated requests in a dialect: its policy for its own idempotency header, on top of native keys
 * that are derived from it. See dialect-answers.ts.
 */
import { canonicalJson, type Json } from '../base/json.ts';
import type { DialectInput, DialectRoute, IdempotencyPolicy } from '../sdk/dialect.ts';
import type { Call } from '../sdk/host.ts';
import { Problem, type ProblemCode } from '../sdk/problem.ts';
import type { Principal } from '../sdk/route.ts';
import { printedReply, type PrintedAnswer, type Ticket } from './dialect-answers.ts';
import type { DialectDeps, MountedDialect } from './dialect.ts';
import { refuseCardNumber } from './inspect.ts';
import { without } from './perform.ts';

/** What a request's native calls have in common. */
export interface CallContext {
  readonly principal: Principal | undefined;
  readonly requestId: string;
  readonly clientIp: string;
  /** Of the POSTs among them; the n-th gets a key of its own. */
  readonly idempotency?: { readonly key: string; readonly fingerprint: string };
  /** Hears of every call that went well; 202 is an answer that may still change. */
  onAnswer?(status: number, wrote: boolean): void;
}

export type CallMaker = (plugin: string, context: CallContext) => Call;

type Input = Omit<DialectInput<unknown, unknown, unknown>, 'call'>;

/** What a fingerprint is made of. */
export interface Said {
  /** Path and query, as they arrived. */
  readonly url: string;
  /** Before anything was read leniently. */
  readonly json: Json | undefined;
}

/** True of a moment, not of the request: repeated later it may well be answered otherwise. */
const passing: ReadonlySet<ProblemCode> = new Set([
  'unauthorized',
  'forbidden',
  'rate_limited',
  'idempotency_key_in_use',
  'idempotency_key_reused',
  'concurrent_change',
  'operation_in_progress',
  'storage_unavailable',
  'internal_error',
]);

/** Runs the handler, or repeats its answer. Throws refusals that no repeat is to hear again. */
export async function repeatable(
  mounted: MountedDialect,
  route: DialectRoute,
  input: Input,
  said: Said,
  print: (error: unknown) => PrintedAnswer,
  deps: DialectDeps,
): Promise<PrintedAnswer> {
  const { plugin, dialect } = mounted;
  const { answers } = deps;
  const policy = dialect.idempotency;
  const ticket = policy && ticketOf(mounted, route, input, said, policy, deps);
  if (!ticket) return printedReply(await run(plugin, route, input, {}, deps));

  const before = await answers.find(ticket);
  const stored = answers.opened(before);
  if (stored) {
    if (before?.fingerprint !== ticket.fingerprint && policy.onMismatch === 'refuse') {
      throw new Problem('idempotency_key_reused', 'this key was used with another request', {
        param: policy.header,
      });
    }
    return { ...stored, headers: { ...stored.headers, 'idempotent-replayed': 'true' } };
  }
  // An answer whose time is over leaves its round behind; a refusal that is not kept did so then.
  const round = before ? before.round + (before.status === null ? 0 : 1) : 0;
  const course = { settled: true, wrote: false };
  const context = {
    // No native key holds a space: nothing of a merchant's own can be meant by this one.
    idempotency: { key: `${plugin} ${ticket.key} ${round}`, fingerprint: ticket.fingerprint },
    onAnswer: (status: number, wrote: boolean) => {
      course.settled &&= status !== 202;
      course.wrote ||= wrote;
    },
  };
  const keep = async (printed: PrintedAnswer) => {
    // What may still change is not kept: a repeat runs again and hears how it stands then.
    if (!course.settled) return;
    if (printed.status < 400 || policy.storeOn === 'all') {
      await answers.keep(ticket, before, round, printed, policy.ttlMs);
    } else if (!course.wrote) {
      // A new try. Not where something was written on the way: that must not be written twice.
      await answers.keep(ticket, before, round + 1, undefined, policy.ttlMs);
    }
  };
  try {
    const printed = printedReply(await run(plugin, route, input, context, deps));
    await keep(printed);
    return printed;
  } catch (error) {
    if (!(error instanceof Problem) || passing.has(error.code)) throw error;
    const printed = print(error);
    await keep(printed);
    return printed;
  }
}

function run(
  plugin: string,
  route: DialectRoute,
  input: Input,
  context: Pick<CallContext, 'idempotency' | 'onAnswer'>,
  deps: DialectDeps,
) {
  const { principal, requestId, clientIp } = input;
  const call = deps.callsOf(plugin, { principal, requestId, clientIp, ...context });
  const complete: DialectInput<unknown, unknown, unknown> = { ...input, call };
  return route.handle(complete as DialectInput<never, never, never>);
}

/** Undefined when the request has no key, or none is meant for it. */
function ticketOf(
  { plugin }: MountedDialect,
  route: DialectRoute,
  input: Input,
  said: Said,
  policy: IdempotencyPolicy,
  { keyring }: DialectDeps,
): Ticket | undefined {
  const key = input.headers[policy.header];
  const { principal } = input;
  if (key === undefined || !principal || !policy.methods.includes(route.method)) return undefined;
  const { minLength, maxLength } = policy;
  if (key.length < minLength || key.length > maxLength || !/^[\x21-\x7e]+$/.test(key)) {
    throw new Problem(
      'invalid_request',
      `${policy.header} has ${minLength} to ${maxLength} printable ASCII characters`,
      { param: policy.header },
    );
  }
  refuseCardNumber(key, policy.header);
  const body = said.json ?? Buffer.from(input.raw).toString('base64');
  // A digest of a three-digit number gives the number away.
  const kept = route.card ? without(body, route.card.cvc) : body;
  const fingerprint = keyring.digest(
    'request-fingerprint',
    `${plugin} ${principal.kind} ${principal.profileId ?? ''} ${route.method} ${said.url} ${canonicalJson(kept)}`,
  );
  return { merchantId: principal.merchantId, plugin, key, fingerprint };
}
