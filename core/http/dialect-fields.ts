/**
 * Schemas of dialects: all complaints at once, because other gateways answer with a list of fields,
 * and leniently where their clients are used to it.
 */
import type { ErrorObject } from 'ajv';
import type { TSchema } from 'typebox';
import type { FieldFault } from '../sdk/dialect.ts';
import { Problem } from '../sdk/problem.ts';
import { createAjv, plain, problemOf, type Check } from './validate.ts';

/** `invalid_request` with every field that is to blame. */
export class FieldsRefused extends Problem {
  readonly fields: readonly FieldFault[];

  constructor(first: Problem, fields: readonly FieldFault[]) {
    super(first.code, first.message, first.options);
    this.fields = fields;
  }
}

const literal = createAjv(false, true);
const coercing = createAjv(true, true);

const subjects = { path: 'the path', query: 'the query', body: 'the body' } as const;

/** Throws {@link FieldsRefused}. `lenient` reads numbers from text and the like. */
export function fieldsCheck(
  schema: TSchema,
  where: FieldFault['where'],
  lenient: boolean,
): Check<unknown> {
  const validate = (lenient ? coercing : literal).compile(plain(schema));
  return (given) => {
    const value = lenient ? withoutNulls(given) : given;
    const yesOrNo = lenient ? booleansIn(value) : [];
    if (validate(value)) {
      refuseMisread(value, yesOrNo, where);
      return value;
    }
    const errors = validate.errors ?? [];
    const first = problemOf(errors.slice(0, 1), value, subjects[where]);
    throw new FieldsRefused(first, faultsOf(errors, value, where));
  };
}

/** A null at the top stands for a field that was left out; coerced it would become 0 or ''. */
function withoutNulls(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null));
}

/** Where `true` and `false` stand; reading leniently changes the value itself. */
function booleansIn(value: unknown, steps: readonly string[] = []): (readonly string[])[] {
  if (typeof value === 'boolean') return [steps];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, item]) => booleansIn(item, [...steps, name]));
}

/** Nobody means 1 by `true`: an amount is written in digits. */
function refuseMisread(
  value: unknown,
  yesOrNo: readonly (readonly string[])[],
  where: FieldFault['where'],
): void {
  const faults = yesOrNo.flatMap((steps): FieldFault[] => {
    const read = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], value);
    if (typeof read === 'boolean') return [];
    const field = steps.join('.');
    const wanted = typeof read;
    const message = `${field} must be a ${wanted}, found true or false`;
    return [{ where, field, rule: 'type', wanted, message }];
  });
  const [first] = faults;
  if (!first) return;
  const { field: param, message } = first;
  throw new FieldsRefused(new Problem('invalid_request', message, { param }), faults);
}

/** One a field: the first rule that it breaks. */
function faultsOf(
  errors: readonly ErrorObject[],
  value: unknown,
  where: FieldFault['where'],
): FieldFault[] {
  const faults = new Map<string, FieldFault>();
  for (const error of errors) {
    const field = fieldOf(error);
    if (faults.has(field)) continue;
    const { message } = problemOf([error], value, subjects[where]);
    faults.set(field, { where, field, rule: error.keyword, wanted: error.schema, message });
  }
  return [...faults.values()];
}

function fieldOf({ instancePath, params }: ErrorObject): string {
  const inside = (params['missingProperty'] ?? params['additionalProperty']) as string | undefined;
  const steps = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return [...steps, ...(inside === undefined ? [] : [inside])].join('.');
}
