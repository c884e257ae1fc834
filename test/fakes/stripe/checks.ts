/** Every request is held against both contract documents; what they may disagree on has a name. */
import type { ContractChecker, Objection, StripeContracts } from '../contracts.ts';
import { invalid, missing, type Problem } from './problem.ts';

export interface Violation extends Objection {
  readonly document: 'current' | 'older' | 'transport' | 'rules';
  /** Bad practice that Stripe would answer all the same. */
  readonly tolerated?: true;
}

interface Exception {
  readonly document: 'current' | 'older';
  /** Parameter path, as an objection names it. */
  readonly parameter: RegExp;
  readonly path?: RegExp;
  readonly reason: string;
}

/** Where a document is not to be believed, each with the reason. Nothing else is let through. */
export const exceptions: readonly Exception[] = [
  {
    document: 'current',
    parameter: /^client_secret$/,
    path: /\/confirm$/,
    reason: "Stripe.js sends it; the server library's types, which this document is from, do not",
  },
  {
    document: 'older',
    parameter: /^(?:allowed|excluded)_payment_method_types(?:\.\d+)?$/,
    reason: 'successors of payment_method_types, newer than 2023',
  },
  {
    document: 'older',
    parameter: /^api_version$/,
    path: /^\/v1\/webhook_endpoints/,
    reason: 'the versions after 2023-08-16 were not known then; the current document has the list',
  },
  {
    document: 'older',
    parameter: /^enabled_events\.\d+$/,
    path: /^\/v1\/webhook_endpoints/,
    reason: 'event types such as refund.failed were added; the current document has the list',
  },
  {
    document: 'older',
    parameter:
      /^(?:confirmation_token|allow_redisplay|(?:payment|amount)_details|amount_to_confirm)$/,
    reason: 'newer than 2023',
  },
  {
    document: 'older',
    parameter: /^intended_submission_method$/,
    path: /^\/v1\/disputes\//,
    reason: 'newer than 2023',
  },
];

export interface CheckedRequest {
  readonly method: string;
  /** With the query. */
  readonly target: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** `key` carries the browser's publishable key: authentication, not a parameter. */
export function withoutKey(form: string): string {
  return form
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('key='))
    .join('&');
}

function objections(
  document: 'current' | 'older',
  checker: ContractChecker,
  { method, target, path, body }: CheckedRequest,
): Violation[] {
  const [, query = ''] = target.split('?');
  const withQuery = `${path}?${withoutKey(query)}`;
  const found = checker.request(method, withQuery.replace(/\?$/, ''), withoutKey(body));
  const excused = (parameter: string): boolean =>
    exceptions.some(
      (it) =>
        it.document === document &&
        it.parameter.test(parameter) &&
        (it.path === undefined || it.path.test(path)),
    );
  return found.filter((it) => !excused(it.path)).map((it) => ({ ...it, document }));
}

/** What is wrong with the request by itself, contracts or not. */
export function transportViolations(request: CheckedRequest, browser: boolean): Violation[] {
  const found: Violation[] = [];
  const say = (path: string, message: string): void => {
    found.push({ document: 'transport', path, message });
  };
  const type = request.headers['content-type'] ?? '';
  if (request.body !== '' && !type.startsWith('application/x-www-form-urlencoded')) {
    say('Content-Type', `a form is expected, not ${type || 'nothing'}`);
  }
  if (request.body !== '' && request.method !== 'POST') say('body', 'only POST has a body');
  // Without it the account's own version answers, whatever that is.
  if (!browser && request.headers['stripe-version'] === undefined) {
    const message = 'the API version is not pinned';
    found.push({ document: 'transport', path: 'Stripe-Version', message, tolerated: true });
  }
  return found;
}

/** Both documents' objections to the request; [] when there is none, or no document. */
export function contractViolations(
  contracts: StripeContracts | undefined,
  request: CheckedRequest,
): Violation[] {
  if (!contracts) return [];
  const version = request.headers['stripe-version'];
  const unknown: Violation[] =
    version === undefined || contracts.apiVersions.includes(version)
      ? []
      : [{ document: 'transport', path: 'Stripe-Version', message: `no version ${version}` }];
  return [
    ...unknown,
    ...objections('current', contracts.current, request),
    ...objections('older', contracts.older, request),
  ];
}

/** `card.number` → `card[number]`, as Stripe names a parameter. */
function bracketed(path: string): string {
  const [first = '', ...rest] = path.split('.');
  return first + rest.map((step) => `[${step}]`).join('');
}

/** Stripe's answer to the first violation; undefined when it would answer normally. */
export function refusalOf(violations: readonly Violation[]): Problem | undefined {
  const depth = ({ path }: Violation): number => path.split('.').length;
  const graves = violations.filter((it) => !it.tolerated);
  // The innermost names the parameter; those around it only follow from it.
  const [grave] = graves.sort((a, b) => depth(b) - depth(a));
  if (!grave) return undefined;
  const param = bracketed(grave.path);
  if (grave.message === 'unknown parameter') {
    return invalid(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param });
  }
  if (grave.message.startsWith('must have required')) return missing(param);
  if (grave.message === 'must be integer') {
    return invalid(`Invalid integer: ${param}`, { code: 'parameter_invalid_integer', param });
  }
  return invalid(`Invalid ${param}: ${grave.message}`, { param });
}
