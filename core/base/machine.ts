/**
 * State machines as data: a table of state → event → state, checked when it is loaded.
 * There are no callbacks in the table; effects stand in the verbs, in reading order.
 */
import { invariant } from './assert.ts';

type Table = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Every target is a state of the table itself: a misspelt one does not compile. */
type Closed<T extends Table> = { readonly [S in keyof T]: { readonly [E in keyof T[S]]: keyof T } };

type StateOf<T extends Table> = keyof T & string;
type EventOf<T extends Table> = { [S in keyof T]: keyof T[S] & string }[keyof T];

export interface Machine<State extends string, Event extends string> {
  readonly name: string;
  readonly initial: State;
  readonly states: readonly State[];
  /** The state after `event`, or undefined when the table has no such move. */
  next(from: State, event: Event): State | undefined;
  /** The events that `from` allows, in table order. */
  allowed(from: State): readonly Event[];
  terminal(state: State): boolean;
  /** The table as a Mermaid diagram, for docs/states.md. */
  toMermaid(): string;
}

/** Throws when loaded with a state nobody can reach: a table with a typo never serves. */
export function defineMachine<const T extends Table>(definition: {
  name: string;
  initial: StateOf<NoInfer<T>>;
  states: T & Closed<T>;
}): Machine<StateOf<T>, EventOf<T>> {
  type State = StateOf<T>;
  type Event = EventOf<T>;
  const { name, initial } = definition;
  const states: Table = definition.states;
  const moves = (from: State) => Object.entries(states[from] ?? {}) as [Event, State][];
  const names = Object.keys(states) as State[];

  const reached = new Set<State>([initial]);
  for (const state of reached) for (const [, target] of moves(state)) reached.add(target);
  for (const state of names) invariant(reached.has(state), `${name}: no way into "${state}"`);
  for (const state of reached) {
    invariant(state in states, `${name}: "${state}" is not in the table`);
  }

  return {
    name,
    initial,
    states: names,
    next(from, event) {
      const row = states[from] ?? {};
      return Object.hasOwn(row, event) ? row[event] : undefined;
    },
    allowed: (from) => moves(from).map(([event]) => event),
    terminal: (state) => moves(state).length === 0,
    toMermaid() {
      const lines = ['stateDiagram-v2', `  [*] --> ${initial}`];
      for (const from of names) {
        for (const [event, to] of moves(from)) lines.push(`  ${from} --> ${to}: ${event}`);
        if (moves(from).length === 0) lines.push(`  ${from} --> [*]`);
      }
      return lines.join('\n');
    },
  };
}
