/**
 * `${NAME}` in YAML values. It happens after parsing, so that no value of a variable, whatever
 * quotes or line breaks it holds, can change what the file means.
 */
import type { TSchema } from 'typebox';
import type { SchemaNode } from '../core/yaml/describe.ts';
import { dotted, type Finding, type Path } from '../core/yaml/findings.ts';
import type { CheckedDocument } from '../core/yaml/positions.ts';
import type { YamlDocument } from '../core/yaml/yaml.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

// `$${` is a written-out `${`; then `${NAME}`, `${NAME:-default}`, or whatever else begins with
// `${`.
const references = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|\$\{/g;

/**
 * The document with every reference replaced, numbers and booleans read where the schema wants
 * them, and sections without content taken as empty ones. `findings` names what could not be
 * replaced.
 *
 * `${NAME}` wants a variable that is set and not empty; `${NAME:-default}` takes the default
 * otherwise, and a value that comes out empty by it counts as not given.
 */
export function substitute(
  document: YamlDocument,
  schema: TSchema,
  environment: Environment,
): { document: CheckedDocument; findings: Finding[] } {
  const findings: Finding[] = [];
  const origins = new Map<string, readonly string[]>();

  function settle(value: unknown, path: Path, node: SchemaNode | undefined): unknown {
    // "secrets:" with every line below it commented out is an empty section, not a mistake.
    if (value === null && node?.type === 'object') return {};
    if (typeof value === 'string') return settleText(value, path, node);
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => settle(item, [...path, index], node?.items) ?? '');
    }
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value)
      .map(([key, item]) => [key, settle(item, [...path, key], node?.properties?.[key])] as const)
      .filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries);
  }

  function settleText(text: string, path: Path, node: SchemaNode | undefined): unknown {
    if (!text.includes('${')) return text;
    const { replaced, names, problems } = replaceReferences(text, environment);
    for (const { reference, message } of problems) {
      findings.push({ place: document.at(path, 'value', reference), key: dotted(path), message });
    }
    if (names.length === 0) return replaced;
    origins.set(JSON.stringify(path), names);
    return replaced === '' ? undefined : readAs(node, replaced);
  }

  const value = settle(document.value, [], schema);
  return {
    findings,
    document: {
      value: value ?? {},
      at: (path, part) => document.at(path, part),
      variablesOf: (path) => origins.get(JSON.stringify(path)) ?? [],
    },
  };
}

interface Replacement {
  readonly replaced: string;
  /** The variables that were asked for, set or not. */
  readonly names: readonly string[];
  readonly problems: readonly { readonly reference: string; readonly message: string }[];
}

function replaceReferences(text: string, environment: Environment): Replacement {
  const names: string[] = [];
  const problems: { reference: string; message: string }[] = [];
  const replaced = text.replace(
    references,
    (reference: string, name?: string, fallback?: string, word = '') => {
      if (reference === '$${') return '${';
      if (name === undefined) {
        const message =
          'found "${" that begins no reference, allowed: ${NAME}, ${NAME:-default}, or $${ for the ' +
          'two characters themselves';
        problems.push({ reference, message });
        return '';
      }
      names.push(name);
      const value = environment[name];
      if (value) return value;
      if (fallback !== undefined) return word;
      const state = value === undefined ? 'not set' : 'empty';
      const allowed = `allowed: any value, or \${${name}:-default}`;
      problems.push({
        reference,
        message: `the environment variable ${name} is ${state}, ${allowed}`,
      });
      return '';
    },
  );
  return { replaced, names, problems };
}

/** Text from the environment as the type its key wants; left as text where it is not one. */
export function readAs(node: SchemaNode | undefined, text: string): unknown {
  if (node?.type === 'integer' || node?.type === 'number') {
    // Plain decimals only: Number('') is 0 and Number('0x1f') is 31.
    return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
  }
  if (node?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
