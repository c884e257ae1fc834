/**
 * An outage played through: payments come at a steady pace to three accounts under one rule, one of
 * the accounts has its troubles for a while, and everything that happens is counted.
 */
import { connectors } from '../../connectors/index.ts';
import { ManualClock, minute, second } from '../../core/base/clock.ts';
import { createPayment, type Caller } from '../../core/payments/create.ts';
import { recoverDue } from '../../core/payments/recovery.ts';
import { chargeBody, startTestSwitch, testNowMs, type TestSwitch } from '../support/app.ts';
import type { DatabasePlace } from '../support/databases.ts';
import { countUp, type Counted } from './count.ts';
import { paperProcessors, type Phase, type Trouble } from './processors.ts';
import { Timeline } from './timeline.ts';

export const accountNames = ['first', 'second', 'third'] as const;

export const strategies = {
  weighted_round_robin: `version: 1
rules: []
default:
  strategy: weighted_round_robin
  accounts: [first, second, third]
  weights: { first: 60, second: 30, third: 10 }
`,
  failover: `version: 1
rules: []
default: { strategy: failover, accounts: [first, second, third] }
`,
} as const;

export interface Plan {
  readonly strategy: keyof typeof strategies;
  readonly perSecond: number;
  readonly lastsMs: number;
  /** What `first` has, one after the other, from `outFromMs` on. */
  readonly troubles: readonly { readonly trouble: Trouble; readonly lastsMs: number }[];
  readonly outFromMs: number;
}

/** The breaker of the account that is out changed; times count from the beginning of the plan. */
export interface Turn {
  readonly atMs: number;
  /** `silent`: closed, but its calls wait and none is answered. */
  readonly state: 'closed' | 'silent' | 'open' | 'half_open';
}

/** A payment as its merchant was answered. */
export interface Told {
  readonly id: string;
  readonly atMs: number;
  readonly status: number;
}

export interface Played {
  readonly plan: Plan;
  readonly outToMs: number;
  readonly turns: readonly Turn[];
  readonly counted: Counted;
  /** How long after the last payment the last outcome was known. */
  readonly knownAfterMs: number;
  /** Authorizations that were sent, by account and by its trouble then. */
  readonly sent: Readonly<Record<string, number>>;
  readonly tookMs: number;
}

/** The recovery job runs this often here; what it asks has a schedule of its own. */
const recoverEveryMs = 5 * second;

export async function play(place: DatabasePlace, plan: Plan): Promise<Played> {
  const startedMs = performance.now();
  const time = new Timeline(new ManualClock(testNowMs));
  const phases = phasesOf(plan);
  const processors = paperProcessors(time, 'first', phases);
  const app = await startTestSwitch(place, {
    clock: time.clock,
    connectors: [...connectors, processors.connector],
    jobs: false,
  });
  try {
    const idOf = await setUp(app, plan);
    const { told, turns } = await payments(app, time, plan, idOf('first'));
    const endMs = time.clock.now();
    await untilEverythingIsKnown(app, time);
    const outToMs = (phases.at(-1)?.toMs ?? testNowMs) - testNowMs;
    const { booked, sent } = processors;
    const nameOf = new Map(accountNames.map((name) => [idOf(name), name]));
    const parts = { ...plan, outToMs, turns };
    return {
      plan,
      outToMs,
      turns,
      counted: await countUp(app.running.db, { told, booked, nameOf, parts }),
      knownAfterMs: time.clock.now() - endMs,
      sent: Object.fromEntries(sent),
      tookMs: performance.now() - startedMs,
    };
  } finally {
    await app.stop();
  }
}

function phasesOf({ outFromMs, troubles }: Plan): Phase[] {
  const phases: Phase[] = [];
  let fromMs = testNowMs + outFromMs;
  for (const { trouble, lastsMs } of troubles) {
    phases.push({ fromMs, toMs: fromMs + lastsMs, trouble });
    fromMs += lastsMs;
  }
  return phases;
}

/** Three accounts and the rule; answers how they are called inside. */
async function setUp(app: TestSwitch, { strategy }: Plan): Promise<(name: string) => string> {
  const ids = new Map<string, string>();
  for (const name of accountNames) {
    const body = { connector: 'paper', name, settings: { key: name } };
    const answer = await app.call('/v1/accounts', { body });
    if (answer.status !== 201) throw new Error(answer.text);
    ids.set(name, answer.body['id']);
  }
  const body = { rules: strategies[strategy] };
  const set = await app.call('/v1/routing', { method: 'PUT', body });
  if (set.status !== 200) throw new Error(set.text);
  return (name) => ids.get(name) ?? '';
}

async function payments(app: TestSwitch, time: Timeline, plan: Plan, outId: string) {
  const { desk } = app.running;
  const caller = callerOf(app);
  const told: Told[] = [];
  const turns: Turn[] = [];
  const startMs = time.clock.now();
  let state: Turn['state'] = 'closed';
  const look = () => {
    const { health } = desk.routing;
    const { silent } = health.waitingAt(outId);
    const { state: breaker } = health.figuresOf(outId);
    const now = silent && breaker === 'closed' ? 'silent' : breaker;
    if (now !== state) turns.push({ atMs: time.clock.now() - startMs, state: now });
    state = now;
  };
  const gapMs = second / plan.perSecond;
  let recoverAtMs = recoverEveryMs;
  for (let atMs = 0; atMs < plan.lastsMs; atMs += gapMs) {
    await time.passTo(startMs + atMs);
    look();
    if (atMs >= recoverAtMs) {
      await recoverDue(desk);
      recoverAtMs += recoverEveryMs;
    }
    const body = chargeBody({ amount: 1_000 + told.length }) as Parameters<typeof createPayment>[2];
    time.begin(async () => {
      const reply = await createPayment(desk, caller, body);
      const answer = reply.body as { id: string; payment?: { id: string } };
      told.push({ id: answer.payment?.id ?? answer.id, atMs, status: reply.status });
    });
  }
  while (time.underWay > 0) {
    await time.passTo(time.clock.now() + second);
    look();
  }
  return { told, turns };
}

function callerOf({ credentials }: TestSwitch): Caller {
  const { merchant_id: merchantId } = credentials;
  return {
    principal: {
      kind: 'secret',
      keyId: 'key_outage',
      merchantId,
      profileId: undefined,
      mode: 'sandbox',
      scopes: new Set(),
    },
    requestId: 'req_outage',
    slot: undefined,
  };
}

/** A minute at a time, until no operation is without its outcome. Throws after ten days of it. */
async function untilEverythingIsKnown({ running }: TestSwitch, time: Timeline): Promise<void> {
  const { db, desk } = running;
  for (let minutes = 0; minutes <= 14_400; minutes += 1) {
    const open = db.knex('operations').whereIn('state', ['calling', 'unknown', 'pending']);
    const [row] = await db.rows<{ id: string }>(open.select('id').limit(1));
    if (!row) return;
    await time.passTo(time.clock.now() + minute);
    await recoverDue(desk);
  }
  throw new Error('an operation has no outcome after ten days');
}
