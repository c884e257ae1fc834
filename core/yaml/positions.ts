/**
 * From a schema's complaint to a place in a file. The one check behind every YAML file we read
 * (configuration today, routing rules, connector settings).
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { TSchema } from 'typebox';
import {
  describeAllowed,
  describeFound,
  elsewhere,
  suggestion,
  type SchemaNode,
} from './describe.ts';
import { dotted, type Finding, type Path, type Place } from './findings.ts';
import { formatTests } from './formats.ts';

export { readYaml, type YamlDocument } from './yaml.ts';

/** What {@link checkAgainst} needs to know of a document; a YamlDocument is one. */
export interface CheckedDocument {
  readonly value: unknown;
  at(path: Path, part?: 'key' | 'value'): Place;
  /** The `${NAME}`s a value was put together from: such a value is never shown. */
  variablesOf?(path: Path): readonly string[];
}

const ajv = new Ajv2020({
  allErrors: true,
  verbose: true,
  discriminator: true,
  formats: formatTests,
});
const validators = new WeakMap<TSchema, ValidateFunction>();

/**
 * Everything in the document that its schema does not allow, in the order of the places. Nothing is
 * filled in, converted or removed.
 */
export function checkAgainst(schema: TSchema, document: CheckedDocument): Finding[] {
  const validate = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validate);
  if (validate(document.value)) return [];

  const findings = relevant(validate.errors ?? []).map((error) => {
    const path = pathOf(error.instancePath, document.value);
    if (error.keyword === 'additionalProperties') return unknownKey(error, path, schema, document);
    if (error.keyword === 'required') return missingKey(error, path, document);
    return wrongValue(error, path, document);
  });
  return findings.toSorted(byPlace);
}

/**
 * One complaint a value: several keywords may fail on it, and its finding names all that is
 * allowed. For a choice (`anyOf`) the complaints from inside the branches say more than "none
 * fits".
 */
function relevant(errors: readonly ErrorObject[]): ErrorObject[] {
  const kept = new Map<string, ErrorObject>();
  const isChoice = ({ keyword }: ErrorObject) => keyword === 'anyOf' || keyword === 'oneOf';
  const choices = errors.filter(isChoice);
  for (const error of errors) {
    const inside = choices.find((choice) => error.schemaPath.startsWith(`${choice.schemaPath}/`));
    if (inside && error.instancePath === inside.instancePath) continue;
    const deeper = errors.some(
      (other) =>
        other.schemaPath.startsWith(`${error.schemaPath}/`) &&
        other.instancePath !== error.instancePath,
    );
    if (isChoice(error) && deeper) continue;
    const name = JSON.stringify(
      error.params['additionalProperty'] ?? error.params['missingProperty'],
    );
    const id = `${error.instancePath} ${name ?? ''}`;
    if (!kept.has(id)) kept.set(id, error);
  }
  return [...kept.values()];
}

/** `/server/trusted_proxies/0` → `['server', 'trusted_proxies', 0]`. */
function pathOf(pointer: string, value: unknown): Path {
  let current = value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const step = Array.isArray(current) ? Number(name) : name;
      current = (current as Record<string | number, unknown> | undefined)?.[step];
      return step;
    });
}

function wrongValue(error: ErrorObject, path: Path, document: CheckedDocument): Finding {
  const schema = error.parentSchema as SchemaNode;
  const variables = document.variablesOf?.(path) ?? [];
  const found = describeFound(error.data, schema, variables);
  const words = schema.enum?.map(String) ?? [];
  const hint = variables.length === 0 ? suggestion(error.data, words) : '';
  const subject = path.length === 0 ? 'the file holds' : 'found';
  return {
    place: document.at(path),
    key: dotted(path),
    message: `${subject} ${found}, allowed: ${describeAllowed(schema)}${hint}`,
  };
}

function missingKey(error: ErrorObject, path: Path, document: CheckedDocument): Finding {
  const name = String(error.params['missingProperty']);
  const schema = (error.parentSchema as SchemaNode).properties?.[name] ?? {};
  return {
    place: document.at(path, 'key'),
    key: dotted([...path, name]),
    message: `this key is missing, allowed: ${describeAllowed(schema)}`,
  };
}

function unknownKey(
  error: ErrorObject,
  path: Path,
  root: TSchema,
  document: CheckedDocument,
): Finding {
  const name = String(error.params['additionalProperty']);
  const known = Object.keys((error.parentSchema as SchemaNode).properties ?? {});
  const near = suggestion(name, known);
  const moved = elsewhere(root, name);
  const hint =
    near === '' && moved.length > 0 ? ` (did you mean "${moved.join('" or "')}"?)` : near;
  return {
    place: document.at([...path, name], 'key'),
    key: dotted([...path, name]),
    message: `found an unknown key, allowed: ${known.join(', ')}${hint}`,
  };
}

/** In the order of reading: line by line. */
export function byPlace(a: Finding, b: Finding): number {
  if (!('line' in a.place) || !('line' in b.place)) return 0;
  return a.place.line - b.place.line || a.place.column - b.place.column;
}
