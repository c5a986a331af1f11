/** One circuit: closed (calls pass), open (none do, for a while), half open (one call tries, the rest do not pass). */

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 60_000;
/** What callers are told to wait while another one tries. */
const TRIAL_WAIT_MS = 1_000;

export type CircuitState = 'closed' | 'open' | 'half_open';

/** What a call that has passed says about whoever is behind the circuit. */
export type Verdict = 'success' | 'failure' | 'neither';

export interface CircuitOptions {
  /** Failures in a row that open it; `Infinity` for one that is opened by `open` alone. */
  readonly failuresToOpen: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly onChange: (from: CircuitState, to: CircuitState) => void;
}

export class Circuit {
  readonly #options: CircuitOptions;
  #state: CircuitState = 'closed';
  #failures = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #openUntil = 0;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Milliseconds until a call may pass; 0 when one may now. */
  waitMs(): number {
    if (this.#state === 'closed') return 0;
    return this.#state === 'half_open' ? TRIAL_WAIT_MS : Math.max(0, this.#openUntil - this.#options.now());
  }

  /** Lets one call pass, which `waitMs` has allowed. True when it is the trial, on which the circuit now depends. */
  enter(): boolean {
    if (this.#state === 'closed') return false;
    this.#become('half_open');
    return true;
  }

  /**
   * Takes note of how a call ended that has passed.
   * @param isTrial what `enter` has said; of the others only those count that end while the circuit is closed
   * @returns whether this opened the circuit
   */
  settle(isTrial: boolean, verdict: Verdict): boolean {
    if (isTrial) return this.#settleTrial(verdict);
    if (this.#state !== 'closed' || verdict === 'neither') return false;
    this.#failures = verdict === 'failure' ? this.#failures + 1 : 0;
    if (this.#failures < this.#options.failuresToOpen) return false;
    this.open();
    return true;
  }

  open(): void {
    this.#openUntil = this.#options.now() + this.#pauseMs;
    this.#become('open');
  }

  #settleTrial(verdict: Verdict): boolean {
    if (verdict === 'failure') {
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
      this.open();
      return true;
    }
    if (verdict === 'neither') {
      // The next call may try at once.
      this.#openUntil = this.#options.now();
      this.#become('open');
      return false;
    }
    this.#failures = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#become('closed');
    return false;
  }

  #become(state: CircuitState): void {
    const from = this.#state;
    this.#state = state;
    if (from !== state) this.#options.onChange(from, state);
  }
}
