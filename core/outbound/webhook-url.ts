/**
 * Which URLs a merchant may name as a receiver of webhooks, by their text alone. Only the one plain
 * spelling of a host passes: every other one (0x7f.1, ①②⑦.0.0.1, user@host) exists to be read
 * differently by somebody else.
 */
import { isIP } from 'node:net';
import { mayReach, type Trust } from './address-guard.ts';

export interface WebhookPolicy {
  /** `localhost`, 127.0.0.0/8 and ::1 may be named, over http and on any port: the sandbox. */
  readonly allowLoopback: boolean;
  /**
   * Receivers the operator answers for: `host`, `host:port`, `*.suffix`, `*.suffix:port`, in lower
   * case, IPv6 in brackets. They may be private, and may use http and any port.
   */
  readonly allowHosts: readonly string[];
  /** The ports of everybody else. */
  readonly allowedPorts: readonly number[];
  /** Everybody else has to use https: live mode. */
  readonly requireHttps: boolean;
}

/** A receiver whose URL keeps the rules; its addresses have not been looked at yet. */
export interface Receiver {
  /** Without fragment. */
  readonly url: URL;
  /** The name or address in lower case, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly trust: Trust;
}

export type UrlRuling =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** The rule it breaks, as a sentence for the merchant. */
      readonly rule: string;
    };

const longestUrl = 2_048;
// RFC 1035.
const longestHost = 253;
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

const rules = {
  length: `A webhook URL has at most ${longestUrl} characters.`,
  characters: 'A webhook URL has no blanks, control characters or backslashes.',
  scheme: 'A webhook URL begins with https:// or http://.',
  https: 'A webhook URL begins with https:// in live mode.',
  credentials: 'A webhook URL has no user name or password.',
  host: 'The host is a domain name in its ASCII form, or an IP address in its usual notation.',
  name: 'The host is one of the public internet, not a name of an internal network.',
  address: 'The host is one of the public internet, not a private or reserved address.',
  service: 'The port belongs to another protocol than HTTP.',
} as const;

/** Names that are somebody's inside, whatever they resolve to (RFC 6761, 6762, 8375, clouds). */
const internalSuffixes =
  'localhost localdomain local internal intranet private corp home lan arpa svc metadata.goog'.split(
    ' ',
  );

/**
 * Ports where the sandbox and listed hosts might have something else listening that reads lines: of
 * WHATWG's bad ports those still in use, and databases, queues and control planes.
 */
const servicePorts = new Set([
  0, 7, 9, 11, 13, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 110, 111, 113, 119, 123, 135,
  137, 139, 143, 161, 179, 389, 445, 465, 512, 513, 514, 515, 548, 554, 587, 631, 636, 873, 990,
  993, 995, 1433, 1521, 1723, 2049, 2181, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190,
  5060, 5061, 5432, 5672, 5900, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 9042,
  9092, 9200, 9300, 10080, 10250, 11211, 27017,
]);

/**
 * What stands against saving this URL; pure, and nothing is resolved: a name's answer may differ a
 * minute later, so that is looked at before every single connection instead.
 */
export function checkWebhookUrl(text: string, policy: WebhookPolicy): UrlRuling {
  const ruling = readReceiver(text, policy);
  return ruling.ok ? { ok: true } : ruling;
}

/** The receiver a URL names, or the rule that it breaks. */
export function readReceiver(
  text: string,
  policy: WebhookPolicy,
): { readonly ok: true; readonly receiver: Receiver } | Extract<UrlRuling, { ok: false }> {
  const refuse = (rule: string) => ({ ok: false, rule }) as const;
  if (text.length > longestUrl) return refuse(rules.length);
  // The parser would drop tabs and line ends and read a backslash as a slash.
  if (/[\s\p{Cc}\p{Cf}\\]/u.test(text)) return refuse(rules.characters);
  const [, scheme, authority] = /^(https?):\/\/([^/?#]*)/i.exec(text) ?? [];
  if (scheme === undefined || authority === undefined) return refuse(rules.scheme);
  if (authority.includes('@')) return refuse(rules.credentials);

  const receiver = isPlain(authority) && URL.canParse(text) ? receiverOf(text, policy) : undefined;
  if (receiver === undefined || !spellsItself(authority, receiver)) return refuse(rules.host);
  const { trust, host, port, url } = receiver;
  if (isIP(host) !== 0) {
    if (!mayReach(host, trust)) return refuse(rules.address);
  } else if (trust === 'public' && isInternalName(host)) {
    return refuse(rules.name);
  }
  if (trust === 'public') {
    if (policy.requireHttps && url.protocol !== 'https:') return refuse(rules.https);
    if (!policy.allowedPorts.includes(port)) {
      return refuse(`The port is one of ${policy.allowedPorts.join(', ')}.`);
    }
  } else if (servicePorts.has(port) && listing(policy.allowHosts, receiver) !== 'host and port') {
    return refuse(rules.service);
  }
  return { ok: true, receiver };
}

/** A host of plain characters, or something in brackets; a port without leading zeros. */
function isPlain(authority: string): boolean {
  return /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?:0|[1-9]\d{0,4}))?$/i.test(authority);
}

function receiverOf(text: string, policy: WebhookPolicy): Receiver {
  const url = new URL(text);
  url.hash = '';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { url, host, port, trust: trustIn(host, port, policy) };
}

/** Whether the parser understood the host as it stands there: 127.1 and 0177.0.0.1 change. */
function spellsItself(authority: string, { host }: Receiver): boolean {
  // IPv6 has many honest spellings; the parser's own one is what is looked at from here on.
  if (isIP(host) === 6) return true;
  if (host !== authority.toLowerCase().replace(/:\d+$/, '')) return false;
  if (isIP(host) === 4) return true;
  return host.length <= longestHost && host.split('.').every((part) => label.test(part));
}

function trustIn(host: string, port: number, policy: WebhookPolicy): Trust {
  if (listing(policy.allowHosts, { host, port })) return 'listed';
  const isLoopback = isIP(host) === 0 ? isLocalhost(host) : mayReach(host, 'loopback');
  return policy.allowLoopback && isLoopback ? 'loopback' : 'public';
}

/** `localhost` and the names below it (RFC 6761): this machine, whatever a resolver would say. */
export function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

/** A name without a dot is looked up in the machine's own search domains. */
function isInternalName(host: string): boolean {
  return (
    !host.includes('.') ||
    internalSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))
  );
}

/** The operator's entry that covers a host: with that very port, whatever the port, or none. */
function listing(
  entries: readonly string[],
  { host, port }: { readonly host: string; readonly port: number },
): 'host and port' | 'host' | undefined {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const ports = entries.flatMap((entry) => {
    const [, pattern = '', own] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry) ?? [];
    return fits(pattern, name) ? [own] : [];
  });
  if (ports.includes(String(port))) return 'host and port';
  return ports.includes(undefined) ? 'host' : undefined;
}

function fits(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  return isIP(name) === 0 && name.endsWith(pattern.slice(1));
}
