/**
 * The one door of plugins to everything native: an operation by its operationId, checked, made
 * idempotent and answered as over HTTP (docs/adr/0014). What HTTP would refuse is thrown.
 */
import { invariant } from '../base/assert.ts';
import { newId } from '../base/id.ts';
import type { Clock } from '../base/clock.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { anonymous, assertAllowed } from '../http/mount.ts';
import type { CallContext } from '../http/dialect-repeats.ts';
import { performerOf, type Asked, type PerformDeps } from '../http/perform.ts';
import type { Call, CallOptions, HostCallOptions, NativeAnswer } from '../sdk/host.ts';
import { Problem, problemCodes, type ProblemCode } from '../sdk/problem.ts';
import type { Principal, Reply, Route } from '../sdk/route.ts';
import { Conflict } from '../storage/index.ts';
import { aliasClashes, type SideWrites } from './side-writes.ts';

export interface NativeCallDeps extends PerformDeps {
  readonly mode: 'sandbox' | 'live';
  readonly clock: Clock;
  readonly sideWrites: SideWrites;
}

interface Entry {
  readonly route: Route;
  /** Compiled at the first call: most operations are never called by a plugin. */
  perform?: (asked: Asked) => Promise<Reply>;
}

/** One call with all that belongs to it. */
interface Made extends CallOptions {
  readonly principal: Principal | undefined;
  readonly requestId: string;
  readonly clientIp: string;
  readonly idempotency: Asked['idempotency'];
}

export class NativeCalls {
  readonly #deps: NativeCallDeps;
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(routes: readonly Route[], deps: NativeCallDeps) {
    this.#deps = deps;
    this.#entries = new Map(routes.map((route) => [route.id, { route }]));
  }

  /** For one request: its calls share who calls, and the idempotency key, numbered. */
  callOf(plugin: string, context: CallContext): Call {
    let writes = 0;
    return async <T = JsonObject>(operation: string, options: CallOptions = {}) => {
      const { idempotency: shared, ...rest } = context;
      const isPost = this.#entries.get(operation)?.route.method === 'post';
      const numbered =
        shared && isPost ? { ...shared, key: `${shared.key} ${(writes += 1)}` } : undefined;
      const made = { ...options, ...rest, idempotency: numbered };
      const answer = await this.#call<T>(plugin, operation, made);
      context.onAnswer?.(answer.status, isPost);
      return answer;
    };
  }

  /** For whatever runs without a request: jobs, subscribers, pages. */
  call<T = JsonObject>(
    plugin: string,
    operation: string,
    options: HostCallOptions = {},
  ): Promise<NativeAnswer<T>> {
    const { idempotencyKey: key, principal, requestId, clientIp = '' } = options;
    return this.#call<T>(plugin, operation, {
      ...options,
      principal,
      requestId: requestId ?? newId('request', this.#deps.clock.now()),
      clientIp,
      // No key of a merchant's holds a space.
      idempotency: key === undefined ? undefined : { key: `${plugin} ${key}` },
    });
  }

  async #call<T>(plugin: string, operation: string, made: Made): Promise<NativeAnswer<T>> {
    const entry = this.#entries.get(operation);
    invariant(entry, `${plugin} calls ${operation}, which is no native operation`);
    const { route } = entry;
    invariant(!route.rawBody, `${operation} takes raw bodies of processors alone`);
    invariant(
      made.idempotency === undefined || route.method === 'post',
      `${operation} takes no idempotency key: it is no POST`,
    );
    const principal = made.principal ?? anonymous;
    if (route.access.kind !== 'anyone') this.#assertMay(route, made.principal);
    entry.perform ??= performerOf(route, this.#deps);
    const asked: Asked = {
      path: filled(route.path, made.params ?? {}),
      params: made.params ?? {},
      query: plainJson(made.query ?? {}),
      body: made.body === undefined ? undefined : plainJson(made.body),
      raw: undefined,
      principal,
      requestId: made.requestId,
      clientIp: made.clientIp,
      idempotency: made.idempotency,
    };
    const reply = await this.#perform(plugin, entry.perform, asked, made);
    return answerOf<T>(reply);
  }

  #assertMay(route: Route, principal: Principal | undefined): void {
    if (!principal || (principal.kind !== 'admin' && principal.mode !== this.#deps.mode)) {
      throw new Problem('unauthorized', 'this needs an API key');
    }
    assertAllowed(route, principal);
  }

  async #perform(
    plugin: string,
    perform: (asked: Asked) => Promise<Reply>,
    asked: Asked,
    { alias }: CallOptions,
  ): Promise<Reply> {
    if (!alias) return perform(asked);
    const { merchantId } = asked.principal;
    const named = { ...alias, plugin, merchantId };
    // A twin with the same idempotency key clashes over the name as well. The second time its row
    // is found, and the twin's answer with it.
    for (let tries = asked.idempotency ? 2 : 1; ; tries -= 1) {
      try {
        return await this.#deps.sideWrites.withAlias(named, () => perform(asked));
      } catch (error) {
        if (!(error instanceof Conflict) || !aliasClashes.has(error.guard)) throw error;
        if (tries > 1) continue;
        throw new Problem('reference_taken', `${alias.value} is taken`, { param: alias.kind });
      }
    }
  }
}

/** A copy that holds what JSON can say: what is undefined is left out. */
function plainJson(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

function filled(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

const codes: ReadonlySet<string> = new Set(problemCodes);

function answerOf<T>({ status, text, body, headers }: Reply): NativeAnswer<T> {
  const said = (text === undefined ? body : JSON.parse(text)) as unknown;
  if (status >= 400) throw refusalOf(said as JsonObject, headers);
  return { status, body: said as T, replayed: headers?.['idempotent-replayed'] === 'true' };
}

/** A refusal that was committed and answered, as the Problem it was printed from. */
function refusalOf(printed: JsonObject, headers: Reply['headers']): Problem {
  const { type: _, title: _title, status: _status, request_id: _id, ...rest } = printed;
  const { code, detail, param, ...members } = rest;
  invariant(typeof code === 'string' && codes.has(code), 'a refusal names its code');
  return new Problem(code as ProblemCode, typeof detail === 'string' ? detail : code, {
    members,
    ...(typeof param === 'string' ? { param } : {}),
    ...(headers ? { headers } : {}),
  });
}
