/**
 * A connector whose processor keeps customers and methods, in memory: for what is said about
 * set-ups. Tests tell it what to fail at, and play the customer who finishes in the browser.
 */
import { Type, type Static } from 'typebox';
import { connectors } from '../../connectors/index.ts';
import {
  defineConnector,
  Fault,
  Secret,
  type AnyConnector,
  type FaultKind,
  type SavedMethod,
  type SetupOutcome,
} from '../../core/sdk/index.ts';

const Ref = Type.Object({ setup: Type.String() });
type Ref = Static<typeof Ref>;

type Verb = 'customer' | 'create' | 'sync' | 'cancel' | 'forget';

export interface Keeper {
  readonly connector: AnyConnector;
  /** Every call it got, in order: `create seti_…`. */
  readonly calls: string[];
  readonly forgotten: string[];
  /** The next call of this kind ends in a fault; `done`: after it was carried out. */
  fail(verb: Verb, kind: FaultKind, more?: { done?: boolean; times?: number }): void;
  /** The customer finishes in the browser, or his card is declined there. */
  finish(setupId: string, how: 'succeeded' | 'declined'): void;
  /** Runs while a call is on its way. */
  during(verb: Verb, act: () => Promise<void>): void;
}

const declined = {
  code: 'do_not_honor',
  advice: 'fix_input',
  processorCode: '05',
  message: 'the bank declined the card',
} as const;

class Processor {
  readonly customers = new Map<string, string>();
  readonly setups = new Map<string, SetupOutcome<Ref>>();
  readonly calls: string[] = [];
  readonly forgotten: string[] = [];
  readonly faults: { verb: Verb; kind: FaultKind; done: boolean }[] = [];
  readonly acts = new Map<Verb, () => Promise<void>>();

  /** One call: noted, failed before or after it was carried out if that was asked for. */
  async carryOut<T>(verb: Verb, about: string, act: () => T): Promise<T> {
    this.calls.push(`${verb} ${about}`);
    const at = this.faults.findIndex((fault) => fault.verb === verb);
    const [fault] = at === -1 ? [] : this.faults.splice(at, 1);
    if (fault && !fault.done) throw new Fault(fault.kind, 'as the test asked for');
    const result = act();
    const meanwhile = this.acts.get(verb);
    this.acts.delete(verb);
    await meanwhile?.();
    if (fault) throw new Fault(fault.kind, 'as the test asked for, after it was done');
    return result;
  }
}

function saved(token: string, customer: string): SavedMethod {
  return {
    token: new Secret(token),
    customerReference: customer,
    instrument: { type: 'card', brand: 'visa', last4: '4242', exp_month: 12, exp_year: 2034 },
  };
}

export function methodKeeper(): Keeper {
  const processor = new Processor();
  const { setups, customers } = processor;
  const connector = defineConnector({
    id: 'method-keeper',
    name: 'Keeps methods',
    settings: Type.Object({}, { additionalProperties: false }),
    ref: Ref,
    replayWindowMs: 86_400_000,
    sandboxOnly: true,
    methods: {},
    operations: {
      authorize: async () => {
        throw new Fault('rejected', 'it only keeps methods');
      },
      sync: async () => 'not_found' as const,
    },
    customers: {
      create: (_context, { customerId }) =>
        processor.carryOut('customer', customerId, () => {
          const reference = customers.get(customerId) ?? `pc_${customers.size + 1}`;
          customers.set(customerId, reference);
          return reference;
        }),
    },
    setups: {
      create: (_context, { setupId, method, customerReference }) =>
        processor.carryOut('create', setupId, () => {
          const ref = { setup: `ps_${setupId}` };
          const token = method.type === 'token' ? method.token.reveal() : undefined;
          const outcome: SetupOutcome<Ref> =
            token === undefined
              ? { status: 'pending', ref, nextAction: nextAction(ref.setup) }
              : token === 'tok_declined'
                ? { status: 'declined', ref, ...declined }
                : { status: 'succeeded', ref, saved: saved(`kept_${token}`, customerReference) };
          setups.set(setupId, outcome);
          return outcome;
        }),
      sync: (_context, { setupId }) =>
        processor.carryOut('sync', setupId, () => setups.get(setupId) ?? 'not_found'),
      cancel: (_context, { setupId, ref }) =>
        processor.carryOut('cancel', setupId, () => {
          const cancelled = { status: 'cancelled', ref } as const;
          setups.set(setupId, cancelled);
          return cancelled;
        }),
      forget: (_context, { token }) =>
        processor.carryOut('forget', '', () => void processor.forgotten.push(token.reveal())),
    },
  });
  return {
    connector,
    calls: processor.calls,
    forgotten: processor.forgotten,
    fail: (verb, kind, { done = false, times = 1 } = {}) => {
      for (let count = 0; count < times; count += 1) processor.faults.push({ verb, kind, done });
    },
    finish: (setupId, how) => {
      const ref = { setup: `ps_${setupId}` };
      setups.set(
        setupId,
        how === 'succeeded'
          ? { status: 'succeeded', ref, saved: saved(`kept_in_browser_${setupId}`, 'pc_1') }
          : { status: 'pending', ref, nextAction: nextAction(ref.setup), lastDecline: declined },
      );
    },
    during: (verb, act) => void processor.acts.set(verb, act),
  };
}

/** The one secret that no event, list or log may show. */
export const keeperSecret = 'browser-secret-of-the-test';

function nextAction(reference: string) {
  return {
    type: 'confirm_in_browser',
    processor: 'method-keeper',
    reference,
    publishable_key: 'pk_keeper',
    client_secret: new Secret(keeperSecret),
  } as const;
}

/** The connectors that come with the switch, and one that keeps methods: examples need it. */
export function keepingConnectors(): readonly AnyConnector[] {
  return [...connectors, methodKeeper().connector];
}
