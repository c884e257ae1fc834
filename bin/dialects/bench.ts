/**
 * The bench that conformance rows work at: any server over HTTP, and a Pointsman's own API beside
 * it where there is one.
 */
import type {
  Bench,
  BenchNeed,
  ClientKeys,
  WireAnswer,
  WireCall,
} from '../../core/sdk/conformance.ts';
import { openReceiver, type OpenReceiver } from './receiver.ts';

export interface BenchPlace {
  /** The dialect's base URL, without a slash at the end. */
  readonly dialectUrl: string;
  readonly keys: ClientKeys;
  headersOf(keys: ClientKeys): Readonly<Record<string, string>>;
  /** The native API of the Pointsman behind it. */
  readonly nativeUrl?: string | undefined;
  readonly adminKey?: string | undefined;
}

export interface OpenBench extends Bench {
  readonly has: ReadonlySet<BenchNeed>;
  close(): Promise<void>;
}

/** A server that says nothing for so long has no answer. */
const patienceMs = 60_000;

export function openBench(place: BenchPlace): OpenBench {
  const { dialectUrl, keys, headersOf, nativeUrl, adminKey } = place;
  const receivers: OpenReceiver[] = [];
  const others = new Map<string, Promise<ClientKeys & { readonly profileId: string }>>();

  const send = (url: string, options: WireCall) => {
    const { keys: wanted = keys } = options;
    return request(url, options, wanted === null ? {} : headersOf(wanted));
  };
  const asOwner = (path: string, options: WireCall, key: string) =>
    request(`${nativeUrl}${path}`, options, { authorization: `Bearer ${key}` });
  const made = async (path: string, body: object, key: string) => {
    const answer = await asOwner(path, { body }, key);
    if (answer.status === 201) return answer.body;
    throw new Error(`POST ${path} answered ${answer.status}: ${answer.text}`);
  };
  /** Made once: a row that asks twice meets the same one. */
  const once = (name: string, make: () => Promise<ClientKeys & { profileId: string }>) => {
    const known = others.get(name) ?? make();
    others.set(name, known);
    return known;
  };

  return {
    keys,
    has: new Set(needsMet(place)),
    call: (path, options = {}) => send(dialectUrl + path, options),
    open: (url, options = {}) => request(url, options, {}),
    native: (path, options = {}) => asOwner(path, options, keys.secretKey),
    stranger: () =>
      once('stranger', async () => {
        const name = 'A stranger';
        const all = await made('/v1/merchants', { name }, adminKey ?? '');
        const { secret_key: secretKey, public_key: publicKey, profile } = all;
        return { secretKey: secretKey.key, publicKey: publicKey.key, profileId: profile.id };
      }),
    neighbour: () =>
      once('neighbour', async () => {
        const { id } = await made('/v1/profiles', { name: 'Next door' }, keys.secretKey);
        const key = async (kind: string): Promise<string> => {
          const body = { kind, name: 'Next door', profile_id: id };
          return (await made('/v1/api_keys', body, keys.secretKey)).key;
        };
        return { secretKey: await key('secret'), publicKey: await key('public'), profileId: id };
      }),
    advance: async (ms) => {
      const body = { by: `${Math.ceil(ms / 1000)}s` };
      const answer = await asOwner('/v1/clock/advance', { body }, adminKey ?? '');
      if (answer.status !== 200) throw new Error(`the clock was not moved: ${answer.text}`);
    },
    receiver: async () => {
      const receiver = await openReceiver();
      receivers.push(receiver);
      return receiver;
    },
    close: async () => {
      await Promise.all(receivers.map((receiver) => receiver.close()));
    },
  };
}

function needsMet({ dialectUrl, nativeUrl, adminKey }: BenchPlace): BenchNeed[] {
  const { hostname } = new URL(dialectUrl);
  const here = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return [
    ...(nativeUrl === undefined ? [] : (['native'] as const)),
    ...(nativeUrl === undefined || adminKey === undefined ? [] : (['admin', 'clock'] as const)),
    ...(here ? (['receiver'] as const) : []),
  ];
}

async function request(
  url: string,
  { method, body, headers = {} }: WireCall,
  authorization: Readonly<Record<string, string>>,
): Promise<WireAnswer> {
  const withBody = body === undefined ? {} : { 'content-type': 'application/json' };
  const all = Object.entries({ ...withBody, ...authorization, ...headers });
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    redirect: 'manual',
    headers: all.filter((pair): pair is [string, string] => pair[1] !== undefined),
    signal: AbortSignal.timeout(patienceMs),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text,
    body: parsed(text),
  };
}

function parsed(text: string) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
