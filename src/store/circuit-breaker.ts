/** `closed`: ask; `open`: do not ask, something else finds out when it is over. */
export type BreakerState = 'closed' | 'open';

/**
 * Counts failures in a row and says when to stop asking. Opening again soon after closing doubles the
 * pause, so that a server that is up but too slow is not asked all the time.
 */
export interface CircuitBreaker {
  readonly state: BreakerState;
  succeeded(): void;
  failed(): void;
  /** Opens it without a failure. */
  trip(): void;
  /** Pause before the next attempt to find out, in milliseconds. */
  readonly pauseMs: number;
  close(): void;
}

export type CircuitBreakerOptions = {
  /** Failures in a row that open it. */
  readonly threshold: number;
  readonly minPauseMs: number;
  readonly maxPauseMs: number;
  readonly onChange: (state: BreakerState) => void;
};

/** A {@link CircuitBreaker}, closed. */
export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  let state: BreakerState = 'closed';
  let failures = 0;
  let pauseMs = options.minPauseMs;
  const change = (next: BreakerState): void => {
    if (next === state) return;
    state = next;
    options.onChange(next);
  };
  return {
    get state() {
      return state;
    },
    get pauseMs() {
      return pauseMs;
    },
    succeeded() {
      failures = 0;
      pauseMs = options.minPauseMs;
    },
    failed() {
      failures += 1;
      if (failures >= options.threshold) change('open');
    },
    trip() {
      change('open');
    },
    close() {
      // The next failure opens it at once, after a longer pause; a success forgets that.
      failures = options.threshold - 1;
      pauseMs = Math.min(pauseMs * 2, options.maxPauseMs);
      change('closed');
    },
  };
}
