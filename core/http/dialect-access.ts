/** Who calls a dialect's route: which keys there are is the dialect's word, the rest is ours. */
import type { Access } from '../access/access.ts';
import type {
  Credentials,
  Dialect,
  DialectAccess,
  DialectRequest,
  DialectRoute,
} from '../sdk/dialect.ts';
import { Problem } from '../sdk/problem.ts';
import type { Principal } from '../sdk/route.ts';
import type { Limits } from './limits.ts';

export interface DialectAccessDeps {
  readonly access: Access;
  readonly limits: Pick<Limits, 'count'>;
  readonly mode: 'sandbox' | 'live';
  /** Whose payment a client secret opens; undefined when it is none of ours. */
  ownerOfSecret(clientSecret: string): Promise<Principal | undefined>;
}

type Kind = Principal['kind'];

const kinds: Readonly<Record<DialectAccess, readonly Kind[]>> = {
  secret: ['secret'],
  public: ['secret', 'public'],
  client_secret: ['public'],
  admin: ['admin'],
  anyone: [],
};

const wanted: Readonly<Record<DialectAccess, string>> = {
  secret: 'this needs a secret key of the merchant, from a server',
  public: 'this needs a key of the merchant',
  client_secret: 'this needs a client secret',
  admin: 'this needs the admin key',
  anyone: '',
};

export function principalFor(dialect: Dialect, route: DialectRoute, deps: DialectAccessDeps) {
  const { access, limits } = deps;

  /** Counts for the caller's address first: guessing keys has a limit. */
  async function refuse(clientIp: string, detail: string): Promise<never> {
    await limits.count('public', clientIp);
    throw new Problem('unauthorized', detail);
  }

  async function valid(key: string): Promise<Principal | undefined> {
    const principal = await access.principalOf(key);
    return principal?.mode === deps.mode || principal?.kind === 'admin' ? principal : undefined;
  }

  async function holderOf(credentials: Credentials): Promise<Principal | undefined> {
    const { key, publicKey } = credentials;
    const principal = await valid(key);
    if (!principal || publicKey === undefined) return principal;
    const other = await valid(publicKey);
    const pair = other?.kind === 'public' && other.merchantId === principal.merchantId;
    return pair ? principal : undefined;
  }

  return {
    /** By the API keys; undefined where anyone may call. Throws `unauthorized`, `forbidden`. */
    async byKey(request: DialectRequest, clientIp: string): Promise<Principal | undefined> {
      if (route.access === 'anyone') {
        await limits.count('public', clientIp);
        return undefined;
      }
      const credentials = dialect.authenticate(request);
      const principal = credentials && (await holderOf(credentials));
      if (!principal) return refuse(clientIp, 'a valid API key is missing');
      if (!kinds[route.access].includes(principal.kind)) {
        throw new Problem('forbidden', wanted[route.access]);
      }
      if (principal.kind === 'public') await limits.count('public', clientIp);
      await limits.count(route.rate, principal.merchantId || principal.keyId);
      return principal;
    },

    /** By a payment's client secret, where that is what the route wants. */
    async bySecret(
      request: DialectRequest & { readonly body: unknown },
      clientIp: string,
    ): Promise<Principal | undefined> {
      if (route.access !== 'client_secret') return undefined;
      await limits.count('public', clientIp);
      const secret = secretIn(route, request);
      const principal = secret === undefined ? undefined : await deps.ownerOfSecret(secret);
      if (!principal) {
        throw new Problem('client_secret_invalid', 'the client secret opens no payment', {
          param: 'client_secret',
        });
      }
      await limits.count(route.rate, principal.merchantId);
      return principal;
    },
  };
}

function secretIn(
  route: DialectRoute,
  request: DialectRequest & { readonly body: unknown },
): string | undefined {
  if (route.clientSecret) return route.clientSecret(request);
  const body = request.body as { readonly client_secret?: unknown } | undefined;
  const given = body?.client_secret ?? request.query['client_secret'];
  return typeof given === 'string' ? given : undefined;
}
