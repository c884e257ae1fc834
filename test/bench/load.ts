/** Two ways to load a server: as much as it takes, and a given rate whatever it does. */
import { withConnections } from './client.ts';
import type { NextRequest } from './requests.ts';

export interface LoadOptions {
  readonly url: string;
  readonly next: NextRequest;
  readonly seconds: number;
  readonly width: number;
}

export interface Throughput {
  readonly count: number;
  readonly perSecond: number;
}

export interface Latency {
  readonly count: number;
  readonly ratePerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
}

export class Refused extends Error {
  override name = 'Refused';
}

function expectSuccess(status: number): void {
  if (status < 200 || status > 201) throw new Refused(`the server answered ${status}`);
}

/** Closed loop: `width` connections, each with its next request as soon as it has an answer. */
export function saturate({ url, next, seconds, width }: LoadOptions): Promise<Throughput> {
  return withConnections(url, width, async (connections) => {
    let count = 0;
    const startedMs = performance.now();
    const endMs = startedMs + seconds * 1000;
    await Promise.all(
      connections.map(
        (connection) =>
          new Promise<void>((resolve) => {
            const answered = (status: number) => {
              expectSuccess(status);
              count += 1;
              if (performance.now() < endMs) connection.send(next(), answered);
              else resolve();
            };
            connection.send(next(), answered);
          }),
      ),
    );
    return { count, perSecond: (count * 1000) / (performance.now() - startedMs) };
  });
}

/**
 * Open loop: Poisson arrivals at a fixed rate. A request's time runs from when it was due, also
 * when it had to wait for a connection or for this process, so that a stall of the server is felt
 * by everyone who would have come meanwhile. Timers fire once a millisecond: up to 1 ms is the
 * load's.
 */
export function arrive(
  { url, next, seconds, width }: LoadOptions,
  ratePerSecond: number,
): Promise<Latency> {
  return withConnections(url, width, async (connections) => {
    const idle = [...connections];
    const due: number[] = [];
    const tookMs: number[] = [];
    const startedMs = performance.now();
    const endMs = startedMs + seconds * 1000;
    let nextMs = startedMs;
    let underWay = 0;
    const dispatch = () => {
      while (due.length > 0 && idle.length > 0) {
        const connection = idle.pop();
        const dueMs = due.shift() ?? 0;
        underWay += 1;
        connection?.send(next(), (status) => {
          expectSuccess(status);
          tookMs.push(performance.now() - dueMs);
          underWay -= 1;
          idle.push(connection);
          dispatch();
        });
      }
    };
    await new Promise<void>((resolve) => {
      const ticker = setInterval(() => {
        const now = performance.now();
        for (; nextMs <= now && nextMs < endMs; nextMs += gapMs(ratePerSecond)) due.push(nextMs);
        dispatch();
        if (nextMs < endMs || due.length > 0 || underWay > 0) return;
        clearInterval(ticker);
        resolve();
      }, 1);
    });
    return { count: tookMs.length, ratePerSecond, ...percentilesOf(tookMs) };
  });
}

function gapMs(ratePerSecond: number): number {
  return (-Math.log(1 - Math.random()) * 1000) / ratePerSecond;
}

function percentilesOf(values: readonly number[]) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), p999Ms: at(0.999) };
}
