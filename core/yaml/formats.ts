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
  'proxy-address': {
    allowed: 'an IP address, a network such as 10.0.0.0/8, or loopback',
    test: (text) => text === 'loopback' || isAddressOrNetwork(text),
  },
  'key-32-bytes': {
    allowed: '32 bytes, as 64 hexadecimal digits or in base64',
    test: (text) => decodeKey(text) !== undefined,
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

function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
}
