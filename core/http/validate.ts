/**
 * From a schema to a check, and from ajv's error to a sentence that names the field and the rule.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { TSchema } from 'typebox';
import { Problem } from '../sdk/problem.ts';

/** With the formats that our schemas use. `allErrors` tells of every field, and what it breaks. */
export function createAjv(coerceTypes: boolean, allErrors = false): Ajv2020 {
  const instance = new Ajv2020({
    allErrors,
    verbose: allErrors,
    coerceTypes,
    useDefaults: false,
    strict: false,
  });
  formats.default(instance, ['date-time', 'email', 'uri', 'password']);
  // As whoever follows it will read it; ajv's own pattern passes ports that no machine has.
  instance.addFormat('web-url', (text: string) => {
    return /^https?:/i.test(text) && URL.canParse(text);
  });
  return instance;
}

/**
 * Bodies are taken at their word; query and path are text and are read as what the schema wants.
 */
const strictAjv = createAjv(false);
const coercingAjv = createAjv(true);

export type Check<T> = (value: unknown) => T;

/** Without what TypeBox keeps beside the JSON Schema. */
export function plain(schema: TSchema): object {
  return JSON.parse(JSON.stringify(schema)) as object;
}

export function bodyCheck<T>(schema: TSchema): Check<T> {
  return checkWith(strictAjv.compile(plain(schema)), 'the body');
}

export function textCheck<T>(schema: TSchema, what: string): Check<T> {
  return checkWith(coercingAjv.compile(plain(schema)), what);
}

/**
 * For answers: returns what is wrong, or undefined. Used where replies are checked (tests);
 * compiled at the first answer, because all of them together would double the time a start takes.
 */
export function replyFault(schema: TSchema): (value: unknown) => string | undefined {
  let validate: ValidateFunction | undefined;
  return (value) => {
    validate ??= strictAjv.compile(plain(schema));
    return validate(value)
      ? undefined
      : strictAjv.errorsText(validate.errors, { dataVar: 'reply' });
  };
}

function checkWith<T>(validate: ValidateFunction, what: string): Check<T> {
  return (value) => {
    if (validate(value)) return value as T;
    throw problemOf(validate.errors ?? [], value, what);
  };
}

/** The refusal of a value, by the last of ajv's complaints. */
export function problemOf(errors: readonly ErrorObject[], value: unknown, what: string): Problem {
  // For a union ajv reports every branch first and the union last; the last says it best.
  const error = errors.at(-1);
  if (!error) return new Problem('invalid_request', `${what} breaks a rule`);
  const path = error.instancePath.slice(1).replaceAll('/', '.');
  const child = (name: unknown) => (path === '' ? String(name) : `${path}.${String(name)}`);
  switch (error.keyword) {
    case 'additionalProperties': {
      const param = child(error.params['additionalProperty']);
      return new Problem('unknown_field', `${param} is not a field of this request`, { param });
    }
    case 'required': {
      const param = child(error.params['missingProperty']);
      return new Problem('invalid_request', `${param} is required`, { param });
    }
    case 'enum': {
      const allowed = error.params['allowedValues'] as readonly unknown[];
      const shown =
        allowed.length > 20 ? 'a value of the documented list' : `one of ${allowed.join(', ')}`;
      return new Problem('invalid_request', `${path} must be ${shown}`, { param: path });
    }
    default: {
      const subject = path === '' ? what : path;
      const found = error.keyword === 'type' ? `, found ${kindOf(valueAt(value, path))}` : '';
      const detail = `${subject} ${error.message ?? 'breaks a rule'}${found}`;
      return new Problem('invalid_request', detail, path === '' ? {} : { param: path });
    }
  }
}

function valueAt(value: unknown, path: string): unknown {
  let current = value;
  for (const key of path === '' ? [] : path.split('.')) {
    current = (current as Record<string, unknown> | undefined)?.[key];
  }
  return current;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a fraction';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
