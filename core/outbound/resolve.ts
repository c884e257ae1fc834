/** The addresses behind a receiver's name. Asked anew before every connection, never kept. */
import dns from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Trust } from './address-guard.ts';
import { isLocalhost, type Receiver } from './webhook-url.ts';

/** Every address of a name, or a rejection whose `code` says why there is none. */
export type Resolve = (
  host: string,
  trust: Trust,
  signal: AbortSignal,
) => Promise<readonly string[]>;

/** What a receiver's host stands for; names go to `resolve`, save those that are this machine. */
export async function addressesOf(
  { host, trust }: Receiver,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  // RFC 6761: these are never to be asked of a name server, which might answer anything.
  if (isLocalhost(host)) return ['127.0.0.1', '::1'];
  return resolve(host, trust, signal);
}

/**
 * A listed receiver may stand in /etc/hosts or a search domain, so the operating system is asked.
 * Everybody else's name goes to the name servers directly (the machine's, unless told): the
 * operating system's look-up runs on Node's four threads, and four names that do not answer would
 * hold up the calls to processors.
 */
export function createResolve(servers?: readonly string[]): Resolve {
  return async (host, trust, signal) => {
    if (trust === 'listed') {
      const found = await dns.lookup(host, { all: true });
      return found.map(({ address }) => address);
    }
    // A new one each time (25 µs): it can be cancelled by itself, and reads /etc/resolv.conf anew.
    const resolver = new dns.Resolver({ timeout: 2_000, tries: 2 });
    if (servers) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      // IPv4 first: fewer of these addresses lead nowhere.
      const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
      const found = answers.flatMap((answer) =>
        answer.status === 'fulfilled' ? answer.value : [],
      );
      const [first] = answers;
      if (found.length === 0 && first.status === 'rejected') throw first.reason;
      return found;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}
