/**
 * What is wrong with a configuration, and how it is told: all at once, with places, without
 * secrets.
 */
import { isPlainKey } from './describe.ts';

/** Where a value stands: in a file (both counted from 1), or in an environment variable. */
export type Place =
  | { readonly file: string; readonly line: number; readonly column: number }
  | { readonly file: string }
  | { readonly variable: string };

export interface Finding {
  readonly place: Place;
  /** Dotted from the document's top: `server.port`, `routes[2].when`; empty for the whole. */
  readonly key: string;
  /** What was found and what is allowed; never a secret's value. */
  readonly message: string;
  /** The two parts of such a message for programs, where it has them. */
  readonly found?: string;
  readonly allowed?: string;
}

/** `message` is one text for a terminal: a line for every finding. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const count = findings.length === 1 ? 'an error' : `${findings.length} errors`;
    super(
      `The configuration has ${count}:\n${findings.map((one) => `  ${lineOf(one)}`).join('\n')}`,
    );
    this.findings = findings;
  }
}

/** `pointsman.yaml:3:9: server.port: found "eighty", allowed: …` */
export function lineOf({ place, key, message }: Finding): string {
  // A variable stands for one key: naming both would say the same thing twice.
  if ('variable' in place) return `${place.variable}: ${message}`;
  const where = 'line' in place ? `${place.file}:${place.line}:${place.column}` : place.file;
  return key === '' ? `${where}: ${message}` : `${where}: ${key}: ${message}`;
}

/** A key's way from the document's top. */
export type Path = readonly (string | number)[];

/** `['routes', 2, 'when']` → `routes[2].when`; a key that is no plain word is shown as `…`. */
export function dotted(path: Path): string {
  return path
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return `.${isPlainKey(step) ? step : '…'}`;
    })
    .join('')
    .replace(/^\./, '');
}
