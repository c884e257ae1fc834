/** The string formats a configuration may ask for, each with the words for "allowed". */
import { isIP } from 'node:net';

interface Format {
  readonly allowed: string;
  readonly test: (text: string) => boolean;
}

const formats: Readonly<Record<string, Format>> = {
  'web-url': {
    allowed: 'an http:// or https:// URL without user, query or fragment',
    test(text) {
      if (!/^https?:\/\/[^\s?#@]+$/.test(text) || !URL.canParse(text)) return false;
      return new URL(text).hostname !== '';
    },
  },
  'postgres-url': {
    allowed: 'a postgres:// or postgresql:// URL',
    test: (text) => /^postgres(ql)?:\/\/\S+$/.test(text) && URL.canParse(text),
  },
  'smtp-url': {
    allowed: 'an smtp:// or smtps:// URL with host and port, user and password where needed',
    test(text) {
      if (!/^smtps?:\/\/[^\s?#/]+\/?$/.test(text) || !URL.canParse(text)) return false;
      return new URL(text).hostname !== '';
    },
  },
  'mail-address': {
    allowed: 'a mail address, such as shop@example.com',
    test: (text) => /^[^\s@<>",;]+@[^\s@<>",;]+$/.test(text) && text.length <= 254,
  },
  'proxy-address': {
    allowed: 'an IP address, a network such as 10.0.0.0/8, or loopback',
    test: (text) => text === 'loopback' || isAddressOrNetwork(text),
  },
  'receiver-host': {
    allowed: 'a host, host:port or *.suffix in lower case, IPv6 in brackets',
    test: isReceiverHost,
  },
  'key-32-bytes': {
    allowed: '32 bytes, as 64 hexadecimal digits or in base64',
    test: (text) => decodeKeys(text) !== undefined,
  },
  // Credentials of connectors and plugins: an annotation, any text passes.
  password: { allowed: 'text', test: () => true },
};

/** What ajv is given. */
export const formatTests: Readonly<Record<string, (text: string) => boolean>> = Object.fromEntries(
  Object.entries(formats).map(([name, format]) => [name, format.test]),
);

/** The words for a format, or undefined for one that is not ours. */
export function formatAllowed(name: string): string | undefined {
  return formats[name]?.allowed;
}

/** 32 bytes from 64 hexadecimal digits or from base64 (also base64url), else undefined. */
export function decodeKey(text: string): Buffer | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === 32 ? bytes : undefined;
}

/**
 * One key, which is version 1, or several as `<version>:<key>`, parted by line ends, blanks or
 * commas (an environment file holds no line ends). Undefined when a part is neither, when a version
 * is there twice, or when there is none.
 */
export function decodeKeys(text: string): ReadonlyMap<number, Buffer> | undefined {
  const alone = decodeKey(text.trim());
  if (alone) return new Map([[1, alone]]);
  const keys = new Map<number, Buffer>();
  for (const part of text.split(/[\s,]+/).filter((word) => word !== '')) {
    const [, version, encoded = ''] = /^([1-9]\d{0,5}):(.+)$/.exec(part) ?? [];
    const key = decodeKey(encoded);
    if (!key || keys.has(Number(version))) return undefined;
    keys.set(Number(version), key);
  }
  return keys.size === 0 ? undefined : keys;
}

function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}

/**
 * Hosts are compared as the URL parser spells them, so an entry has to be spelt like that: one that
 * never matches would be noticed too late.
 */
function isReceiverHost(text: string): boolean {
  const [, below = '', host = '', port] =
    /^(\*\.)?([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (host === '' || host.endsWith('.') || host.includes('..')) return false;
  if (port !== undefined && Number(port) > 65_535) return false;
  if (below !== '' && (host.startsWith('[') || isIP(host) !== 0)) return false;
  const url = `http://${host}`;
  return URL.canParse(url) && new URL(url).hostname === host;
}
