/** The expectations written in a rules file, held against its rules. */
import { dotted, type Finding } from './document.ts';
import { seededRandom } from '../strategies/random.ts';
import { decide, type RoutingDecision } from './decide.ts';
import type { AccountView } from './facts.ts';
import type { Expectation, KnownAccount, Rules } from './rule.ts';

export interface TestResult {
  readonly name: string;
  readonly passed: boolean;
  /** One for each part that is otherwise than expected, at the place of the test. */
  readonly findings: readonly Finding[];
}

/** An account that can take anything, for trying rules out. */
export function ableAccount({ id, name, tags, weight }: KnownAccount): AccountView {
  return {
    id,
    name,
    tags,
    active: true,
    priority: 0,
    weight,
    capability: undefined,
    limits: { excluded: undefined, usedShare: 0, dayCount: 0 },
    health: 'usable',
    stats: { approved: 0, total: 0 },
  };
}

/** An account for each name in the rules, for when the real ones are not at hand. */
export function accountsNamed({ rules, fallback }: Rules): readonly AccountView[] {
  const all = fallback ? [...rules, fallback] : rules;
  const refs = all.flatMap(({ use }) => use.accounts);
  const named = new Set(refs.flatMap((ref) => (ref.kind === 'account' ? [ref.name] : [])));
  const tags = new Set(refs.flatMap((ref) => (ref.kind === 'tag' ? [ref.name] : [])));
  const plain = [...named].map((name) => ableAccount({ id: name, name, tags: [], weight: 1 }));
  const tagged = [...tags].map((tag) =>
    ableAccount({ id: `tag:${tag}`, name: `tag:${tag}`, tags: [tag], weight: 1 }),
  );
  return [...plain, ...tagged];
}

/**
 * Runs every test of the file; each begins with no history, so a test says what the first payment
 * would get. Without `accounts`, those that the rules name are taken as able to do everything.
 */
export function runTests(
  rules: Rules,
  accounts: readonly AccountView[] = accountsNamed(rules),
): readonly TestResult[] {
  return rules.tests.map((test) => {
    const views = accounts.map((account) =>
      names(account, test.unavailable) ? { ...account, health: 'unhealthy' as const } : account,
    );
    const random = seededRandom(test.name);
    const { decision } = decide(rules, test.payment, views, new Map(), random);
    const findings = differences(test, decision, views).map(([part, message]) => {
      const path = [...test.path, 'expect', part];
      return { place: rules.placeOf(path), key: dotted(path), message };
    });
    return { name: test.name, passed: findings.length === 0, findings };
  });
}

function names({ id, name }: AccountView, wanted: readonly string[]): boolean {
  return wanted.includes(id) || wanted.includes(name);
}

/** The part of the expectation, and how it was instead. */
function differences(
  { expect }: Expectation,
  decision: RoutingDecision,
  accounts: readonly AccountView[],
): (readonly [part: string, message: string])[] {
  const nameOf = (id: string) => accounts.find((one) => one.id === id)?.name ?? id;
  const order = decision.order.map(nameOf);
  // Ids are as good as names in an expectation.
  const named = (list: readonly string[]) => list.map(nameOf);
  const found: (readonly [string, string])[] = [];
  const tell = (part: string, wanted: string, got: string) => {
    if (wanted !== got) found.push([part, `expected ${wanted}, got ${got}`]);
  };
  if (expect.rule !== undefined) tell('rule', expect.rule, decision.rule ?? 'no rule');
  if (expect.strategy !== undefined) {
    tell('strategy', expect.strategy, decision.strategy ?? 'no strategy');
  }
  if (expect.account !== undefined) {
    tell('account', nameOf(expect.account), order[0] ?? 'no account');
  }
  if (expect.accounts) {
    tell('accounts', listed(named(expect.accounts).toSorted()), listed(order.toSorted()));
  }
  if (expect.order) tell('order', listed(named(expect.order)), listed(order));
  return found;
}

function listed(list: readonly string[]): string {
  return list.length === 0 ? 'no account' : list.join(', ');
}
