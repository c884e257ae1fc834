/** A limit on how many exchanges run at once; the others wait in the order they came. */

export interface Gate {
  /** Resolves true when it is the caller's turn, false when `signal` fired first. */
  enter(signal: AbortSignal): Promise<boolean>;
  /** Gives the turn back; called exactly once for every `enter` that resolved true. */
  leave(): void;
}

/** A gate that lets `limit` callers through at a time. */
export function createGate(limit: number): Gate {
  // A Set keeps the order of arrival and forgets one who gave up without shifting the rest.
  const waiting = new Set<() => void>();
  let inside = 0;

  return {
    async enter(signal) {
      if (signal.aborted) return false;
      if (inside < limit) {
        inside += 1;
        return true;
      }
      return new Promise((resolve) => {
        const giveUp = () => {
          waiting.delete(turn);
          resolve(false);
        };
        const turn = () => {
          signal.removeEventListener('abort', giveUp);
          resolve(true);
        };
        waiting.add(turn);
        signal.addEventListener('abort', giveUp, { once: true });
      });
    },

    leave() {
      const [next] = waiting;
      if (!next) {
        inside -= 1;
        return;
      }
      // The place passes from one to the next: `inside` stays the same.
      waiting.delete(next);
      next();
    },
  };
}
