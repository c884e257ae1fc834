/**
 * Crashes on purpose. One process serves a whole list of moves and dies at the last one, exactly at
 * the failpoint; the moves before it are left at the very same place on disk and at the processor,
 * by losing their requests or keeping their answers back. So one boot crashes them all, and a move
 * that skips the failpoint (or passes it twice) is noticed: the process dies too late or too early.
 */
import type { FailpointName } from '../../core/base/failpoint.ts';
import type { Gate } from './gate.ts';
import { make, type Case, type Heard } from './operations.ts';
import type { SwitchProcess } from './switch-process.ts';

export type Start = (failpoint?: {
  readonly name: FailpointName;
  readonly nth: number;
}) => Promise<SwitchProcess>;

/** What the client heard before the process died: nothing, but for moves that were through. */
export type HeardBefore = ReadonlyMap<Case, Heard>;

/** Starts a process, makes the moves in order and sees it die at the last one's `name`. */
export async function crashAt(
  name: FailpointName,
  cases: readonly Case[],
  start: Start,
  gate: Gate,
): Promise<HeardBefore> {
  const heard = new Map<Case, Heard>();
  const last = cases.at(-1);
  if (!last) throw new Error('a round has moves');
  // Nothing is on disk before the intention, and one answer is all that is let through: the first
  // pass is the last move's. At the other points every move passes.
  const nth = name === 'before_intention' || name === 'after_answer' ? 1 : cases.length;
  const running = await start({ name, nth });
  const lost: Promise<void>[] = [];
  try {
    for (const each of cases.slice(0, -1)) {
      if (name === 'before_intention') break;
      gate.mode = name === 'after_intention' ? 'lost' : 'silent';
      if (name === 'after_outcome') {
        gate.mode = 'open';
        heard.set(each, await make(running, each));
        continue;
      }
      const before = gate.count;
      lost.push(neverAnswered(running, each));
      await alive(running, gate.reached(before + 1), each);
    }
    gate.mode = 'open';
    // All at once, where whoever comes first kills the process for all.
    const together = name === 'before_intention' ? cases : [last];
    lost.push(...together.map((each) => neverAnswered(running, each)));
    await Promise.all(lost);
    await killedByItself(running, name);
  } finally {
    gate.mode = 'open';
    await running.kill();
  }
  return heard;
}

/** Makes the moves one after another in one process; answers which one it died at. */
export async function dyingMove(
  name: FailpointName,
  cases: readonly Case[],
  start: Start,
): Promise<string | undefined> {
  const running = await start({ name, nth: cases.length });
  try {
    for (const each of cases) {
      const answer = await make(running, each).catch(() => undefined);
      if (!answer) return each.move.name;
    }
    return undefined;
  } finally {
    await running.kill();
  }
}

/** Throws when the client hears anything at all. */
async function neverAnswered(running: SwitchProcess, each: Case): Promise<void> {
  const answer = await make(running, each).catch(() => undefined);
  if (answer) throw new Error(`${each.move.name} was answered: ${answer.status} ${answer.text}`);
}

async function alive(running: SwitchProcess, done: Promise<void>, each: Case): Promise<void> {
  const died = await Promise.race([done.then(() => false), running.ended.then(() => true)]);
  if (died) throw new Error(`the switch died early, at ${each.move.name}`);
}

async function killedByItself(running: SwitchProcess, name: FailpointName): Promise<void> {
  const { signal, code } = await running.ended;
  if (signal !== 'SIGKILL') throw new Error(`${name}: ended by ${signal ?? code}, not by SIGKILL`);
}
