/** How the accounts do, for Prometheus: asked of the health book whenever somebody scrapes. */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { HealthBook } from '../routing/health-book.ts';

const states = ['closed', 'open', 'half_open'] as const;
const outcomes = ['approved', 'declined', 'failed'] as const;

/** Registers the gauges of the accounts that were called since the start. */
export function watchAccounts(registry: Registry, health: HealthBook): void {
  const registers = [registry];
  watchSilence(registry, health);
  const breaker: Gauge = new Gauge({
    name: 'pointsman_account_breaker',
    help: '1 for the state the breaker of the account is in, as this node sees it.',
    labelNames: ['account', 'state'],
    registers,
    collect: () => {
      for (const account of health.accountIds) {
        const { state } = health.figuresOf(account);
        for (const each of states) breaker.set({ account, state: each }, each === state ? 1 : 0);
      }
    },
  });
  const calls: Gauge = new Gauge({
    name: 'pointsman_account_window_calls',
    help: 'Calls in the window that the breaker looks at, by how they ended.',
    labelNames: ['account', 'outcome'],
    registers,
    collect: () => {
      for (const account of health.accountIds) {
        const figures = health.figuresOf(account);
        for (const outcome of outcomes) calls.set({ account, outcome }, figures[outcome]);
      }
    },
  });
  const latency: Gauge = new Gauge({
    name: 'pointsman_account_window_latency_seconds',
    help: 'Mean time to an answer in that window.',
    labelNames: ['account'],
    registers,
    collect: () => {
      for (const account of health.accountIds) {
        latency.set({ account }, (health.figuresOf(account).latencyMs ?? 0) / 1000);
      }
    },
  });
  const approvals: Gauge = new Gauge({
    name: 'pointsman_account_approval_ratio',
    help: 'Approved authorizations of those answered, over a day; absent without any.',
    labelNames: ['account'],
    registers,
    collect: () => {
      for (const account of health.accountIds) {
        const { approved, total } = health.statsOf(account);
        if (total > 0) approvals.set({ account }, approved / total);
      }
    },
  });
}

/** Accounts that take calls and answer none. */
function watchSilence(registry: Registry, health: HealthBook): void {
  const silent: Gauge = new Gauge({
    name: 'pointsman_account_silent',
    help: '1 while calls of the account wait and none is answered, so that it gets no payments.',
    labelNames: ['account'],
    registers: [registry],
    collect: () => {
      for (const account of health.accountIds) {
        silent.set({ account }, health.waitingAt(account).silent ? 1 : 0);
      }
    },
  });
}

/** Payments that went on to another account, and why. */
export function failoverCounter(registry: Registry): (from: string, reason: string) => void {
  const counter = new Counter({
    name: 'pointsman_failovers_total',
    help: 'Authorizations that were tried again at another account, by the account they left.',
    labelNames: ['account', 'reason'] as const,
    registers: [registry],
  });
  return (account, reason) => counter.inc({ account, reason });
}
