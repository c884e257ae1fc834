/**
 * Runs backtests beside the payments, one at a time. Each in a process of its own, of lower
 * priority: it wants a whole processor for seconds, and payments shall not notice.
 */
import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Problem } from '../../sdk/problem.ts';
import type { Place } from '../../storage/index.ts';
import type { Errand, Reply } from './child.ts';
import type { BacktestReport, BacktestRequest } from './run.ts';

/** Compiled it is JavaScript, in the same folder. */
const program = fileURLToPath(new URL(`./child${extname(import.meta.url)}`, import.meta.url));

/** One runs and these wait; a million decisions take some five seconds. */
const waitingMax = 4;

/** What it needs is a page of decisions and sums: far less. */
const memoryMb = 512;

export class Backtester {
  readonly #place: Place;
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Throws Problem `rate_limited` when too many are waiting, Error when it broke. */
  async run(request: BacktestRequest): Promise<BacktestReport> {
    if (this.#count > waitingMax) {
      throw new Problem('rate_limited', 'other backtests are running: ask again', {
        headers: { 'retry-after': '10' },
      });
    }
    this.#count += 1;
    const begin = () => ask({ place: this.#place, request });
    const running = this.#last.then(begin, begin);
    this.#last = running;
    try {
      return await running;
    } finally {
      this.#count -= 1;
    }
  }
}

function ask(errand: Errand): Promise<BacktestReport> {
  const child = fork(program, [], {
    execArgv: [...process.execArgv, `--max-old-space-size=${memoryMb}`],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // A switch that stops does not wait for it; the child ends with the connection.
  child.unref();
  child.channel?.unref();
  return new Promise((resolve, reject) => {
    child.once('message', (reply: Reply) => {
      if ('report' in reply) resolve(reply.report);
      else reject(new Error(`the backtest failed: ${reply.error}`));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(new Error(`the backtest ended with ${signal ?? code}`));
    });
    child.send(errand);
  });
}
