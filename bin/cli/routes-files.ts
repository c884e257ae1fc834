/** `routes lint`, `test`, `diff`: rules as files, without a server. */
import {
  ableAccount,
  diff,
  lineOf,
  lint,
  parseRules,
  runTests,
  type LintFinding,
  type RulesDiff,
  type TestResult,
} from '../../core/wiring/routing-tools.ts';
import { define, option, type Parent, type Session } from './define.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { clean } from './render.ts';
import { accountsAt, rulesOfFile, textOfFile, usualFile } from './rules-file.ts';

const fileArgument = ['a rules file; default: the one of the configuration; - for stdin'];
const serverOption = () =>
  option('--server', 'hold names, tags and weights against the accounts of the server');

export function addRulesFiles(routes: Parent): void {
  define<{ server?: boolean }>(routes, {
    usage: 'lint [file]',
    summary: 'Say what is wrong in a rules file, and what most likely is',
    arguments: fileArgument,
    options: [serverOption()],
    examples: ['routes lint routing.yaml', 'routes lint routing.yaml --server'],
    run: lintFile,
  });
  define<{ server?: boolean }>(routes, {
    usage: 'test [file]',
    summary: 'Run the tests that stand in a rules file',
    arguments: fileArgument,
    options: [serverOption()],
    examples: ['routes test routing.yaml'],
    run: testFile,
  });
  define(routes, {
    usage: 'diff <before> <after>',
    summary: 'Tell which rules another file changes, and for which of its tests’ payments',
    arguments: ['a rules file', 'another one'],
    examples: ['routes diff routing.yaml new.yaml'],
    run: diffFiles,
  });
}

async function knownAt(session: Session, server: boolean | undefined) {
  return server ? accountsAt(session.api()) : undefined;
}

async function lintFile(
  session: Session,
  { server }: { server?: boolean },
  named?: string,
): Promise<ExitCode> {
  const file = named ?? usualFile(session);
  const text = await textOfFile(session, file);
  const accounts = await knownAt(session, server);
  const { rules, findings: wrong } = parseRules(text, file);
  const findings: readonly LintFinding[] = rules
    ? lint(rules, accounts ? { accounts } : {})
    : wrong.map((one) => ({ level: 'error', ...one }));
  const errors = findings.filter(({ level }) => level === 'error').length;
  const lines = findings.map((one) => clean(`${one.level}: ${lineOf(one)}`));
  const sum =
    findings.length === 0
      ? `${file} is in order.`
      : `${counted(errors, 'error')}, ${counted(findings.length - errors, 'warning')}`;
  const version = rules?.version ?? null;
  session.print({ file, version, findings }, `${[...lines, sum].join('\n')}\n`);
  return errors > 0 ? exitCodes.refused : exitCodes.done;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

async function testFile(
  session: Session,
  { server }: { server?: boolean },
  named?: string,
): Promise<ExitCode> {
  const file = named ?? usualFile(session);
  const rules = await rulesOfFile(session, file);
  const accounts = await knownAt(session, server);
  const results = runTests(rules, accounts?.map(ableAccount));
  const failed = results.filter(({ passed }) => !passed).length;
  const sum = `${counted(results.length, 'test')}, ${failed} failed`;
  session.print(
    { file, version: rules.version, tests: results },
    `${results.map(resultText).join('')}${sum}\n`,
  );
  return failed > 0 ? exitCodes.refused : exitCodes.done;
}

function resultText({ name, passed, findings }: TestResult): string {
  const lines = findings.map((one) => `      ${clean(lineOf(one))}\n`);
  return `${passed ? 'ok  ' : 'FAIL'}  ${clean(name)}\n${lines.join('')}`;
}

async function diffFiles(
  session: Session,
  _options: unknown,
  before = '',
  after = '',
): Promise<void> {
  const [old, now] = [await rulesOfFile(session, before), await rulesOfFile(session, after)];
  const tests = [...old.tests, ...now.tests];
  const found = diff(
    old,
    now,
    tests.map(({ payment }) => payment),
  );
  const moves = found.moves.map(({ sample, ...move }) => ({
    test: tests[sample]?.name ?? '',
    ...move,
  }));
  session.print({ ...found, moves }, diffText(found, moves));
}

function diffText(
  { versions: [before, after], rules }: RulesDiff,
  moves: readonly {
    readonly test: string;
    readonly from: string | null;
    readonly to: string | null;
    readonly treatedOtherwise: boolean;
  }[],
): string {
  if (before === after) return `Both decide the same (version ${after}).\n`;
  const changes = rules.map(({ rule, change, parts }) => {
    const what = parts.length === 0 ? '' : `: ${parts.join(', ')}`;
    return `  ${change.padEnd(7)}  "${clean(rule)}"${what}\n`;
  });
  const moved = moves.map(({ test, from, to, treatedOtherwise }) => {
    const same = treatedOtherwise ? '' : ' (treated the same)';
    return `  "${clean(test)}": ${from ?? 'nothing'} → ${to ?? 'nothing'}${same}\n`;
  });
  const head = `${before} → ${after}\n${changes.join('')}`;
  return moved.length === 0 ? head : `${head}Payments of the tests:\n${moved.join('')}`;
}
