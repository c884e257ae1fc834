/** Tags and limits of an account: their shapes on the wire, and the checks no schema says. */
import { Type, type Static } from 'typebox';
import { isCurrency } from '../base/currency.ts';
import { amountMax } from '../base/money.ts';
import { Problem } from '../sdk/problem.ts';
import { nullable, strict, text } from '../sdk/vocabulary.ts';

export const TagsSchema = Type.Array(
  Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,39}$', description: 'A short word.' }),
  {
    maxItems: 20,
    uniqueItems: true,
    description: 'Routing rules name all accounts with a tag as `tag:<tag>`.',
  },
);

const count = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000_000, description }));
const amount = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: amountMax, description }));

const AmountLimitsSchema = strict(
  {
    payment_min: amount('The smallest payment it takes.'),
    payment_max: amount('The largest payment it takes.'),
    daily: amount('The sum of a day.'),
    monthly: amount('The sum of a month.'),
  },
  { title: 'AmountLimits', description: 'In minor units. Each bound may be reached.' },
);

const LimitsSchema = strict(
  {
    time_zone: text(64, 'Where its day and month begin: an IANA name such as Asia/Jakarta.'),
    daily_count: count('Payments in a day.'),
    monthly_count: count('Payments in a month.'),
    amounts: Type.Optional(
      Type.Record(Type.String(), AmountLimitsSchema, {
        propertyNames: { pattern: '^[A-Z]{3}$' },
        maxProperties: 200,
        description: 'By currency: USD, IDR … What is not listed has no limit of amount.',
      }),
    ),
  },
  { title: 'AccountLimits', description: 'What routing may send to the account.' },
);

export const LimitsOrNoneSchema = nullable(LimitsSchema);

export type LimitsBody = Static<typeof LimitsSchema>;

/** Whether it names a zone that Node knows; an offset such as +07:00 has no summer time. */
function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch (error) {
    // Intl's one way to say that it does not know the name.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function refuse(param: string, rule: string): never {
  throw new Problem('invalid_request', `${param} ${rule}`, { param });
}

/** Throws Problem `invalid_request` that names the field. */
export function assertLimits(limits: LimitsBody): void {
  if (!isZone(limits.time_zone)) {
    refuse('limits.time_zone', 'must be a time zone such as UTC or Asia/Jakarta');
  }
  for (const [currency, bounds] of Object.entries(limits.amounts ?? {})) {
    const param = `limits.amounts.${currency}`;
    if (!isCurrency(currency)) refuse(param, 'must be an ISO 4217 code');
    const { payment_min: smallest = 0, payment_max: largest = Infinity } = bounds;
    if (smallest > largest) refuse(`${param}.payment_min`, 'is more than payment_max');
  }
}

/** The columns that tags and limits fill; what is left out stays. */
export function routingColumns({
  tags,
  limits,
}: {
  readonly tags?: readonly string[];
  readonly limits?: LimitsBody | null;
}): { readonly tags?: string; readonly limits?: string | null } {
  if (limits) assertLimits(limits);
  return {
    ...(tags && { tags: JSON.stringify(tags) }),
    ...(limits !== undefined && { limits: limits && JSON.stringify(limits) }),
  };
}
